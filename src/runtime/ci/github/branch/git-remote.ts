import { rejectionOf } from './push-rejection';
import { EventLogError } from '../../../event-log/event-log';
import { GitProcess, GitProcessOptions } from '../../../git/git-process';
import { Changes, RemoteBranch } from '../../ci-runtime';

export interface GitRemoteOptions extends Omit<GitProcessOptions, 'written'> {
  readonly branch: string;
}

const NO_BLOB = '0'.repeat(40);

/**
 * One branch of a remote repository, accessed with git, because only a push can replace a commit on the condition that the branch has not moved.
 */
export class GitRemote implements RemoteBranch {
  /** Opens the branch as it is now. Rejects with `EventLogError`. */
  public static using<T>(options: GitRemoteOptions, work: (remote: GitRemote) => Promise<T>): Promise<T> {
    return GitProcess.using({ ...options, written: 'the status page\'s branch' }, (git) => work(new GitRemote(options, git)));
  }

  private readonly ref: string;

  private constructor(private readonly options: GitRemoteOptions, private readonly process: GitProcess) {
    this.ref = `refs/heads/${options.branch}`;
  }

  /** Its commit, with all files; undefined if the branch does not exist. */
  public async fetchBranch(): Promise<string | undefined> {
    const { code, stderr } = await this.process.remote(['fetch', '--quiet', '--depth=1', '--no-tags', this.process.url, `+${this.ref}:refs/remotes/fetched`]);
    if (code !== 0 && /couldn't find remote ref/.test(stderr)) return undefined;
    if (code !== 0) throw this.failure('read', stderr);
    return (await this.process.local(['rev-parse', 'refs/remotes/fetched'])).trim();
  }

  public async pathsOf(commit: string): Promise<string[]> {
    return (await this.process.local(['ls-tree', '-r', '-z', '--name-only', commit])).split('\0').filter((path) => path !== '');
  }

  public textOf(commit: string, path: string): Promise<string> {
    return this.process.local(['cat-file', 'blob', `${commit}:${path}`]);
  }

  /** Makes a commit without a parent: the files of another commit, with changes. */
  public async commit(message: string, changes: Changes, base?: string): Promise<string> {
    await this.process.local(['read-tree', base ?? '--empty']);
    const lines: string[] = [];
    for (const [path, text] of Object.entries(changes)) {
      lines.push(text === null ? `0 ${NO_BLOB}\t${path}\0` : `100644 ${(await this.process.local(['hash-object', '-w', '--stdin'], text)).trim()}\t${path}\0`);
    }
    await this.process.local(['update-index', '-z', '--index-info'], lines.join(''));
    const tree = (await this.process.local(['write-tree'])).trim();
    return (await this.process.local(['commit-tree', '-m', message, tree])).trim();
  }

  /**
   * Moves the branch from a commit (undefined: it does not exist) to another. Returns false if it was moved, created or deleted meanwhile.
   * Rejects with `EventLogError` if the server rejects the push; the message contains the fix.
   */
  public async push(commit: string, before: string | undefined): Promise<boolean> {
    const lease = `--force-with-lease=${this.ref}:${before ?? ''}`;
    const { code, stderr, stdout } = await this.process.remote(['push', '--porcelain', '--no-verify', '--no-signed', lease, this.process.url, `${commit}:${this.ref}`]);
    if (code === 0) return true;
    const now = await this.head();
    // the response to an earlier try was lost
    if (now === commit) return true;
    if (now !== before) return false;
    throw this.failure('written', `${stderr}\n${stdout}`);
  }

  private async head(): Promise<string | undefined> {
    const { code, stdout, stderr } = await this.process.remote(['ls-remote', this.process.url, this.ref]);
    if (code !== 0) throw this.failure('read', stderr);
    return /^[0-9a-f]{40,64}(?=\t)/.exec(stdout)?.[0];
  }

  private failure(what: 'read' | 'written', said: string): EventLogError {
    const { branch, repository, serverUrl } = this.options;
    return new EventLogError(this.process.shown(`The branch ${branch} could not be ${what}: ${rejectionOf(said, { branch, repository, serverUrl })}`, 1000));
  }
}
