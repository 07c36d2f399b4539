import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';

export type ToolFault = 'kills' | 'hangs' | 'missing' | 'throttled' | 'unavailable' | 'full' | 'denied' | 'fails' | 'imports';

/** A page that the registry responds with instead: a status, or nothing for some time. */
export type PageFault = number | 'hangs' | 'resets';

export interface Page {
  readonly type: string;
  readonly body: string;
  /** @default 200 */
  readonly status?: number;
}

export interface Publication {
  /** The hash that the registry names. */
  readonly hash?: string;
  /** It shows only after so many looks. */
  readonly looks?: number;
  /** What the tool gets: the hash of the file, or another word for it; null if it does not find the version. */
  readonly installs?: string | null;
}

/** A registry over HTTP that serves one package, and the executables of its tool beside this file. */
export abstract class RegistryStandIn {
  public readonly env: Readonly<Record<string, string>>;
  /** Paths of the requests, oldest first. */
  public readonly requests: string[] = [];
  private readonly pageFaults: PageFault[] = [];
  /** What shows only after so many further requests. */
  private coming: { readonly version: string; looks: number }[] = [];
  private readonly server: Server;

  protected constructor(private readonly folder: string) {
    this.env = { REGISTRY_STAND_IN: folder, REGISTRY_STAND_IN_TOOLS: __dirname, PATH: `${__dirname}${delimiter}${process.env.PATH}` };
    for (const name of ['installable', 'faults']) mkdirSync(join(folder, name), { recursive: true });
    this.server = createServer(({ url = '' }, response) => this.respond(url, response));
  }

  /** The page at a path; undefined where there is none. */
  protected abstract page(url: string): Page | undefined;

  /** Shows a version from now on. */
  protected abstract add(version: string, publication: Publication): void;

  /** Listens on a free port of loopback. */
  protected async listen(): Promise<this> {
    await new Promise<void>((ready) => this.server.listen(0, '127.0.0.1', ready));
    return this;
  }

  protected get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** What the tool prints as its version. */
  public set toolVersion(text: string) {
    writeFileSync(join(this.folder, 'tool-version'), `${text}\n`);
  }

  /** The highest version that was not withdrawn; the runtime's health check reads it, too. */
  public get served(): string | undefined {
    const file = join(this.folder, 'only');
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }

  /** Publishes a version: users get it, after so many looks at the registry. */
  public publish(version: string, publication: Publication = {}): void {
    if (publication.looks !== undefined && publication.looks > 0) {
      this.coming.push({ version, looks: publication.looks });
      return;
    }
    this.add(version, publication);
    writeFileSync(join(this.folder, 'only'), `v${version}`);
    writeFileSync(join(this.folder, 'live'), 'only');
  }

  /** From now on the tool finds it. */
  protected find(version: string, gets: string): void {
    writeFileSync(join(this.folder, 'installable', version), `${gets}\n`);
  }

  /** The next pages. */
  public failPages(...faults: PageFault[]): void {
    this.pageFaults.push(...faults);
  }

  /** Its pages are as they should be again. */
  public respondsAgain(): void {
    this.pageFaults.length = 0;
  }

  /** The next call of the tool. */
  public failTool(call: string, how: ToolFault): void {
    writeFileSync(join(this.folder, 'faults', `${call}.${how}`), '');
  }

  public get calls(): string[] {
    return existsSync(join(this.folder, 'calls')) ? readFileSync(join(this.folder, 'calls'), 'utf8').trim().split('\n') : [];
  }

  public forget(): void {
    rmSync(join(this.folder, 'calls'), { force: true });
    this.requests.length = 0;
  }

  /** Everything that was in the process environment of the tool. */
  public get toolEnv(): string {
    return readFileSync(join(this.folder, 'tool-env'), 'utf8');
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private respond(url: string, response: ServerResponse): void {
    this.requests.push(url);
    for (const one of [...this.coming]) {
      if (one.looks-- > 0) continue;
      this.coming = this.coming.filter((other) => other !== one);
      this.publish(one.version);
    }
    const fault = this.pageFaults.shift();
    if (fault === 'hangs') return;
    if (fault === 'resets') return void response.socket?.resetAndDestroy();
    if (fault !== undefined) {
      response.writeHead(fault, fault >= 300 && fault < 400 ? { location: url } : {});
      return void response.end();
    }
    const { body, status = 200, type } = this.page(url) ?? { body: '', status: 404, type: 'text/html' };
    response.writeHead(status, { 'content-type': type });
    response.end(body);
  }
}
