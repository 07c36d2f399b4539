import { join } from 'node:path';
import { Ended, GitProcess, isPassing } from './git-process';

/** A commit, without its files. */
export interface GitCommit {
  readonly id: string;
  readonly tree: string;
  readonly message: string;
  /** In seconds since the epoch. */
  readonly madeAt: number;
}

/** A reference to move. */
export interface RefMove {
  /** `refs/heads/gh-pages` */
  readonly ref: string;
  /** Where it must be now; undefined if it must not exist. */
  readonly from: string | undefined;
  /** Undefined: it is deleted. */
  readonly to: string | undefined;
}

export type GitErrorKind = 'accessDenied' | 'full' | 'notFound' | 'rejected' | 'signedOut' | 'timeout' | 'unavailable';

const FETCHED = 'refs/fetched/';

/** A remote repository, accessed with git. What is fetched and made is in a folder that is removed at the end. */
export abstract class GitRepository {
  protected constructor(protected readonly git: GitProcess) {}

  public async defaultBranch(): Promise<string | undefined> {
    const { stdout } = await this.reading(['ls-remote', '--symref', this.git.url, 'HEAD']);
    return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(stdout)?.[1];
  }

  public async refs(patterns: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { stdout } = await this.reading(['ls-remote', this.git.url, ...patterns]);
    return new Map(stdout.split('\n').flatMap((line) => {
      const [, commit, ref] = /^([0-9a-f]{40,64})\t(\S+)$/.exec(line) ?? [];
      return commit !== undefined && ref !== undefined ? [[ref, commit] as const] : [];
    }));
  }

  public async fetchCommit(ref: string): Promise<GitCommit | undefined> {
    return (await this.fetched([ref], [])).get(ref);
  }

  /** Fetches references with so many commits, and further options of git fetch. */
  protected async fetched(patterns: readonly string[], options: readonly string[], depth = 1): Promise<ReadonlyMap<string, GitCommit>> {
    const ended = await this.git.remote(['fetch', '--quiet', `--depth=${depth}`, '--no-tags', ...options, this.git.url, ...patterns.map((ref) => `+${ref}:${FETCHED}${ref}`)]);
    if (ended.code !== 0 && /couldn't find remote ref/.test(ended.stderr)) {
      const there = await this.refs(patterns);
      // it came between the two calls
      if (patterns.every((ref) => there.has(ref))) throw this.raced(`${patterns.join(' ')} could not be read: someone else made it meanwhile`);
      return there.size === 0 ? new Map() : this.fetched([...there.keys()], options, depth);
    }
    if (ended.code !== 0) throw this.failure('read', ended);
    const listed = await this.git.local(['for-each-ref', '--format=%(refname)%00%(objectname)%00%(tree)%00%(committerdate:unix)%00%(contents)%00%00', FETCHED]);
    return new Map(listed.split('\0\0\n').filter((one) => one !== '').map((one) => {
      const [ref = '', id = '', tree = '', madeAt = '', message = ''] = one.split('\0');
      return [ref.slice(FETCHED.length), { id, tree, madeAt: Number(madeAt), message }];
    }));
  }

  public async filesOf(commit: string): Promise<ReadonlyMap<string, string>> {
    const listed = await this.git.local(['ls-tree', '-r', '-z', commit]);
    return new Map(listed.split('\0').flatMap((line) => {
      const [, blob, path] = /^\d+ blob ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? [];
      return blob !== undefined && path !== undefined ? [[path, blob] as const] : [];
    }));
  }

  /** Byte for byte: without what `.gitattributes` would change. */
  public async store(folder: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (paths.length === 0) return new Map();
    const listed = await this.git.local(['hash-object', '-w', '--no-filters', '--stdin-paths'], paths.map((path) => `${join(folder, path)}\n`).join(''));
    const ids = listed.trim().split('\n');
    return new Map(paths.map((path, i) => [path, ids[i]!]));
  }

  public async storeText(text: string): Promise<string> {
    return (await this.git.local(['hash-object', '-w', '--stdin'], text)).trim();
  }

  public async tree(files: ReadonlyMap<string, string>): Promise<string> {
    await this.git.local(['read-tree', '--empty']);
    return this.treeOfIndex(files);
  }

  public async treeWith(commit: string, files: ReadonlyMap<string, string>): Promise<string> {
    await this.git.local(['read-tree', commit]);
    return this.treeOfIndex(files);
  }

  protected async treeOfIndex(added: ReadonlyMap<string, string>): Promise<string> {
    await this.git.local(['update-index', '-z', '--index-info'], [...added].map(([path, blob]) => `100644 ${blob}\t${path}\0`).join(''));
    return (await this.git.local(['write-tree'])).trim();
  }

  public async commit(tree: string, message: string): Promise<string> {
    return (await this.git.local(['commit-tree', '-m', message, tree])).trim();
  }

  /**
   * Moves all references, or none. Returns false if one of them is somewhere else meanwhile.
   *
   * @param mayReplace whether a branch may lose its commit. Otherwise only what follows that commit is taken
   */
  protected async pushed(moves: readonly RefMove[], mayReplace: boolean): Promise<boolean> {
    const leases = mayReplace ? moves.map(({ from, ref }) => `--force-with-lease=${ref}:${from ?? ''}`) : [];
    // one reference needs no --atomic, which not every server has
    const atomic = moves.length > 1 ? ['--atomic'] : [];
    const refspecs = moves.map(({ ref, to }) => `${to ?? ''}:${ref}`);
    const ended = await this.git.remote(['push', '--porcelain', ...atomic, '--no-verify', '--no-signed', ...leases, this.git.url, ...refspecs]);
    if (ended.code === 0) return true;
    const now = await this.refs(moves.map(({ ref }) => ref));
    // the response to an earlier try was lost
    if (moves.every(({ ref, to }) => now.get(ref) === to)) return true;
    if (moves.some(({ from, ref }) => now.get(ref) !== from)) return false;
    throw this.failure('written', ended);
  }

  /** The error of a call of the server. */
  protected abstract failure(what: 'read' | 'written', ended: Ended): Error;

  /** The error of a reference that came between two calls. */
  protected abstract raced(message: string): Error;

  protected async reading(args: readonly string[]): Promise<Ended> {
    const ended = await this.git.remote(args);
    if (ended.code !== 0) throw this.failure('read', ended);
    return ended;
  }
}

/** The first that fits counts. */
const KINDS: readonly [RegExp, GitErrorKind][] = [
  [/no space left on device|disk quota exceeded/i, 'full'],
  [/GH013|GH006|repository rule violations|protected branch|denied to|access to repository not granted|error: 403/i, 'accessDenied'],
  [/authentication failed|could not read username|error: 401/i, 'signedOut'],
  [/repository not found|error: 404/i, 'notFound'],
  [/^timed out/i, 'timeout'],
];

/** What a message of git or of the server says of the reason. */
export function kindOf(said: string): GitErrorKind {
  return KINDS.find(([pattern]) => pattern.test(said))?.[1] ?? (isPassing(said) ? 'unavailable' : 'rejected');
}
