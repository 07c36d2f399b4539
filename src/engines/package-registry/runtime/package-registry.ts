import { Release } from '../../../runtime/release';

/** A file of a version, on this machine or in a registry. */
export interface PackageFile {
  readonly name: string;
  /** In hex; undefined where the registry names none. */
  readonly sha256?: string;
  /** In hex. A registry that names no sha256 may name this one. */
  readonly sha1?: string;
}

/** A version as a registry serves it. */
export interface PublishedVersion {
  readonly version: string;
  /** None if it is not served yet. Their hashes are known only where one version was read. */
  readonly files: readonly PublishedFile[];
  /** Why the registry does not serve it, as it says. */
  readonly missing?: string;
  /** The commit that it was made of, where the registry says so and it must be the one of the release. */
  readonly commit?: string;
}

export interface PublishedFile extends PackageFile {
  /** Why it was withdrawn; undefined if it was not. */
  readonly withdrawn?: string;
}

/** Where a version was installed, and how its programs are found. */
export interface InstalledPackage {
  /** The file that was downloaded; undefined where the tool does not say which one. */
  readonly name?: string;
  /** The hashes of it, in hex; undefined where the tool names none. */
  readonly sha256?: string;
  readonly sha1?: string;
  /** What identifies the content, for people: `h1:...` of Go. */
  readonly identity?: string;
  /** What the smoke command gets in its process environment. */
  readonly env: NodeJS.ProcessEnv;
}

export interface Installation {
  readonly version: string;
  /** An empty folder. What is left in it is removed. */
  readonly folder: string;
  /** The folder in it in which the smoke command runs. */
  readonly project: string;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
}

/** What differs between the registries of packages. Every method that calls a registry or a tool rejects with `EngineError` and `InterruptedError`. */
export interface PackageRegistry {
  /** The name of the package in the registry. */
  readonly packageName: string;
  /** What people call the place. */
  readonly place: string;
  /** The folder with the files that were published; undefined if none are compared. */
  readonly directory?: string;
  /** Whether the files lie in folders of it. */
  readonly isNested?: boolean;
  /** What is to be done if a tool is missing. */
  readonly toolFix: string;
  /** The registry's own name of a version: `1.2.3` for `v1.2.3`; undefined if it is not one, or if the release is named by its commit. */
  versionNamed(release: Pick<Release, 'sha' | 'version'>): string | undefined;
  /** What is to be done about a name that is a version, but none of this package; undefined for other names. */
  misnamed?(release: Pick<Release, 'version'>): string | undefined;
  /** The version that a file of the package is of; undefined for other files. */
  versionOfFile(name: string): string | undefined;
  /**
   * The names of the files that are compared, where the version says them exactly. Absent where all files of the version are compared.
   *
   * @param version as the release is named; undefined if it is named by its commit
   */
  comparedFiles?(names: readonly string[], version: string | undefined): readonly string[];
  /** Checks that the tool which installs is on this machine. Returns its version. */
  toolVersion(giveUpAt: number): Promise<string>;
  /** Every version that the registry lists; none if it has no such package. */
  versions(giveUpAt: number): Promise<readonly PublishedVersion[]>;
  /** One version with the hashes of its files; undefined if it is not served. */
  publication(version: string, giveUpAt: number): Promise<PublishedVersion | undefined>;
  /** Negative if the first is lower than the second. */
  compare(one: string, other: string): number;
  isPrerelease(version: string): boolean;
  /** Installs a version as a user would. `notFound` if the tool does not find it yet. */
  install(installation: Installation): Promise<InstalledPackage>;
}
