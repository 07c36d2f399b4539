import { CrashWorld, Ran } from './crash-world';
import { GithubStandIn } from '../../github-api-stand-in/stand-in';

/** An attempt as the ledger has it, read off the API without the code under test. */
interface Attempt {
  readonly version: string;
  readonly kind: string;
  readonly run: number;
  /** The rollback point; undefined also if the target cannot take the release back. */
  readonly stable?: string;
  /** The first words of its entries, oldest first. */
  readonly passed: string[];
  readonly state: string;
}

interface Payload {
  readonly record: {
    readonly kind: string;
    readonly run: { readonly id: number };
    readonly release: Version;
    readonly stable?: { readonly release: Version };
  };
}

interface Version {
  readonly version: string;
  readonly artifact?: { readonly digest: string };
  readonly image?: { readonly digest: string };
}

/** The versions whose records differ in what was built of them: a rollback would not restore what was verified. */
function differentlyBuilt(api: GithubStandIn): string[] {
  const releases = api.deployments('production').flatMap(({ payload }) => {
    const { kind, release, stable } = (payload as unknown as Payload).record;
    return kind === 'adopt' || !ATTEMPTS.includes(kind) ? [] : [release, ...(stable ? [stable.release] : [])];
  });
  const built = ({ artifact, image }: Version) => `${artifact?.digest} ${image?.digest}`;
  const differs = (one: Version) => releases.some((other) => other.version === one.version && built(other) !== built(one));
  return [...new Set(releases.filter(differs).map(({ version }) => version))];
}

const ATTEMPTS = ['deploy', 'rollback', 'adopt', 'drill'];
const EXIT_CODE_3 = /exit code 3\b/;
const FINAL = ['stable', 'rolledBack', 'halted', 'failed', 'superseded'];

/** Oldest first. */
function attempts(api: GithubStandIn, isOneWay: boolean): Attempt[] {
  return [...api.deployments('production')].reverse().flatMap(({ payload, statuses }) => {
    const { release, kind, run, stable } = (payload as unknown as Payload).record;
    if (!ATTEMPTS.includes(kind)) return [];
    const passed = ['pending', ...statuses.map(({ description }) => /^\w*/.exec(description)![0])];
    // nothing counts after a final state
    const state = passed.find((one) => FINAL.includes(one)) ?? passed.at(-1)!;
    return [{ version: release.version, kind, run: run.id, stable: isOneWay ? undefined : stable?.release.version, passed, state }];
  });
}

