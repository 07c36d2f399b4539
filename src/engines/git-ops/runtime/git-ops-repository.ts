import { FolderState, holds, Marker, MARKER, markerText, names, readMarker, Wanted } from './git-ops-record';
import { EventLogError } from '../../../runtime/event-log/event-log';
import { Ended, GitProcess, GitProcessOptions } from '../../../runtime/git/git-process';
import { GitRepository, kindOf } from '../../../runtime/git/git-repository';
import { EngineError } from '../../../runtime/targets/engine-error';

export interface GitOpsRepositoryOptions extends Omit<GitProcessOptions, 'written'> {
  readonly branch: string;
  /** The folder of the delivery. */
  readonly path: string;
  /** The secret with the token, for messages. */
  readonly secret: string;
}

/** The newest commit of the branch. */
export interface Head {
  readonly commit: string;
  readonly tree: string;
  /** The delivery's folder; undefined if it is not there. */
  readonly folder?: FolderState;
}

interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

/** How many commits of the history are read at first, and then. */
const DEPTHS = [50, 1_000, 2_147_483_647];
/** How many commits that name a release are read. */
const MOST_COMMITS = 10;
/** What the server forbids, in the words of GitHub, GitLab, Gitea and Bitbucket. */
const PROTECTED = /GH006|GH013|protected branch|rule violations|not allowed to push|branch .* is protected|pre-receive hook declined|permission denied to update branch/i;

/** The repository that a controller follows. Rejects with `EngineError`. */
export class GitOpsRepository extends GitRepository {
  public static async using<T>(options: GitOpsRepositoryOptions, work: (repository: GitOpsRepository) => Promise<T>): Promise<T> {
    try {
      return await GitProcess.using({ ...options, written: options.repository }, (git) => work(new GitOpsRepository(options, git)));
    } catch (error) {
      if (!(error instanceof EventLogError)) throw error;
      throw new EngineError(error.message.startsWith('git could not be started') ? 'cliMissing' : kindOf(error.message), error.message);
    }
  }

  /** Finds commits of the branch that may hold a release, newest first. Reads the history without files, in a repository of its own, because one that leaves out files cannot push. */
  public static find(options: GitOpsRepositoryOptions, wanted: Wanted): Promise<readonly string[]> {
    return GitOpsRepository.using(options, (repository) => repository.search(wanted));
  }

  private constructor(private readonly options: GitOpsRepositoryOptions, git: GitProcess) {
    super(git);
  }

  /** Undefined if there is no such branch. */
  public async head(): Promise<Head | undefined> {
    const found = await this.fetchCommit(this.ref);
    return found && { commit: found.id, tree: found.tree, folder: await this.folderAt(found.id) };
  }

