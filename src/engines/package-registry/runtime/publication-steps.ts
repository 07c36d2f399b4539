import { InstalledPackage, PackageFile, PackageRegistry, PublishedVersion } from './package-registry';
import { Release } from '../../../runtime/release';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { LiveRelease } from '../../../runtime/targets/target-driver';

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
  /** The commit of the release. */
  readonly sha?: string;
}

/** The next step to a version that users can install. */
export function publicationStep({ built = [], published, sha, spec }: PublicationSituation): PublicationStep {
  if (!published || published.files.length === 0) {
    return { step: 'wait', why: `the registry does not serve ${spec} yet${published?.missing ? ` (${safeLine(published.missing, 300)})` : ''}` };
  }
  const { commit, files } = published;
  if (commit !== undefined && sha !== undefined && commit !== sha) {
    return {
      step: 'fail',
      why: `${spec} is in the registry with the commit ${shown(commit)}, and the release is the commit ${shown(sha)}: the registry keeps what it got first, even if the tag moves`,
    };
  }
  for (const file of built) {
    const there = files.find(({ name }) => name === file.name);
    const algorithm = there?.sha256 === undefined && there?.sha1 !== undefined ? 'sha1' : 'sha256';
    if (there && there[algorithm] !== file[algorithm]) {
      return { step: 'fail', why: `${spec} is in the registry with another ${file.name}: its ${algorithm} is ${shown(there[algorithm])}, and that of the release is ${shown(file[algorithm])}` };
    }
  }
  if (files.every(({ withdrawn }) => withdrawn !== undefined)) {
    return { step: 'fail', why: `${spec} was withdrawn from the registry${files[0]!.withdrawn ? `: ${safeLine(files[0]!.withdrawn, 200)}` : ''}` };
  }
  const missing = built.find(({ name }) => !files.some((file) => file.name === name));
  return missing ? { step: 'wait', why: `the registry does not serve ${missing.name} yet` } : { step: 'done' };
}

/** Why an installation is not the version that was looked at; undefined if it is. */
export function installedOther(spec: string, installed: Pick<InstalledPackage, 'name' | 'sha256' | 'sha1'>, { files }: PublishedVersion): string | undefined {
  // a repository may have the sha256 of one file, and only the sha1 of another
  const candidates = files.filter(({ name }) => installed.name === undefined || name === installed.name);
  const algorithm = candidates.some(({ sha256 }) => sha256 !== undefined) || installed.sha1 === undefined ? 'sha256' : 'sha1';
  const hash = installed[algorithm];
  if (hash === undefined || candidates.some((file) => file[algorithm] === hash)) return undefined;
  return `the installation of ${spec} got a file that the registry does not name: its ${algorithm} is ${shown(hash)}`;
}

function shown(hash: string | undefined): string {
  return hash === undefined ? 'missing' : `${safeLine(hash, 64).slice(0, 12)}...`;
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
