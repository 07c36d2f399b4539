import { createHash } from 'node:crypto';
import { PagesBuild, SiteCommit } from '../../../runtime/ci/pages';
import { Release } from '../../../runtime/release';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { LiveRelease } from '../../../runtime/targets/target-driver';
import { isReleaseName as isSiteName, releaseName } from '../../published-files/runtime/release-name';

/** Below it, each release that the repository keeps has a reference. */
export const RELEASES = 'refs/delivery/pages/';
/** The engine's name of a site without a branch. */
export const NO_SITE = '(none)';
/** GitHub deletes no custom domain, and a branch without this file has none. */
export const DOMAIN_FILE = 'CNAME';
/** Without it, GitHub would leave out files whose names begin with `_`. */
export const NO_JEKYLL = '.nojekyll';

const ADOPTED_NAME = /^adopted-([0-9a-f]{40,64})$/;
const COMMIT = /^[0-9a-f]{40,64}$/;

/** What the message of a commit says of the release whose files it has. */
export interface SiteRecord {
  readonly name: string;
  readonly version: string;
  readonly sha: string;
  readonly digest?: string;
}

/** What the branch of the site leads to. */
export interface LiveCommit {
  readonly commit: SiteCommit;
  /** The name of the release, whether or not a delivery made it. */
  readonly name: string;
  /** Undefined where no delivery made the release. */
  readonly record?: SiteRecord;
}

/** Identifies the files where no artifact does: their identifiers, by path. */
export function digestOf(files: ReadonlyMap<string, string>): string {
  return createHash('sha256').update([...files].map(([path, blob]) => `${path}\0${blob}`).sort().join('\n')).digest('hex');
}

/** The name of what someone else put on the branch. */
export function adoptedName(commit: string): string {
  return `adopted-${commit}`;
}

/** Whether a reference is that of a release: no other one is ever deleted. */
export function isReleaseName(name: string): boolean {
  return isSiteName(name) || ADOPTED_NAME.test(name);
}

/** The names that a release may have. More than one only where neither an artifact nor the engine says which files it has. */
export function namesOf({ artifact, engineId, sha }: Release, stored: readonly string[]): string[] {
  if (engineId !== undefined && isReleaseName(engineId)) return [engineId];
  if (engineId !== undefined && COMMIT.test(engineId)) return [adoptedName(engineId)];
  if (engineId !== undefined) return [];
  if (artifact) return [releaseName({ sha }, artifact.digest)];
  return stored.filter((name) => name.startsWith(`${sha}-`));
}

/**
 * The message of a commit of the site.
 *
 * @param tree of the commit: what is not this tree, someone else changed
 * @param replaces what was live before, so that each move makes another commit; undefined for the commit that is kept
 */
export function messageOf(name: string, record: Omit<SiteRecord, 'name'> | undefined, tree: string, replaces?: string): string {
  const fields = {
    Release: name, Version: record?.version, Sha: record?.sha, Digest: record?.digest, Tree: tree, Replaces: replaces,
  };
  const lines = Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [`Delivery-${field}: ${value}`]));
  return `${replaces === undefined ? 'Keep' : 'Publish'} ${record?.version ?? name}\n\n${lines.join('\n')}`;
}

/** Reads a commit of the branch. Anyone who can write to the repository may have made it: what has not the form that the target writes is foreign. */
export function liveAt(commit: SiteCommit): LiveCommit {
  const foreign = { commit, name: adoptedName(commit.id) };
  const field = (name: string, pattern: RegExp) => {
    const [, value = ''] = new RegExp(`^Delivery-${name}: (\\S{1,200})$`, 'm').exec(commit.message) ?? [];
    return pattern.test(value) && safeLine(value) === value ? value : undefined;
  };
  const name = field('Release', /./);
  if (name === undefined || !isReleaseName(name) || field('Tree', COMMIT) !== commit.tree) return foreign;
  if (ADOPTED_NAME.test(name)) return { commit, name };
  const [version, sha, digest] = [field('Version', /./), field('Sha', /^[0-9a-f]{7,64}$/), field('Digest', /^[0-9a-f]{64}$/)];
  if (version === undefined || sha === undefined || !name.startsWith(`${sha}-`)) return foreign;
  return { commit, name, record: { name, version, sha, ...(digest !== undefined && { digest }) } };
}