  /** Returns the folder at a commit, which is fetched if it is not here. Undefined if there is no folder; `unknown` if the server does not have the commit. */
  public async folderOf(commit: string): Promise<FolderState | undefined | 'unknown'> {
    const ended = await this.git.remote(['fetch', '--quiet', '--depth=1', '--no-tags', this.git.url, commit]);
    if (ended.code === 0) return this.folderAt(commit);
    if (/not our ref|couldn't find remote ref|no such (?:remote )?ref|unadvertised object/i.test(ended.stderr)) return 'unknown';
    throw this.failure('read', ended);
  }

  /** The files of the folder at a commit that was fetched: their identifiers, by path. */
  public async folderFiles(head: Head): Promise<ReadonlyMap<string, string>> {
    const files = head.folder ? await this.filesOf(head.folder.tree) : new Map<string, string>();
    return new Map([...files].filter(([path]) => path !== MARKER));
  }

  /** Where other deliveries have their folders, of which ours is a part, or which are a part of ours. */
  public async otherFolders({ tree }: Head): Promise<string[]> {
    const { path } = this.options;
    const all = (await this.filesOf(tree)).keys();
    const folders = [...all].filter((file) => file === MARKER || file.endsWith(`/${MARKER}`)).map((file) => file.slice(0, -MARKER.length - 1));
    return folders.filter((folder) => folder !== path && (folder === '' || folder.startsWith(`${path}/`) || path.startsWith(`${folder}/`)));
  }

  /** A folder with stored files, and the file that names its owner. */
  public async folderWith(files: string, marker: Marker): Promise<string> {
    const entries = (await this.entriesOf(files)).filter(({ name }) => name !== MARKER);
    return this.made([...entries, { mode: '100644', type: 'blob', id: await this.storeText(markerText(marker)), name: MARKER }]);
  }

  /** Makes a commit that follows `head`, with a folder in place of what the delivery's has. Undefined: the folder is left as it is. */
  public async commitAfter(head: Head, folder: string | undefined, message: string): Promise<string> {
    const tree = folder === undefined ? head.tree : await this.replaced(head.tree, this.options.path.split('/'), folder);
    return (await this.git.local(['commit-tree', '-p', head.commit, '-m', message, tree])).trim();
  }

  /** Returns whether the branch leads to the commit now. False: someone else moved it meanwhile. Never forces. */
  public push(head: Head, commit: string): Promise<boolean> {
    return this.pushed([{ ref: this.ref, from: head.commit, to: commit }], false);
  }

  /** Checks that the token may write. A rule for the branch is not checked before a push that counts. */
  public async checkWrite(head: Head): Promise<void> {
    const commit = await this.commitAfter(head, undefined, 'check');
    const ended = await this.git.remote(['push', '--dry-run', '--no-verify', '--no-signed', this.git.url, `${commit}:${this.ref}`]);
    if (ended.code !== 0) throw this.failure('written', ended);
  }

  protected failure(what: 'read' | 'written', { stderr, stdout }: Ended): EngineError {
    const { repository } = this.options;
    const said = `${stderr}\n${what === 'written' ? stdout : ''}`;
    const isProtected = what === 'written' && PROTECTED.test(said);
    const kind = isProtected ? 'accessDenied' : kindOf(said);
    const why = this.reason(isProtected ? 'protected' : kind, linesOf(said));
    return new EngineError(kind, this.git.shown(`${repository} could not be ${what}: ${why}`, 600));
  }

  /** Why git failed, and the fix where there is one. */
  private reason(kind: EngineError['kind'] | 'protected', lines: readonly string[]): string {
    const { branch, secret } = this.options;
    const [two, four] = [lines.slice(0, 2).join(' '), lines.slice(0, 4).join(' ')];
    switch (kind) {
      case 'protected': return `a rule for ${branch} refuses the push (${four}). Let the owner of the token bypass the rule, or follow a branch without it`;
      case 'signedOut': return `the token in ${secret} is not accepted. Store one that is valid`;
      case 'accessDenied': return `the token in ${secret} may not do it (${two}). Give it the right to write the contents of the repository`;
      default: return four;
    }
  }

  protected raced(message: string): EngineError {
    return new EngineError('unavailable', message);
  }

  private get ref(): string {
    return `refs/heads/${this.options.branch}`;
  }

  private async folderAt(commit: string): Promise<FolderState | undefined> {
    const { branch, path } = this.options;
    const [entry] = await this.entriesOf(commit, path);
    const inTheWay = entry === undefined ? await this.aboveFolder(commit) : entry.type === 'tree' ? undefined : path;
    if (inTheWay !== undefined) throw new EngineError('rejected', `${inTheWay} is a file, a link or a submodule in the branch ${branch}, and no folder. Remove it, or choose another path`);
    if (entry === undefined) return undefined;
    const entries = await this.entriesOf(entry.id);
    const marker = entries.find(({ name, type }) => name === MARKER && type === 'blob');
    const others = entries.filter(({ name }) => name !== MARKER);
    return {
      tree: entry.id,
      files: await this.made(others),
      marker: marker && readMarker(await this.git.local(['cat-file', 'blob', marker.id])),
      example: others[0]?.name,
    };
  }

  /** What is no folder above the delivery's: a commit of ours would replace it. */
  private async aboveFolder(commit: string): Promise<string | undefined> {
    const parts = this.options.path.split('/');
    for (let count = 1; count < parts.length; count++) {
      const above = parts.slice(0, count).join('/');
      const [entry] = await this.entriesOf(commit, above);
      if (entry?.type !== 'tree') return entry && above;
    }
    return undefined;
  }

  /** Of a tree, or only the one of a path in it. */
  private async entriesOf(tree: string, path?: string): Promise<TreeEntry[]> {
    const listed = await this.git.local(['ls-tree', '-z', tree, ...path === undefined ? [] : ['--', path]]);
    return listed.split('\0').flatMap((line) => {
      const [, mode, type, id, name] = /^(\d+) (\w+) ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? [];
      return mode !== undefined && type !== undefined && id !== undefined && name !== undefined ? [{ mode, type, id, name }] : [];
    });
  }

  private async made(entries: readonly TreeEntry[]): Promise<string> {
    const lines = entries.map(({ id, mode, name, type }) => `${mode} ${type} ${id}\t${name}\0`);
    return (await this.git.local(['mktree', '-z', '--missing'], lines.join(''))).trim();
  }

  /** Everything beside the folder stays as it is. */
  private async replaced(tree: string | undefined, [first, ...rest]: readonly string[], folder: string): Promise<string> {
    const entries = tree === undefined ? [] : await this.entriesOf(tree);
    const before = entries.find(({ name, type }) => name === first && type === 'tree')?.id;
    const id = rest.length === 0 ? folder : await this.replaced(before, rest, folder);
    return this.made([...entries.filter(({ name }) => name !== first), { mode: '040000', type: 'tree', id, name: first! }]);
  }

  private async search(wanted: Wanted): Promise<readonly string[]> {
    // a server that cannot leave out files sends them
    const filter = wanted.is === 'release' ? '--filter=tree:0' : '--filter=blob:none';
    for (const depth of DEPTHS) {
      const found = await this.fetched([this.ref], [filter], depth);
      const head = found.get(this.ref);
      if (!head) return [];
      const commits = wanted.is === 'release' ? await this.namedIn(head.id, wanted) : await this.treeIn(head.id, wanted.tree);
      if (commits.length > 0 || (await this.git.local(['rev-parse', '--is-shallow-repository'])).trim() === 'false') return commits.slice(0, MOST_COMMITS);
    }
    return [];
  }

  private async namedIn(head: string, wanted: Extract<Wanted, { readonly is: 'release' }>): Promise<string[]> {
    const listed = await this.git.local(['log', '-z', '--format=%H%n%B', head]);
    return listed.split('\0').map((one) => one.trim()).filter((one) => names(one, this.options.path, wanted)).map((one) => one.split('\n')[0]!);
  }

  private async treeIn(head: string, tree: string): Promise<string[]> {
    const commits = (await this.git.local(['rev-list', head])).trim().split('\n');
    const found = (await this.git.local(['cat-file', '--batch-check=%(objectname)'], commits.map((commit) => `${commit}:${this.options.path}\n`).join(''))).split('\n');
    return commits.filter((_, i) => found[i] === tree);
  }
}

/** Reads a release out of the first of these commits that holds it: a message may name what its commit does not hold, as that of a squash. */
export async function sourceOf(repository: GitOpsRepository, commits: readonly string[], wanted: Wanted): Promise<FolderState | undefined> {
  for (const commit of commits) {
    const folder = await repository.folderOf(commit);
    if (folder !== 'unknown' && holds(folder, wanted)) return folder;
  }
  return undefined;
}

/** What git and the server said, without what is said of each push. */
function linesOf(said: string): string[] {
  return said.split('\n').map((line) => line.trim().replace(/^remote:\s*/, ''))
    .filter((line) => line !== '' && !/^(?:To |Done$|hint:|error: failed to push)/.test(line));
}
