import { isListOf, isNumber, isObject, isText } from '../json-value';

/** How a response counts: `blind` says nothing about the service. */
export type Mark = 'healthy' | 'bad' | 'blind';

/** The measurements of one run of the watch, passed as JSON to the step that stores them. They contain no text of the service. */
export interface Measurements {
  /** `<run id>.<attempt>.<random>`: kept once, however often it is given. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly runUrl?: string;
  readonly environments: readonly EnvironmentMeasurement[];
}

export interface EnvironmentMeasurement {
  readonly name: string;
  /** What is live, as the ledger says. */
  readonly live?: Live;
  /** Empty if nothing was probed: a deployment is in progress, or nothing is live yet. */
  readonly checks: readonly CheckMeasurement[];
  /** The names of the alerts that fire. */
  readonly firing: readonly string[];
  /** Those that do not fire yet. */
  readonly pending: readonly string[];
}

export interface Live {
  readonly version: string;
  readonly sha: string;
  /** ISO 8601: since when it is Stable. */
  readonly since: string;
}

export interface CheckMeasurement {
  readonly name: string;
  readonly mark: Mark;
  /** Of the last response. */
  readonly latencyMs?: number;
}

/** The worst result counts for the environment; undefined if nothing was probed. */
export function markOf(checks: readonly CheckMeasurement[]): Mark | undefined {
  const all = checks.map(({ mark }) => mark);
  return (['bad', 'blind', 'healthy'] as const).find((mark) => all.includes(mark));
}

/** The slowest of the healthy responses of a run. */
export function slowestOf(checks: readonly CheckMeasurement[]): number | undefined {
  const latencies = checks.flatMap(({ mark, latencyMs }) => (mark === 'healthy' && latencyMs !== undefined ? [latencyMs] : []));
  return latencies.length === 0 ? undefined : Math.max(...latencies);
}

const MARKS: readonly unknown[] = ['healthy', 'bad', 'blind'] satisfies Mark[];

/** Measurements from outside, checked field by field; undefined if they are none. */
export function readMeasured(value: unknown): Measurements | undefined {
  if (!isObject(value) || !isText(value.by) || !isNumber(value.at) || !Array.isArray(value.environments)) return undefined;
  const environments = value.environments.map(readEnvironment);
  if (!environments.every((one) => one !== undefined)) return undefined;
  return { by: value.by, at: value.at, environments, ...(isText(value.runUrl) && { runUrl: value.runUrl }) };
}

export function readEnvironment(value: unknown): EnvironmentMeasurement | undefined {
  if (!isObject(value) || !isText(value.name) || !Array.isArray(value.checks)) return undefined;
  if (!isListOf(value.firing, isText) || !isListOf(value.pending, isText)) return undefined;
  const checks = value.checks.filter(isCheck).map(({ name, mark, latencyMs }) => ({ name, mark, ...(isNumber(latencyMs) && { latencyMs }) }));
  const { firing, live, name, pending } = value;
  return checks.length < value.checks.length ? undefined : { name, firing, pending, checks, ...(isLive(live) && { live }) };
}

function isCheck(value: unknown): value is CheckMeasurement {
  return isObject(value) && isText(value.name) && MARKS.includes(value.mark);
}

function isLive(value: unknown): value is Live {
  return isObject(value) && isText(value.version) && isText(value.sha) && isText(value.since) && Number.isFinite(Date.parse(value.since));
}

/** The verdict of an environment by its last probes. `unprobed`: not probed, because a deployment is in progress or nothing is live. */
export type PageVerdict = 'healthy' | 'pending' | 'firing' | 'inconclusive' | 'unprobed';

export function pageVerdict({ checks, firing, pending }: Pick<EnvironmentMeasurement, 'checks' | 'firing' | 'pending'>): PageVerdict {
  if (firing.length > 0) return 'firing';
  const mark = markOf(checks);
  if (mark === undefined) return 'unprobed';
  if (mark === 'bad' || pending.length > 0) return 'pending';
  return mark === 'blind' ? 'inconclusive' : 'healthy';
}

/** For a person. */
export const VERDICTS: Record<PageVerdict, string> = {
  healthy: 'healthy',
  pending: 'unhealthy, not for long enough to fire',
  firing: 'firing',
  inconclusive: 'inconclusive',
  unprobed: 'not probed',
};
