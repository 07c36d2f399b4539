import { PackageFile, PackageRegistry, PublishedVersion } from './package-registry';
import { Release } from '../../release';
import { safeLine } from '../../reporting/untrusted-text';
import { LiveRelease } from '../target-driver';

export type PublicationStep =
  | { readonly step: 'done' }
  | { readonly step: 'wait' | 'fail'; readonly why: string };

export interface PublicationSituation {
  /** The package and the version, for people. */
  readonly spec: string;
  /** What the registry serves of the version. */
  readonly published: PublishedVersion | undefined;
  /** The files that were built for the version; undefined if they are not compared. */
  readonly built: readonly PackageFile[] | undefined;
}

/** The next step to a version that users can install. */
export function publicationStep({ built = [], published, spec }: PublicationSituation): PublicationStep {
  if (!published || published.files.length === 0) return { step: 'wait', why: `the registry does not serve ${spec} yet` };
  const { files } = published;
  for (const { name, sha256 } of built) {
    const there = files.find((file) => file.name === name);
    if (there && there.sha256 !== sha256) return { step: 'fail', why: `${spec} is in the registry with another ${name}: its sha256 is ${shown(there.sha256)}, and that of the release is ${shown(sha256)}` };
  }
  if (files.every(({ withdrawn }) => withdrawn !== undefined)) {
    return { step: 'fail', why: `${spec} was withdrawn from the registry${files[0]!.withdrawn ? `: ${safeLine(files[0]!.withdrawn, 200)}` : ''}` };
  }
  const missing = built.find(({ name }) => !files.some((file) => file.name === name));
  return missing ? { step: 'wait', why: `the registry does not serve ${missing.name} yet` } : { step: 'done' };
}

/** Why an installation is not the version that was looked at; undefined if it is. */
export function installedOther(spec: string, sha256: string | undefined, { files }: PublishedVersion): string | undefined {
  if (sha256 === undefined || files.some((file) => file.sha256 === sha256)) return undefined;
  return `the installation of ${spec} got a file that the registry does not name: its sha256 is ${shown(sha256)}`;
}

function shown(sha256: string | undefined): string {
  return sha256 === undefined ? 'missing' : `${safeLine(sha256, 64).slice(0, 12)}...`;
}

/** Of the versions that were not withdrawn, the highest; of prereleases only where nothing else is there, or where they are what is released. */
export function latestOf(
  versions: readonly PublishedVersion[], registry: Pick<PackageRegistry, 'compare' | 'isPrerelease'>, takesPrereleases: boolean,
): PublishedVersion | undefined {
  const there = versions.filter(({ files }) => files.some(({ withdrawn }) => withdrawn === undefined));
  const full = there.filter(({ version }) => !registry.isPrerelease(version));
  const among = takesPrereleases || full.length === 0 ? there : full;
  return [...among].sort((one, other) => registry.compare(other.version, one.version))[0];
}

/** The release that is the highest version, by the releases that the ledger knows. */
export function liveOf(
  latest: PublishedVersion | undefined, known: readonly Release[], versionOf: (release: Release) => string | undefined, compare: PackageRegistry['compare'],
): LiveRelease {
  if (!latest) return { kind: 'foreign', engineId: 'none', shown: 'no version' };
  const engineId = latest.version;
  const isSame = (one: string | undefined, other: string) => one !== undefined && compare(one, other) === 0;
  const release = known.find((one) => isSame(versionOf(one), engineId));
  if (!release) return { kind: 'foreign', engineId, shown: `version ${safeLine(engineId, 64)}` };
  return { kind: 'release', engineId, shown: `version ${safeLine(engineId, 64)}`, release: { version: release.version, sha: release.sha, ...(release.artifact && { digest: release.artifact.digest }) } };
}
