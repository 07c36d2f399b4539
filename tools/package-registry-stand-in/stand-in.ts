import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';

export type ToolFault = 'kills' | 'hangs' | 'missing' | 'throttled' | 'unavailable' | 'fails';

/** A page that the index responds with instead: a status, or nothing for some time. */
export type PageFault = number | 'hangs' | 'resets';

interface IndexFile {
  readonly name: string;
  readonly sha256: string;
  yanked?: string;
}

interface Publication {
  /** The hash that the index names. */
  readonly hash?: string;
  /** It shows only after so many looks. */
  readonly looks?: number;
  /** The hash of the file that pip gets; null if it does not find the version. */
  readonly installs?: string | null;
}

/** The bytes of a wheel of the release. */
export const wheelOf = (version: string) => Buffer.from(`the wheel of ${version}\n`);
export const wheelName = (version: string) => `acme_shop-${version}-py3-none-any.whl`;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A simple index that serves one package, and the executable `python3` beside this file. */
export class PypiStandIn {
  public static async start(folder: string): Promise<PypiStandIn> {
    const standIn = new PypiStandIn(folder);
    await new Promise<void>((ready) => standIn.server.listen(0, '127.0.0.1', ready));
    return standIn;
  }

  public readonly env: Readonly<Record<string, string>>;
  public files: IndexFile[] = [];
  /** Paths of the requests, oldest first. */
  public readonly requests: string[] = [];
  /** Whether pages are HTML. */
  public isHtml = false;
  private readonly pageFaults: PageFault[] = [];
  /** What shows only after so many further requests. */
  private coming: { readonly version: string; looks: number }[] = [];
  private readonly server: Server;

  private constructor(private readonly folder: string) {
    this.env = { REGISTRY_STAND_IN: folder, PATH: `${__dirname}${delimiter}${process.env.PATH}` };
    for (const name of ['installable', 'faults']) mkdirSync(join(folder, name), { recursive: true });
    this.python = '3.12.1 23.2.1';
    this.server = createServer(({ url = '' }, response) => this.respond(url, response));
  }

  /** The address of the index. */
  public get index(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/simple/`;
  }

  /** The versions of Python and of the pip that comes with it. */
  public set python(versions: string) {
    writeFileSync(join(this.folder, 'python-version'), `${versions}\n`);
  }

  /** The highest version that was not withdrawn; the runtime's health check reads it, too. */
  public get served(): string | undefined {
    const file = join(this.folder, 'only');
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }

  /** Publishes a version: users get it, after so many looks at the index. */
  public publish(version: string, { hash = sha256(wheelOf(version)), looks = 0, installs = hash }: Publication = {}): void {
    if (looks > 0) {
      this.coming.push({ version, looks });
      return;
    }
    this.files.push({ name: wheelName(version), sha256: hash });
    if (installs !== null) this.installable(version, installs);
    writeFileSync(join(this.folder, 'only'), `v${version}`);
    writeFileSync(join(this.folder, 'live'), 'only');
  }

  /** From now on pip finds it. */
  public installable(version: string, hash = sha256(wheelOf(version))): void {
    writeFileSync(join(this.folder, 'installable', version), `${hash}\n`);
  }

  public yank(version: string, reason: string): void {
    for (const file of this.files) if (file.name === wheelName(version)) file.yanked = reason;
  }

  /** The next pages. */
  public failPages(...faults: PageFault[]): void {
    this.pageFaults.push(...faults);
  }

  /** The next call of the tool. */
  public failTool(call: 'version' | 'venv' | 'install', how: ToolFault): void {
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
    if (url !== '/simple/acme-shop/' || this.files.length === 0) {
      response.writeHead(404);
      return void response.end();
    }
    response.writeHead(200, { 'content-type': this.isHtml ? 'text/html; charset=utf-8' : 'application/vnd.pypi.simple.v1+json' });
    response.end(this.isHtml ? this.html : this.json);
  }

  private get json(): string {
    const files = this.files.map(({ name, sha256: hash, yanked = false }) => ({ filename: name, hashes: { sha256: hash }, yanked }));
    return JSON.stringify({ files });
  }

  private get html(): string {
    const yankedOf = ({ yanked }: IndexFile) => (yanked === undefined ? '' : ` data-yanked="${yanked}"`);
    const links = this.files.map((file) => `<a href="../../files/${file.name}#sha256=${file.sha256}"${yankedOf(file)}>${file.name}</a><br/>`);
    return `<!DOCTYPE html><html><body><h1>Links for acme-shop</h1>\n${links.join('\n')}\n</body></html>`;
  }
}
