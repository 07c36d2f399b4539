import { NamedError } from '../errors';
import type { GitCommit as SiteCommit, GitErrorKind, RefMove } from '../git/git-repository';

export type { SiteCommit, RefMove };

/** The web site that the CI system serves from a branch of the repository. All methods reject with `PagesError`. */
export interface CiPages {
  /** Where a person sets it up. */
  readonly settingsUrl: string;
  /** Undefined if the repository has none. */
  site(): Promise<PagesSite | undefined>;
  /** The newest build of the site; undefined if there was none. */
  build(): Promise<PagesBuild | undefined>;
  /** Has the site built from the branch as it is now. */
  requestBuild(): Promise<void>;
  /**
   * Reads the commits of references, without their files, by the reference. A pattern may end with `*`.
   *
   * @param branch the one of the site, for messages
   * @param giveUpAt milliseconds since the epoch
   */
  commits(branch: string, giveUpAt: number, patterns: readonly string[]): Promise<ReadonlyMap<string, SiteCommit>>;
  /**
   * Reads the paths of what is in a folder of the branch, without the files. Empty if there is no such branch or folder.
   *
   * @param branch the one of the site
   * @param giveUpAt milliseconds since the epoch
   */
  pathsIn(branch: string, giveUpAt: number, folder: string): Promise<readonly string[]>;
  /**
   * Opens the repository, without the checkout.
   *
   * @param branch the one of the site, for messages
   * @param giveUpAt milliseconds since the epoch
   */
  open<T>(branch: string, giveUpAt: number, work: (repository: SiteRepository) => Promise<T>): Promise<T>;
}

export interface PagesSite {
  /** The branch that it is served from; undefined if a workflow publishes it. */
  readonly branch?: string;
  /** The folder in the branch: `/` or `/docs`. */
  readonly path?: string;
  /** The custom domain. */
  readonly domain?: string;
}

export interface PagesBuild {
  readonly id: string;
  /** When it was requested, in milliseconds since the epoch. */
  readonly madeAt: number;
  readonly commit: string;
  readonly status: 'inProgress' | 'built' | 'failed';
  /** Why it failed. */
  readonly error?: string;
}

/** The objects and references of the repository. The identifiers are those of git. */
export interface SiteRepository {
  /** The branch that the repository shows first; undefined if it has none yet. */
  defaultBranch(): Promise<string | undefined>;
  /** The commits that references lead to, by their names. A pattern may end with `*`. */
  refs(patterns: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Fetches the commit of a reference with its files. Undefined if there is no such reference. */
  fetchCommit(ref: string): Promise<SiteCommit | undefined>;
  /** The files of a commit that was fetched: their identifiers, by path. */
  filesOf(commit: string): Promise<ReadonlyMap<string, string>>;
  /** Stores files of this machine. Returns their identifiers, by path. */
  store(folder: string, paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  storeText(text: string): Promise<string>;
  /** Stores a tree of files that are stored. */
  tree(files: ReadonlyMap<string, string>): Promise<string>;
  /** Stores the tree of a commit that was fetched, with files that are stored. All else of it stays: links and submodules, too. */
  treeWith(commit: string, files: ReadonlyMap<string, string>): Promise<string>;
  /** Makes a commit without a parent. */
  commit(tree: string, message: string): Promise<string>;
  /** Checks that references may be written. */
  checkWrite(): Promise<void>;
  /** Moves all references, or none. Returns false if one of them is somewhere else meanwhile. */
  push(moves: readonly RefMove[]): Promise<boolean>;
}

export type PagesErrorKind = GitErrorKind;

/** The message contains the fix, and no secrets. */
export class PagesError extends NamedError {
  constructor(public readonly kind: PagesErrorKind, message: string) {
    super(message);
  }
}
