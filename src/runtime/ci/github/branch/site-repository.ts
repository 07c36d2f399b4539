import { rejectionOf } from './push-rejection';
import { EventLogError } from '../../../event-log/event-log';
import { Ended, GitProcess, GitProcessOptions } from '../../../git/git-process';
import { GitRepository, kindOf, RefMove } from '../../../git/git-repository';
import { PagesError, SiteCommit, SiteRepository } from '../../pages';

export interface GitSiteOptions extends Omit<GitProcessOptions, 'written'> {
  /** The one of the site, for messages. */
  readonly branch: string;
}

/** The remote repository, accessed with git: only a push can move several references at once, on the condition that none has moved. */
export class GitSiteRepository extends GitRepository implements SiteRepository {
  /** Opens the repository. Rejects with `PagesError`. */
  public static async using<T>(options: GitSiteOptions, work: (repository: GitSiteRepository) => Promise<T>): Promise<T> {
    try {
      return await GitProcess.using({ ...options, written: 'the site\'s branch' }, (git) => work(new GitSiteRepository(options, git)));
    } catch (error) {
      // git itself is missing, or the disk is full
      if (error instanceof EventLogError) throw new PagesError(kindOf(error.message) === 'full' ? 'full' : 'rejected', error.message);
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

  private constructor(private readonly options: GitSiteOptions, git: GitProcess) {
    super(git);
  }

  public async checkWrite(): Promise<void> {
    const commit = await this.commit(await this.tree(new Map()), 'check');
    const ended = await this.git.remote(['push', '--dry-run', '--no-verify', '--no-signed', this.git.url, `${commit}:refs/delivery/pages/check`]);
    if (ended.code !== 0) throw this.failure('written', ended);
  }

  public push(moves: readonly RefMove[]): Promise<boolean> {
    return this.pushed(moves, true);
  }

  protected failure(what: 'read' | 'written', { stderr, stdout }: Ended): PagesError {
    const said = `${stderr}\n${what === 'written' ? stdout : ''}`;
    const why = /archived/i.test(said) ? 'it is archived, so no one can write to it. Unarchive it' : rejectionOf(said, this.options);
    return new PagesError(kindOf(said), this.git.shown(`${this.options.repository} could not be ${what}: ${why}`, 1000));
  }

  protected raced(message: string): PagesError {
    return new PagesError('unavailable', message);
  }
}
