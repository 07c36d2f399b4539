import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What happens to a request for a push. */
export interface PushFault {
  /** Before git sees it. */
  readonly before?: () => void | Promise<void>;
  /** Sent in place of git. */
  readonly status?: number;
  readonly body?: string;
  /** The client is gone before git sees it. */
  readonly isLost?: boolean;
  /** After git has taken it. */
  readonly after?: () => void | Promise<void>;
  /** Git succeeds, but the response is lost. */
  readonly isResponseLost?: boolean;
}

interface ApiResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const PERSON = ['-c', 'user.name=ada', '-c', 'user.email=ada@example.com'];

/** git's own server over HTTP, for one repository. A token is the password, as on GitHub. */
export class GitServer {
  /**
   * @param contentsOf what a token may do with the files of the repository; undefined for an unknown one
   * @param root the folder for it. @default - a temporary one
   */
  public static async start(contentsOf: (token: string) => 'read' | 'write' | undefined, repository = 'acme/shop', root = mkdtempSync(join(tmpdir(), 'delivery-git-server-'))): Promise<GitServer> {
    const server = new GitServer(contentsOf, repository, root);
    server.server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return server;
  }

  /** What happens to the next pushes, one after the other. */
  public readonly faults: PushFault[] = [];
  /** The statuses that are sent in place of git to the next requests that read, one after the other. */
  public readonly readFaults: number[] = [];
  /** A push was taken. */
  public onPush?: () => void;
  /** How many pushes came, whatever became of them. */
  public pushes = 0;
  public readonly folder: string;
  private readonly server: Server;

  private constructor(private readonly contentsOf: (token: string) => 'read' | 'write' | undefined, repository: string, private readonly root: string) {
    this.folder = join(root, `${repository}.git`);
    this.create();
    this.server = createServer((request, response) => void this.respond(request, response).catch(() => response.destroy()));
  }

