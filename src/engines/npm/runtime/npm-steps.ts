import { bareVersion, Release } from '../../../runtime/release';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { LiveRelease } from '../../../runtime/targets/target-driver';

/** A version in the registry. Its files never change. */
export interface PublishedVersion {
  readonly version: string;
  /** The hash of the tarball: `sha512-...`. */
  readonly integrity: string;
  /** The notice of a deprecated version. */
  readonly deprecated?: string;
}

/** What identifies a release: the version, and the hash of the tarball. */
export type PackageIdentity = Pick<PublishedVersion, 'version' | 'integrity'>;

/** The version of each tag. */
export type TagVersions = Readonly<Record<string, string>>;

const SEMVER = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z.-]+)?$/;
const INTEGRITY = /^sha512-[A-Za-z0-9+/]{86}==$/;

/** The version of npm that a release's name says; undefined where it is named in another way, for example by its commit. */
export function versionNamed({ version }: Pick<Release, 'version'>): string | undefined {
  const bare = bareVersion(version);
  // a registry ignores build metadata
  return SEMVER.test(bare) ? bare.replace(/\+.*$/, '') : undefined;
}

/** How a record of the ledger names a version of the registry. */
export function engineIdOf({ integrity, version }: PackageIdentity): string {
  return `${version} ${integrity}`;
}

/** The version and the hash that a record names; undefined where it names none. */
export function identityIn({ engineId = '' }: Pick<Release, 'engineId'>): PackageIdentity | undefined {
  const [version, integrity, ...rest] = engineId.split(' ');
  if (version === undefined || integrity === undefined || rest.length > 0) return undefined;
  return SEMVER.test(version) && INTEGRITY.test(integrity) ? { version, integrity } : undefined;
}

/** The version of npm that a release is, as far as the ledger knows. */
export function versionOf(release: Release): string | undefined {
  return identityIn(release)?.version ?? versionNamed(release);
}

/** The strongest hash of a list of hashes; empty where there is none. */
export function sha512In(integrity: string): string {
  return integrity.split(/\s+/).find((hash) => INTEGRITY.test(hash)) ?? '';
}

export type PublishStep =
  | { readonly step: 'done'; readonly identity: PackageIdentity }
  | { readonly step: 'publish' | 'wait' }
  | { readonly step: 'fail'; readonly why: string };

export interface PublishSituation {
  readonly packageName: string;
  readonly version: string;
  readonly published: PublishedVersion | undefined;
  /** The hash that the version must have: of the tarball on this machine, or of the record; undefined if neither is there. */
  readonly integrity: string | undefined;
  /** Whether there is a tarball that may be published. */
  readonly mayPublish: boolean;
  /** Whether it was published: what a registry reads back may be some seconds old. */
  readonly isPublished: boolean;
}

/** The next step to a version that is in the registry. */
export function publishStep({ integrity, isPublished, mayPublish, packageName, published, version }: PublishSituation): PublishStep {
  if (!published) return { step: !isPublished && mayPublish ? 'publish' : 'wait' };
  const why = otherFiles({ packageName, published, integrity });
  return why === undefined ? { step: 'done', identity: { version, integrity: published.integrity } } : { step: 'fail', why };
}

/** Why a version of the registry is not the release, in words; undefined if it is. */
export function otherFiles({ integrity, packageName, published }: Pick<PublishSituation, 'integrity' | 'packageName'> & { readonly published: PublishedVersion }): string | undefined {
  if (integrity === undefined || integrity === published.integrity) return undefined;
  const shown = (hash: string) => (hash === '' ? 'no sha512' : `${hash.slice(0, 20)}...`);
  return `${packageName}@${published.version} is in the registry with other files: its integrity is ${shown(published.integrity)}, and that of the release is ${shown(integrity)}`;
}

export type TagStep = 'done' | 'confirm' | 'move' | 'wait' | 'elsewhere';

export interface TagSituation {
  readonly now: string | undefined;
  readonly wanted: string;
  /** Where it was at first. */
  readonly before: string | undefined;
  /** Whether someone else's change in between is an error. */
  readonly givesWay: boolean;
  /** Reads since the last change of this process; undefined if it made none. */
  readonly readsSinceMove: number | undefined;
  /** How often it must still be found at `wanted` without a change of this process. */
  readonly doubts: number;
}

/** What a registry reads back may be so many reads late. */
export const STALE_READS = 10;
/** A rollback does not trust one read: the change that it takes back may not show yet. */
export const DOUBTS = 2;

/** The next step to a tag at `wanted`. No registry has a compare-and-swap of tags. */
export function tagStep({ before, doubts, givesWay, now, readsSinceMove, wanted }: TagSituation): TagStep {
  if (now === wanted) return readsSinceMove !== undefined || doubts <= 0 ? 'done' : 'confirm';
  if (givesWay && now !== before) return 'elsewhere';
  if (readsSinceMove !== undefined && now === before && readsSinceMove < STALE_READS) return 'wait';
  return 'move';
}

/** The release that the tag points to, by the releases that the ledger knows. */
export function liveOf(published: PublishedVersion | undefined, known: readonly Release[]): LiveRelease {
  if (!published) return { kind: 'foreign', engineId: 'none', shown: 'no version' };
  const { integrity, version } = published;
  const engineId = engineIdOf(published);
  const shown = `version ${safeLine(version, 64)}, ${integrity === '' ? 'without a sha512' : `${integrity.slice(0, 20)}...`}`;
  // a record of another target names no hash
  const release = known.find((one) => one.engineId === engineId) ?? known.find((one) => one.engineId === undefined && versionNamed(one) === version);
  if (!release) return { kind: 'foreign', engineId, shown };
  return { kind: 'release', engineId, shown, release: { version: release.version, sha: release.sha, ...(release.artifact && { digest: release.artifact.digest }) } };
}
