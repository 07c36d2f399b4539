import { createServer, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';

/** One response of a service that means harm. */
export interface HostileResponse {
  readonly status: number;
  /** What it says it is. */
  readonly version: string;
  /** Instead of JSON. */
  readonly body?: string;
  /** Bytes of headers are Latin-1, and none is a control character: others cannot be sent. */
  readonly header?: string;
  readonly location?: string;
}

/** Gives each request the next of its responses, then over again; with none left it is well, and says the version that is `good`. */
export class HostileService {
  public static async start(): Promise<HostileService> {
    const service = new HostileService();
    await new Promise<void>((ready) => service.server.listen(0, '127.0.0.1', ready));
    return service;
  }

  public responses: readonly HostileResponse[] = [];
  public good = 'v1';
  public received = 0;
  private readonly server: Server = createServer((_, response) => this.respond(response));
  /** Before the first deployment nothing is there. */
  public isDeployed: () => boolean = () => true;

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private takeNext(): HostileResponse | undefined {
    return this.responses[this.received++ % this.responses.length];
  }

  private respond(response: ServerResponse): void {
    const nextGood: HostileResponse = { status: this.isDeployed() ? 200 : 503, version: this.good };
    const { status, version, body, header, location } = this.takeNext() ?? nextGood;
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(header !== undefined && { 'x-said': sendable(header) }),
      ...(location !== undefined && { location: sendable(location) }),
    });
    response.end(body ?? JSON.stringify({ version }));
  }
}

function sendable(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 4000);
}
