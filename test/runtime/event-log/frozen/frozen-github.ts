import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';

/** The responses of GitHub's API, as they were. */
export interface FrozenResponses {
  /** Oldest first. */
  readonly deployments: readonly FrozenDeployment[];
  /** By deployment. */
  readonly statuses: Readonly<Record<string, readonly unknown[]>>;
}

interface FrozenDeployment {
  readonly id: number;
  readonly environment: string;
  readonly sha: string;
  readonly task: string;
}

/** Serves frozen responses, and refuses to write. */
export class FrozenGithub {
  public static async start(responses: FrozenResponses): Promise<FrozenGithub> {
    const frozen = new FrozenGithub(responses);
    await new Promise<void>((done) => frozen.server.listen(0, '127.0.0.1', done));
    return frozen;
  }

  private readonly server: Server;

  private constructor(private readonly responses: FrozenResponses) {
    this.server = createServer(({ method, url = '' }, response) => {
      const found = method === 'GET' ? this.find(new URL(url, 'http://127.0.0.1')) : undefined;
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(found ?? { message: 'Not Found' }));
    });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private find({ pathname, searchParams }: URL): readonly unknown[] | undefined {
    const [, id] = /\/deployments\/(\d+)\/statuses$/.exec(pathname) ?? [];
    if (id !== undefined) return this.responses.statuses[id];
    if (!pathname.endsWith('/deployments')) return undefined;
    const asked = (['environment', 'sha', 'task'] as const).filter((name) => searchParams.has(name));
    return [...this.responses.deployments].reverse().filter((one) => asked.every((name) => one[name] === searchParams.get(name)));
  }
}