/** The outputs are a part of the link to the run. */
function recordedUrl(api: GithubStandIn): string | undefined {
  const links = api.deployments('production').flatMap(({ statuses }) => [...statuses].reverse().map(({ logUrl }) => logUrl));
  const field = links.flatMap((link) => /[#,]outputs=([\w.-]+)/.exec(link ?? '')?.[1] ?? [])[0];
  if (field === undefined) return undefined;
  return (JSON.parse(Buffer.from(field.replaceAll('.', '+').replaceAll('_', '/'), 'base64').toString()) as Record<string, string>)['Api.Url'];
}

/** An adoption that recorded nothing as Stable left all as it was. */
function recordedNothing({ kind, state }: Attempt): boolean {
  return kind === 'adopt' && (state === 'failed' || state === 'superseded');
}

/** What became of an environment. */
export interface Seen {
  readonly attempts: Attempt[];
  /** The last release that was verified, as the ledger has it. */
  readonly stable: string | undefined;
  /** The end state without a further deployment. */
  readonly served: string | undefined;
  /** What users get a response from, from the end of the run on, before that stays. */
  readonly servedBefore: readonly (string | undefined)[];
  /** Whether what was deployed late may stay though an older release was deployed again after it. */
  readonly overtakes: boolean;
  /** What the command after the promotion was last run for, where there is one. */
  readonly announced: string | undefined;
  readonly isWell: boolean;
  /** The output `Api.Url` that the ledger recorded last; undefined if it recorded none. */
  readonly recordedUrl: string | undefined;
  readonly log: string;
  /** Whether the run only decided something, and so changed nothing that users see. */
  readonly onlyDecided: boolean;
  /** The run that was looked at last. */
  readonly run: { readonly id: number; readonly isGreen: boolean };
  readonly violations: readonly string[];
  readonly differentlyBuilt: readonly string[];
}

export function look({ api, kind, service }: CrashWorld, { record }: Ran): Seen {
  const log = Object.values(record.jobs).map((job) => `${job.log}\n${job.summary}`).join('\n');
  const all = attempts(api, kind.oneWay === true);
  const stable = all.filter(({ state }) => state === 'stable').at(-1)?.version;
  const servedBefore = service.servedFromNowOn;
  const served = servedBefore.pop();
  return { attempts: all, stable, served, servedBefore, overtakes: service.overtakes, announced: service.announced, isWell: service.isWell, recordedUrl: recordedUrl(api), log, onlyDecided: record.jobs.decision?.result !== 'skipped' && record.jobs.decision !== undefined, run: { id: record.runId, isGreen: record.conclusion === 'success' }, violations: [...api.violations], differentlyBuilt: differentlyBuilt(api) };
}

export function describe({ attempts: all, served, stable }: Seen): string {
  return `${all.map(({ kind, version, state }) => `${kind} ${version} ${state}`).join(', ') || 'no record'}; Stable ${stable ?? 'none'}, served ${served ?? 'nothing'}`;
}

export function isOpen(seen: Seen): boolean {
  return seen.attempts.some(({ state }) => !FINAL.includes(state));
}

/** Halted, and the process that would have said so died first. */
export function isUnsaid({ attempts: all, log }: Seen): boolean {
  return all.filter((attempt) => !recordedNothing(attempt)).at(-1)?.state === 'halted' && !EXIT_CODE_3.test(log);
}

/** What is wrong with an end, in words; empty where it is right. */
export function faultsOf(seen: Seen): string[] {
  const { attempts: all, stable, served, servedBefore, announced, isWell, onlyDecided, recordedUrl: url } = seen;
  const counted = all.filter((attempt) => !recordedNothing(attempt));
  const newest = counted.at(-1);
  const faults = [
    ...seen.violations.map((violation) => `the API was used wrongly: ${violation}`),
    ...all.filter(({ state }) => !FINAL.includes(state)).map(({ kind, version, state }) => `the ${kind} of ${version} is left ${state}`),
    ...all.flatMap(endedTwice),
    ...seen.differentlyBuilt.map((version) => `the records of ${version} name different files or images`),
  ];
  faults.push(...greenFaults(seen));
  if (newest?.state === 'halted') return [...faults, ...haltFaults(newest, seen)];
  // an existing service that is not adopted yet
  if (onlyDecided && counted.length === 0) return faults;
  if (stable !== served) faults.push(`users are served ${served ?? 'nothing'}, and the ledger says that Stable is ${stable ?? 'nothing'}`);
  for (const before of servedBefore) if (before !== stable) faults.push(`Stable is said to be ${stable ?? 'nothing'}, and ${before ?? 'nothing'} shows afterwards`);
  if (announced !== undefined && announced !== served) faults.push(`the command after the promotion was last run for ${announced}, and users are served ${served ?? 'nothing'}`);
  if (url !== undefined && !url.endsWith(`/at-${served}`)) faults.push(`the recorded URL is ${url}, and users are served ${served ?? 'nothing'}`);
  if (stable !== undefined && !isWell) faults.push(`users are served badly, by ${served ?? 'nothing'}`);
  return faults;
}

/** One automatic rollback for any number of requests. A paused machine may report again what it did before. */
function endedTwice({ version, passed }: Attempt): string[] {
  const ends = passed.filter((state) => FINAL.includes(state));
  return new Set(ends).size > 1 ? [`${version} ended more than once: ${ends.join(', ')}`] : [];
}

function haltFaults({ kind, stable }: Attempt, { log, overtakes, served }: Seen): string[] {
  // the rollback ended at the rollback point, and the late release appeared after it
  const isOvertaken = overtakes && served !== stable;
  const faults = kind !== 'rollback' && stable && !isOvertaken ? [`halted, though there was a rollback point: ${stable}`] : [];
  if (!EXIT_CODE_3.test(log)) faults.push('halted without exit code 3');
  if (!/adopt|resolve|roll forward/i.test(log)) faults.push('halted without an instruction');
  return faults;
}

/** A successful run gets no attention. A drill rolls back on purpose, and `resolve` tries one release after the other. */
function greenFaults({ attempts: all, run }: Seen): string[] {
  const ours = all.filter((attempt) => attempt.run === run.id && attempt.kind !== 'drill');
  const isResolved = ours.some(({ kind, state }) => kind === 'adopt' && state === 'stable');
  const bad = ours.filter((attempt) => !['stable', 'superseded'].includes(attempt.state) && !(isResolved && recordedNothing(attempt)));
  return run.isGreen ? bad.map(({ version, state }) => `its run is green, though ${version} is ${state}`) : [];
}