  /** Makes the repository, empty. */
  public create(): void {
    rmSync(this.folder, { recursive: true, force: true });
    execFileSync('git', ['init', '--quiet', '--bare', '--template=', this.folder]);
    // as GitHub does
    this.git('config', 'uploadpack.allowFilter', 'true');
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Pushes are refused with these lines, as GitHub does; undefined: they are taken. */
  public reject(lines: readonly string[] | undefined): void {
    const hook = join(this.folder, 'hooks');
    execFileSync('mkdir', ['-p', hook]);
    writeFileSync(join(hook, 'refusal'), (lines ?? []).map((line) => `${line}\n`).join(''));
    writeFileSync(join(hook, 'pre-receive'), `#!/bin/sh\ncat "${hook}/refusal" >&2\nexit ${lines === undefined ? 0 : 1}\n`);
    chmodSync(join(hook, 'pre-receive'), 0o755);
  }

  /** Undefined where there is no such branch. */
  public filesOf(branch: string): Record<string, string> | undefined {
    if (this.head(branch) === undefined) return undefined;
    const paths = this.git('ls-tree', '-r', '-z', '--name-only', branch).split('\0').filter((path) => path !== '');
    return Object.fromEntries(paths.map((path) => [path, this.git('cat-file', 'blob', `${branch}:${path}`)]));
  }

  /** Newest first. */
  public historyOf(branch: string): string[] {
    return this.git('log', '--format=%H', branch).trim().split('\n');
  }

  /** The message of the newest commit. */
  public messageOf(branch: string): string {
    return this.git('log', '-1', '--format=%B', branch);
  }

  public head(branch: string): string | undefined {
    return this.git('for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`).trim() || undefined;
  }

  /** Commits files on top of the branch, beside those that it has. */
  public putFiles(branch: string, files: Record<string, string>): void {
    this.addFiles(branch, files, branch);
  }

  /**
   * Commits files on top of the branch, in place of all that it has.
   *
   * @param beside the files of this branch stay
   */
  public addFiles(branch: string, files: Record<string, string>, beside?: string): void {
    const before = this.head(branch);
    this.git('read-tree', beside === undefined ? '--empty' : `refs/heads/${beside}`);
    const entries = Object.entries(files).map(([path, text]) => `100644 ${this.git('hash-object', '-w', '--stdin', { input: text }).trim()}\t${path}\n`);
    this.git('update-index', '--index-info', { input: entries.join('') });
    const tree = this.git('write-tree').trim();
    const commit = this.git(...PERSON, 'commit-tree', ...(before === undefined ? [] : ['-p', before]), '-m', 'chore: a commit', tree).trim();
    this.git('update-ref', `refs/heads/${branch}`, commit);
  }

  /** Commits a tree, as `git ls-tree` prints it, in place of what the branch has. A file of mode 160000 is a submodule: its object need not be there. */
  public setTree(branch: string, entries: readonly string[]): void {
    const tree = this.git('mktree', { input: entries.map((line) => `${line}\n`).join('') }).trim();
    this.git('update-ref', `refs/heads/${branch}`, this.git(...PERSON, 'commit-tree', '-m', 'chore: a tree', tree).trim());
  }

  /** Stores a text, for `setTree`. Returns its identifier. */
  public store(text: string): string {
    return this.git('hash-object', '-w', '--stdin', { input: text }).trim();
  }

  /** As `git ls-tree -r` prints it. */
  public treeOf(branch: string): string[] {
    return this.git('ls-tree', '-r', branch).trim().split('\n');
  }

  public set defaultBranch(branch: string) {
    this.git('symbolic-ref', 'HEAD', `refs/heads/${branch}`);
  }

  /** The commits below a reference, by its name. */
  public refs(below: string): Record<string, string> {
    return Object.fromEntries(this.git('for-each-ref', '--format=%(refname) %(objectname)', below).trim().split('\n').filter((line) => line !== '').map((line) => line.split(' ') as [string, string]));
  }

  /** The text of a file; undefined where there is none. */
  public text(commit: string, path: string): string | undefined {
    const isThere = this.git('ls-tree', '-r', '-z', '--name-only', commit).split('\0').includes(path);
    return isThere ? this.git('cat-file', 'blob', `${commit}:${path}`) : undefined;
  }

  /** Makes a reference to the commit of a branch. */
  public copy(branch: string, ref: string): void {
    this.git('update-ref', ref, this.head(branch)!);
  }

  public setRef(ref: string, commit: string): void {
    this.git('update-ref', ref, commit);
  }

  public deleteRef(ref: string): void {
    this.git('update-ref', '-d', ref);
  }

  public delete(branch: string): void {
    this.git('update-ref', '-d', `refs/heads/${branch}`);
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    if (this.server.listening) await once(this.server, 'close');
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }

  private git(...args: (string | { input: string })[]): string {
    const input = args.find((one) => typeof one !== 'string')?.input ?? '';
    return execFileSync('git', args.filter((one) => typeof one === 'string'), { cwd: this.folder, encoding: 'utf8', input, maxBuffer: 256 * 1024 * 1024 });
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url!, this.url);
    const isPush = pathname.endsWith('/git-receive-pack') || search.includes('service=git-receive-pack');
    const access = this.accessOf(request);
    if (access === undefined) return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    if (isPush && access !== 'write') {
      return void response.writeHead(403, { 'content-type': 'text/plain' }).end('Permission to acme/shop.git denied to github-actions[bot].');
    }
    const readFault = isPush ? undefined : this.readFaults.shift();
    if (readFault !== undefined) return void response.writeHead(readFault, { 'content-type': 'text/plain' }).end();
    const isSent = pathname.endsWith('/git-receive-pack');
    if (isSent) this.pushes += 1;
    const fault = isSent ? this.faults.shift() : undefined;
    await fault?.before?.();
    if (fault?.isLost) return void request.socket.destroy();
    if (fault?.status !== undefined) return void response.writeHead(fault.status, { 'content-type': 'text/plain' }).end(fault.body);
    const { body, headers, status } = await this.backend(request, pathname, search.slice(1));
    if (isSent) this.onPush?.();
    await fault?.after?.();
    if (fault?.isResponseLost) return void request.socket.destroy();
    response.writeHead(status, headers).end(body);
  }

  private accessOf({ headers: { authorization = '' } }: IncomingMessage): 'read' | 'write' | undefined {
    const [user, token = ''] = Buffer.from(authorization.replace(/^basic /i, ''), 'base64').toString().split(':');
    return user === 'x-access-token' ? this.contentsOf(token) : undefined;
  }

  /** @see https://git-scm.com/docs/git-http-backend */
  private async backend(request: IncomingMessage, path: string, query: string): Promise<ApiResponse> {
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: this.root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_USER: 'x-access-token',
        REQUEST_METHOD: request.method,
        PATH_INFO: path,
        QUERY_STRING: query,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined);
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(child, 'close');
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    const headers = Object.fromEntries(all.subarray(0, end).toString().split('\r\n').map((line) => line.split(/: (.*)/, 2) as [string, string]));
    const status = Number(/^\d+/.exec(headers.Status ?? '200')?.[0]);
    return { status, headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'Status')), body: all.subarray(end + 4) };
  }
}