/** The release that the branch leads to. */
export function liveOf(live: LiveCommit | undefined, branch: string): LiveRelease {
  if (!live) return { kind: 'foreign', engineId: NO_SITE, shown: `no branch ${branch}` };
  const { commit, name, record } = live;
  const shown = `commit ${commit.id.slice(0, 7)} of ${branch}`;
  if (!record) return { kind: 'foreign', engineId: ADOPTED_NAME.exec(name)![1]!, shown };
  const { digest, sha, version } = record;
  return { kind: 'release', release: { version, sha, ...(digest !== undefined && { digest }) }, engineId: name, shown };
}

export interface MoveSituation {
  readonly live: LiveCommit | undefined;
  /** The name of the release that users should get. */
  readonly wanted: string;
  /** The commit that the branch led to at first; undefined if that does not matter, as in a rollback. */
  readonly from: { readonly commit: string | undefined } | undefined;
  /** Whether no push of a process that was killed can move the branch any more: its condition is a commit that was replaced. */
  readonly isFenced: boolean;
  /** The newest build. */
  readonly build: PagesBuild | undefined;
  /** How long the branch has led to this commit, as far as this process knows, in milliseconds. */
  readonly sinceMs: number;
  /** How many builds this process requested for the commit. */
  readonly requests: number;
  /** How long ago it requested the last one, in milliseconds. */
  readonly sinceRequestMs: number;
  /** The newest build before that request. */
  readonly buildBefore: PagesBuild | undefined;
  /** How long the command may still take, in milliseconds. */
  readonly leftMs: number;
}

export type MoveStep = 'done' | 'elsewhere' | 'failed' | 'move' | 'request' | 'wait';

/** A push begins a build, usually at once. */
const BUILD_BEGINS_MS = 10_000;
/** GitHub builds a site at most 10 times an hour, and shows a requested build only after a while. */
const REQUEST_INTERVAL_MS = 60_000;
const MOST_REQUESTS = 3;

/** The next step to a branch that leads to the release, and to a site that was built from it. */
export function moveStep(situation: MoveSituation): MoveStep {
  const { build, buildBefore, from, isFenced, leftMs, live, requests, sinceMs, sinceRequestMs, wanted } = situation;
  if (live?.name !== wanted || !isFenced) return from === undefined || live?.commit.id === from.commit ? 'move' : 'elsewhere';
  if (build?.commit === live.commit.id && build.status !== 'failed') return build.status === 'built' ? 'done' : 'wait';
  const hasFailed = build?.commit === live.commit.id;
  // commits that a workflow's token pushes may begin none
  const waitMs = requests > 0 ? REQUEST_INTERVAL_MS - sinceRequestMs : hasFailed ? 0 : BUILD_BEGINS_MS - sinceMs;
  const mayRequest = requests < MOST_REQUESTS && waitMs < leftMs;
  // a build that failed before the request says nothing of the requested one
  const isFinal = requests === 0 || waitMs <= 0 || isNewer(build, buildBefore);
  if (hasFailed && isFinal && !mayRequest) return 'failed';
  return mayRequest && waitMs <= 0 ? 'request' : 'wait';
}

function isNewer(build: PagesBuild | undefined, before: PagesBuild | undefined): boolean {
  if (build === undefined || before === undefined) return build !== undefined;
  // GitHub's times have whole seconds
  return build.madeAt > before.madeAt || (build.madeAt === before.madeAt && build.id !== before.id);
}

/** The releases to delete, oldest first: all but the newest `keep`, and never one of `protectedNames`. */
export function obsolete(releases: ReadonlyMap<string, SiteCommit>, keep: number, protectedNames: ReadonlySet<string>): string[] {
  const names = [...releases.keys()].filter(isReleaseName);
  const kept = names.filter((name) => protectedNames.has(name)).length;
  const madeAt = (name: string) => releases.get(name)!.madeAt;
  const others = names.filter((name) => !protectedNames.has(name)).sort((a, b) => madeAt(b) - madeAt(a) || a.localeCompare(b));
  return others.slice(Math.max(0, keep - kept)).reverse();
}
