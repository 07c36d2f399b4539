import { join } from 'node:path';
import { Ended, GitProcess, GitProcessOptions } from './git-process';
import { isPassing, rejectionOf } from './push-rejection';
import { EventLogError } from '../../../event-log/event-log';
import { PagesError, PagesErrorKind, RefMove, SiteCommit, SiteRepository } from '../../pages';

export interface GitSiteOptions extends Omit<GitProcessOptions, 'written'> {
  /** The one of the site, for messages. */
  readonly branch: string;
}

const FETCHED = 'refs/fetched/';

/** The remote repository, accessed with git: only a push can move several references at once, on the condition that none has moved. */
export class GitSiteRepository implements SiteRepository {
  /** Opens the repository. Rejects with `PagesError`. */
  public static async using<T>(options: GitSiteOptions, work: (repository: GitSiteRepository) => Promise<T>): Promise<T> {
    try {
      return await GitProcess.using({ ...options, written: 'the site\'s branch' }, (git) => work(new GitSiteRepository(options, git)));
    } catch (error) {
      // git itself is missing, or the disk is full
      if (error instanceof EventLogError) throw new PagesError('rejected', error.message);
      throw error;
    }
  }

  /** Reads commits without their files: in a repository of its own, because one that leaves out files cannot push. A server that cannot leave them out sends them. */
  public static commits(options: GitSiteOptions, patterns: readonly string[]): Promise<ReadonlyMap<string, SiteCommit>> {
    return GitSiteRepository.using(options, (repository) => repository.fetched(patterns, ['--filter=tree:0']));
  }

  /** Reads paths without files, in a repository of its own, as `commits`. */
  public static pathsIn(options: GitSiteOptions, ref: string, folder: string): Promise<readonly string[]> {
    return GitSiteRepository.using(options, async (repository) => {
      const commit = (await repository.fetched([ref], ['--filter=blob:none'])).get(ref);
      if (commit === undefined) return [];
      return (await repository.git.local(['ls-tree', '-z', '--name-only', commit.id, `${folder}/`])).split('\0').filter((path) => path !== '');
    });
  }

  private constructor(private readonly options: GitSiteOptions, private readonly git: GitProcess) {}

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

  public async fetchCommit(ref: string): Promise<SiteCommit | undefined> {
    return (await this.fetched([ref], [])).get(ref);
  }

  private async fetched(patterns: readonly string[], options: readonly string[]): Promise<ReadonlyMap<string, SiteCommit>> {
    const ended = await this.git.remote(['fetch', '--quiet', '--depth=1', '--no-tags', ...options, this.git.url, ...patterns.map((ref) => `+${ref}:${FETCHED}${ref}`)]);
    if (ended.code !== 0 && /couldn't find remote ref/.test(ended.stderr)) {
      const there = await this.refs(patterns);
      // it came between the two calls
      if (patterns.every((ref) => there.has(ref))) throw new PagesError('unavailable', `${patterns.join(' ')} could not be read: someone else made it meanwhile`);
      return there.size === 0 ? new Map() : this.fetched([...there.keys()], options);
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

  private async treeOfIndex(added: ReadonlyMap<string, string>): Promise<string> {
    await this.git.local(['update-index', '-z', '--index-info'], [...added].map(([path, blob]) => `100644 ${blob}\t${path}\0`).join(''));
    return (await this.git.local(['write-tree'])).trim();
  }

  public async commit(tree: string, message: string): Promise<string> {
    return (await this.git.local(['commit-tree', '-m', message, tree])).trim();
  }

  public async checkWrite(): Promise<void> {
    const commit = await this.commit(await this.tree(new Map()), 'check');
    const ended = await this.git.remote(['push', '--dry-run', '--no-verify', this.git.url, `${commit}:refs/delivery/pages/check`]);
    if (ended.code !== 0) throw this.failure('written', ended);
  }

  public async push(moves: readonly RefMove[]): Promise<boolean> {
    const leases = moves.map(({ from, ref }) => `--force-with-lease=${ref}:${from ?? ''}`);
    const ended = await this.git.remote(['push', '--porcelain', '--atomic', '--no-verify', '--no-signed', ...leases, this.git.url, ...moves.map(({ ref, to }) => `${to ?? ''}:${ref}`)]);
    if (ended.code === 0) return true;
    const now = await this.refs(moves.map(({ ref }) => ref));
    // the response to an earlier try was lost
    if (moves.every(({ ref, to }) => now.get(ref) === to)) return true;
    if (moves.some(({ from, ref }) => now.get(ref) !== from)) return false;
    throw this.failure('written', ended);
  }

  private async reading(args: readonly string[]): Promise<Ended> {
    const ended = await this.git.remote(args);
    if (ended.code !== 0) throw this.failure('read', ended);
    return ended;
  }

  private failure(what: 'read' | 'written', { stderr, stdout }: Ended): PagesError {
    const said = `${stderr}\n${what === 'written' ? stdout : ''}`;
    const why = /archived/i.test(said) ? 'it is archived, so no one can write to it. Unarchive it' : rejectionOf(said, this.options);
    return new PagesError(kindOf(said), this.git.shown(`${this.options.repository} could not be ${what}: ${why}`, 1000));
  }
}

/** The first that fits counts. */
const KINDS: readonly [RegExp, PagesErrorKind][] = [
  [/GH013|GH006|repository rule violations|protected branch|denied to|access to repository not granted|error: 403/i, 'accessDenied'],
  [/authentication failed|could not read username|error: 401/i, 'signedOut'],
  [/repository not found|error: 404/i, 'notFound'],
  [/^timed out/i, 'timeout'],
];

function kindOf(said: string): PagesErrorKind {
  return KINDS.find(([pattern]) => pattern.test(said))?.[1] ?? (isPassing(said) ? 'unavailable' : 'rejected');
}
