import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPassing, rejectionOf } from './push-rejection';
import { formatDuration } from '../../../../contract/duration-text';
import type { Clock } from '../../../clock';
import { EventLogError } from '../../../event-log/event-log';
import { signalGroup } from '../../../processes/process-group';
import { maskedLine, masker } from '../../../reporting/masking';
import { Changes, RemoteBranch } from '../../ci-runtime';

export interface GitRemoteOptions {
  /** For example `https://github.com`. */
  readonly serverUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  readonly token: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** The limit of a git command, in milliseconds; nothing is retried after it. @default 20,000 */
  readonly patienceMs?: number;
}

const TRIES = 3;
const FIRST_WAIT_MS = 1_000;
const PATIENCE_MS = 20_000;
const NO_BLOB = '0'.repeat(40);

const AUTHOR = { NAME: 'github-actions[bot]', EMAIL: '41898282+github-actions[bot]@users.noreply.github.com' };

/**
 * One branch of a remote repository, accessed with git, because only a push can replace a commit on the condition that the branch has not moved.
 * Works in a separate folder, without the checkout and its configuration. git gets the token in its environment, not on its command line.
 */
export class GitRemote implements RemoteBranch {
  /** Opens the branch as it is now. Rejects with `EventLogError`. */
  public static async using<T>(options: GitRemoteOptions, work: (remote: GitRemote) => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), 'delivery-branch-'));
    const remote = new GitRemote(options, folder);
    try {
      await remote.git(['init', '--quiet', '--bare', '--template=', '.']);
      return await work(remote);
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  private readonly ref: string;
  private readonly url: string;
  private readonly hide: (text: string) => string;

  private constructor(private readonly options: GitRemoteOptions, private readonly folder: string) {
    const basic = this.credentials;
    this.ref = `refs/heads/${options.branch}`;
    this.url = `${options.serverUrl.replace(/\/+$/, '')}/${options.repository}.git`;
    this.hide = masker([options.token, basic]);
  }

  /** Its commit, with all files; undefined if the branch does not exist. */
  public async fetchBranch(): Promise<string | undefined> {
    const { code, stderr } = await this.runGit(['fetch', '--quiet', '--depth=1', '--no-tags', this.url, `+${this.ref}:refs/remotes/fetched`]);
    if (code !== 0 && /couldn't find remote ref/.test(stderr)) return undefined;
    if (code !== 0) throw this.failure('read', stderr);
    return (await this.git(['rev-parse', 'refs/remotes/fetched'])).trim();
  }

  public async pathsOf(commit: string): Promise<string[]> {
    return (await this.git(['ls-tree', '-r', '-z', '--name-only', commit])).split('\0').filter((path) => path !== '');
  }

  public textOf(commit: string, path: string): Promise<string> {
    return this.git(['cat-file', 'blob', `${commit}:${path}`]);
  }

  /** Makes a commit without a parent: the files of another commit, with changes. */
  public async commit(message: string, changes: Changes, base?: string): Promise<string> {
    await this.git(['read-tree', base ?? '--empty']);
    const lines: string[] = [];
    for (const [path, text] of Object.entries(changes)) {
      lines.push(text === null ? `0 ${NO_BLOB}\t${path}\0` : `100644 ${(await this.git(['hash-object', '-w', '--stdin'], text)).trim()}\t${path}\0`);
    }
    await this.git(['update-index', '-z', '--index-info'], lines.join(''));
    const tree = (await this.git(['write-tree'])).trim();
    return (await this.git(['commit-tree', '-m', message, tree])).trim();
  }

  /**
   * Moves the branch from a commit (undefined: it does not exist) to another. Returns false if it was moved, created or deleted meanwhile.
   * Rejects with `EventLogError` if the server rejects the push; the message contains the fix.
   */
  public async push(commit: string, before: string | undefined): Promise<boolean> {
    const lease = `--force-with-lease=${this.ref}:${before ?? ''}`;
    const { code, stderr, stdout } = await this.runGit(['push', '--porcelain', '--no-verify', '--no-signed', lease, this.url, `${commit}:${this.ref}`]);
    if (code === 0) return true;
    const now = await this.head();
    // the response to an earlier try was lost
    if (now === commit) return true;
    if (now !== before) return false;
    throw this.failure('written', `${stderr}\n${stdout}`);
  }

  private async head(): Promise<string | undefined> {
    const { code, stdout, stderr } = await this.runGit(['ls-remote', this.url, this.ref]);
    if (code !== 0) throw this.failure('read', stderr);
    return /^[0-9a-f]{40,64}(?=\t)/.exec(stdout)?.[0];
  }

  private failure(what: 'read' | 'written', said: string): EventLogError {
    const { branch, repository, serverUrl } = this.options;
    return new EventLogError(maskedLine(`The branch ${branch} could not be ${what}: ${rejectionOf(said, { branch, repository, serverUrl })}`, this.hide, 1000));
  }

  /** Runs git on this machine; rejects if it fails. */
  private async git(args: readonly string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.once(args, input);
    if (code !== 0) throw new EventLogError(maskedLine(`git ${args[0]} failed: ${stderr}`, this.hide, 500));
    return stdout;
  }

  /** Runs git against the server; retries if that may help. */
  private async runGit(args: readonly string[]): Promise<Ended> {
    const { clock } = this.options;
    const startedAt = clock.now();
    for (let tries = 1; ; tries++) {
      const ended = await this.once(args, '');
      if (ended.code === 0 || tries === TRIES || !isPassing(ended.stderr) || clock.now() - startedAt >= this.patienceMs) return ended;
      await clock.sleep(FIRST_WAIT_MS * 2 ** (tries - 1));
    }
  }

  private once(args: readonly string[], input: string): Promise<Ended> {
    return new Promise((resolve, reject) => {
      // git uses a child process for HTTP, which must end with it
      const child = spawn('git', args, { cwd: this.folder, env: this.environment, detached: true });
      let isTooLate = false;
      const timer = setTimeout(() => {
        isTooLate = true;
        if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      }, this.patienceMs);
      const said = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', (text: string) => { said[stream] += text; });
      child.on('error', ({ code }: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        reject(new EventLogError(`git could not be started (${code}). Install it on the machines that runsOn names: the status page's branch is written with it.`));
      });
      child.on('close', (code) => {
        clearTimeout(timer);
        const late = isTooLate ? `timed out: no response within ${formatDuration(this.patienceMs)}\n` : '';
        resolve({ ...said, code: code ?? 1, stderr: `${late}${said.stderr}` });
      });
      // if git does not read its input, its exit code shows that
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    });
  }

  /** Without the checkout's configuration, and without prompts. */
  private get environment(): NodeJS.ProcessEnv {
    const header = `http.${this.options.serverUrl.replace(/\/+$/, '')}/.extraHeader`;
    const config = [
      ['core.hooksPath', '/dev/null'],
      ['credential.helper', ''],
      // an empty value removes what a checkout may have set
      [header, ''],
      [header, `Authorization: basic ${this.credentials}`],
    ];
    const ours = Object.fromEntries(Object.entries(this.options.env).filter(([name]) => !name.startsWith('GIT_')));
    return {
      ...ours,
      ...Object.fromEntries(['AUTHOR', 'COMMITTER'].flatMap((role) => Object.entries(AUTHOR).map(([part, value]) => [`GIT_${role}_${part}`, value]))),
      ...Object.fromEntries(config.flatMap(([key, value], i) => [[`GIT_CONFIG_KEY_${i}`, key], [`GIT_CONFIG_VALUE_${i}`, value]])),
      GIT_CONFIG_COUNT: String(config.length),
      GIT_TERMINAL_PROMPT: '0',
      LC_ALL: 'C',
    };
  }

  private get patienceMs(): number {
    return this.options.patienceMs ?? PATIENCE_MS;
  }

  private get credentials(): string {
    return Buffer.from(`x-access-token:${this.options.token}`).toString('base64');
  }
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
