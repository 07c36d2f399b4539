import { Release } from '../../../runtime/release';
import { LiveRelease } from '../../../runtime/targets/target-driver';
import { AliasSplit, AliasState } from '../../aws/runtime/lambda-alias';
import { LatestCode, PublishedVersion } from '../../aws/runtime/lambda-api';

/** What identifies a release on a version: AWS keeps it as the version's description, at most 256 characters. */
export function descriptionOf({ artifact, sha, version }: Release): string {
  return ['delivery', version, sha, ...(artifact ? [artifact.digest] : [])].join(' ');
}

export const LONGEST_DESCRIPTION = 256;

/** The release that a description names; undefined where no delivery wrote it. */
function releaseOf(description: string): { readonly version: string; readonly sha: string; readonly digest?: string } | undefined {
  const [, version, sha, digest] = /^delivery (\S+) ([0-9a-f]{7,64})(?: ([0-9a-f]{64}))?$/.exec(description) ?? [];
  return version === undefined || sha === undefined ? undefined : { version, sha, ...(digest !== undefined && { digest }) };
}

/** Whether a description names the release: the same commit and the same files. The version's name may differ. */
function names(description: string, { artifact, sha }: Release): boolean {
  const found = releaseOf(description);
  return found !== undefined && found.sha === sha && found.digest === artifact?.digest;
}

/** The version that holds a release: the newest, or the one that was adopted as it. */
export function versionOf(versions: readonly PublishedVersion[], release: Release): PublishedVersion | undefined {
  const adopted = versions.find(({ version }) => version === release.engineId);
  if (adopted) return adopted;
  return versions.filter(({ description }) => names(description, release)).sort((a, b) => Number(b.version) - Number(a.version))[0];
}

export type PublishStep =
  | { readonly step: 'done'; readonly version: string }
  | { readonly step: 'wait'; readonly why: string }
  | { readonly step: 'upload' | 'describe' | 'publish'; readonly revisionId: string }
  | { readonly step: 'fail'; readonly why: string };

export interface PublishSituation {
  readonly latest: LatestCode;
  readonly versions: readonly PublishedVersion[];
  readonly release: Release;
  /** Of the zip file, in base64, as AWS computes it. */
  readonly codeSha256: string;
  /** Lambda published nothing, because nothing differs from its last version. */
  readonly isUnchanged: boolean;
}

/** The next step to a version that holds the release. */
export function publishStep({ codeSha256, isUnchanged, latest, release, versions }: PublishSituation): PublishStep {
  const { revisionId } = latest;
  const published = versionOf(versions.filter((one) => one.codeSha256 === codeSha256), release);
  if (published) return { step: 'done', version: published.version };
  if (latest.lastUpdateStatus === 'InProgress') return { step: 'wait', why: 'an update of the function is in progress' };
  if (latest.codeSha256 !== codeSha256) return { step: 'upload', revisionId };
  if (latest.lastUpdateStatus === 'Failed') return { step: 'fail', why: `the update of the function failed: ${latest.reason}` };
  // a changed description is a change: then there is a version to publish
  if (isUnchanged && latest.description !== descriptionOf(release)) return { step: 'describe', revisionId };
  return { step: 'publish', revisionId };
}

export type SplitStep = 'done' | 'split' | 'elsewhere';

/** The next step to a split alias. What involves a third version is someone else's. */
export function splitStep({ version, weights }: AliasState, { added, base, weight }: AliasSplit): SplitStep {
  const others = Object.entries(weights);
  if (version !== base || others.some(([other]) => other !== added)) return 'elsewhere';
  return others.length === 1 && Math.round(others[0]![1] * 100) === weight ? 'done' : 'split';
}

/** The versions of an alias with their shares, for people. */
export function sharesOf({ version, weights }: AliasState): string {
  return [`version ${version}`, ...Object.entries(weights).map(([other, share]) => `version ${other} with ${Math.round(share * 100)} %`)].join(' and ');
}

/** The release that an alias serves. */
export function liveOf(alias: AliasState, description: string): LiveRelease {
  const { version, weights } = alias;
  if (Object.keys(weights).length > 0) return { kind: 'split', shares: sharesOf(alias) };
  const release = releaseOf(description);
  return release ? { kind: 'release', release, engineId: version } : { kind: 'foreign', engineId: version };
}
