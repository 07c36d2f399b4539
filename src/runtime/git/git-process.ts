import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatDuration } from '../../contract/duration-text';
import type { Clock } from '../clock';
import { EventLogError } from '../event-log/event-log';
import { signalGroup } from '../processes/process-group';
import { maskedLine, masker } from '../reporting/masking';

export interface GitProcessOptions {
  /** For example `https://github.com`. */
  readonly serverUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  /** @default - the repository on the server, with `.git` at the end */
  readonly url?: string;
  /** The user name for the token. @default 'x-access-token' */
  readonly user?: string;
  readonly token: string;
  /** Who makes commits. @default - the bot of GitHub Actions */
  readonly author?: Author;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** The limit of a git command, in milliseconds; nothing is retried after it. @default 20,000 */
  readonly patienceMs?: number;
  /** What is written with git, for messages: `the status page's branch`. */
  readonly written: string;
}

export interface Author {
  readonly name: string;
  readonly email: string;
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TRIES = 3;
const FIRST_WAIT_MS = 1_000;
const PATIENCE_MS = 20_000;

const AUTHOR: Author = { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' };

/**
 * git in a separate folder, without the checkout and its configuration, and a remote repository. git gets the token in its environment, not on its
 * command line.
 */
export class GitProcess {
  /** Opens an empty repository, and deletes it afterwards. Rejects with `EventLogError`. */
  public static async using<T>(options: GitProcessOptions, work: (git: GitProcess) => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), 'delivery-branch-'));
    const git = new GitProcess(options, folder);
    try {
      await git.local(['init', '--quiet', '--bare', '--template=', '.']);
      return await work(git);
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  /** Of the remote repository. */
  public readonly url: string;
  private readonly hide: (text: string) => string;

  private constructor(private readonly options: GitProcessOptions, private readonly folder: string) {
    this.url = options.url ?? `${options.serverUrl.replace(/\/+$/, '')}/${options.repository}.git`;
    this.hide = masker([options.token, this.credentials]);
  }

  /** One line without secrets. */
  public shown(text: string, limit: number): string {
    return maskedLine(text, this.hide, limit);
  }

  /** Runs git on this machine; rejects if it fails. */
  public async local(args: readonly string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.once(args, input);
    if (code !== 0) throw new EventLogError(this.shown(`git ${args[0]} failed: ${stderr}`, 500));
    return stdout;
  }

  /** Runs git against the server; retries if that may help. */
  public async remote(args: readonly string[]): Promise<Ended> {
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
        reject(new EventLogError(`git could not be started (${code}). Install it on the machines that runsOn names: ${this.options.written} is written with it.`));
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
      ['core.askPass', ''],
      // the folder is a bare repository, which a person's configuration may refuse
      ['safe.bareRepository', 'all'],
      // the longest prefix counts: a person's rewrite of the server to ssh or to a mirror does not
      [`url.${this.url}.insteadOf`, this.url],
      [`url.${this.url}.pushInsteadOf`, this.url],
      // an empty value removes what a checkout may have set
      [header, ''],
      [header, `Authorization: basic ${this.credentials}`],
    ];
    const { author = AUTHOR } = this.options;
    const ours = Object.fromEntries(Object.entries(this.options.env).filter(([name]) => !name.startsWith('GIT_')));
    return {
      ...ours,
      ...Object.fromEntries(['AUTHOR', 'COMMITTER'].flatMap((role) => [[`GIT_${role}_NAME`, author.name], [`GIT_${role}_EMAIL`, author.email]])),
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
    return Buffer.from(`${this.options.user ?? 'x-access-token'}:${this.options.token}`).toString('base64');
  }
}

/** Whether a retry may succeed. */
export function isPassing(said: string): boolean {
  return /returned error: (?:5\d\d|429|408)|timed out|connection (?:reset|refused)|could not resolve|unexpected disconnect|early EOF|RPC failed|hung up|empty reply|internal server error/i.test(said);
}
