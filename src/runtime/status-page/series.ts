/**
 * Measurements over time, limited to every run of the last day, then hours, then days. Pure.
 */
import { Mark } from './measurements';
import { isNumber, isObject } from '../json-value';
import { percentile } from '../probing/observation';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** How long each run, each hour and each day is kept. */
const KEEP_RUNS_MS = DAY_MS;
const KEEP_HOURS_MS = 8 * DAY_MS;
const KEEP_DAYS_MS = 90 * DAY_MS;

/** One run's result. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly mark: Mark;
  /** Of a healthy response. */
  readonly latencyMs?: number;
}

/** The results of an hour or a day. */
export interface Bucket {
  /** When it begins, in UTC. */
  readonly at: number;
  readonly healthy: number;
  readonly bad: number;
  readonly blind: number;
  /** Of the healthy responses: of an hour their median; of a day the median of its hours'. */
  readonly medianMs?: number;
  readonly slowestMs?: number;
}

/** Each list is oldest first. No result is in two lists. */
export interface Series {
  readonly runs: readonly Sample[];
  readonly hours: readonly Bucket[];
  readonly days: readonly Bucket[];
}

export const NO_SERIES: Series = { runs: [], hours: [], days: [] };

/** Adds a result, and aggregates or drops old ones. */
export function withSample(series: Series, sample: Sample, now: number): Series {
  return thinned({ ...series, runs: [...series.runs, sample].sort(byTime) }, now);
}

/** Aggregates whole hours and days only, so that none is aggregated twice. */
export function thinned({ runs, hours, days }: Series, now: number): Series {
  const isOldRun = ({ at }: Sample) => hourOf(at) + HOUR_MS <= now - KEEP_RUNS_MS;
  const isOldHour = ({ at }: Bucket) => dayOf(at) + DAY_MS <= now - KEEP_HOURS_MS;
  const allHours = merged(hours, bucketsOf(runs.filter(isOldRun).map(asBucket), hourOf));
  const allDays = merged(days, bucketsOf(allHours.filter(isOldHour), dayOf));
  return {
    runs: runs.filter((run) => !isOldRun(run)),
    hours: allHours.filter((hour) => !isOldHour(hour)),
    days: allDays.filter(({ at }) => at + DAY_MS > now - KEEP_DAYS_MS),
  };
}

/** Everything since a time, oldest first; a run counts as the shortest bucket. */
export function bucketsSince({ runs, hours, days }: Series, since: number): Bucket[] {
  return [...days, ...hours, ...runs.map(asBucket)].filter(({ at }) => at >= since).sort(byTime);
}

export interface Availability {
  readonly healthy: number;
  /** Without results that say nothing about the service. */
  readonly measured: number;
  /** The time of the first one, rounded to the hour or the day if it is old. */
  readonly since?: number;
}

/** The share of healthy results since a time; undefined if nothing was measured. */
export function availabilityOf(series: Series, since: number): Availability {
  const buckets = bucketsSince(series, since).filter(({ bad, healthy }) => bad + healthy > 0);
  const healthy = buckets.reduce((sum, one) => sum + one.healthy, 0);
  const bad = buckets.reduce((sum, one) => sum + one.bad, 0);
  return { healthy, measured: healthy + bad, ...(buckets.length > 0 && { since: buckets[0]!.at }) };
}

/** Rounded down, so that one bad result is less than 100 %. */
export function formatShare({ healthy, measured }: Pick<Availability, 'healthy' | 'measured'>): string {
  return `${(Math.floor(healthy * 10_000 / measured) / 100).toFixed(healthy === measured ? 0 : 2)} %`;
}

export function latenciesSince({ runs }: Series, since: number): number[] {
  return runs.flatMap(({ at, latencyMs }) => (at >= since && latencyMs !== undefined ? [latencyMs] : []));
}

/** Aggregates the results of the same hour or day. */
export function bucketsOf(buckets: readonly Bucket[], beginOf: (at: number) => number): Bucket[] {
  const groups = new Map<number, Bucket[]>();
  for (const one of buckets) groups.set(beginOf(one.at), [...groups.get(beginOf(one.at)) ?? [], one]);
  return [...groups].map(([at, group]) => together(at, group)).sort(byTime);
}

export function hourOf(at: number): number {
  return at - (at % HOUR_MS);
}

export function dayOf(at: number): number {
  return at - (at % DAY_MS);
}

function merged(some: readonly Bucket[], others: readonly Bucket[]): Bucket[] {
  return bucketsOf([...some, ...others], (at) => at);
}

function together(at: number, group: readonly Bucket[]): Bucket {
  const sum = (of: (one: Bucket) => number) => group.reduce((total, one) => total + of(one), 0);
  const medianMs = percentile(group.flatMap((one) => (one.medianMs === undefined ? [] : [one.medianMs])), 0.5);
  const slowest = group.flatMap((one) => (one.slowestMs === undefined ? [] : [one.slowestMs]));
  return {
    at,
    healthy: sum((one) => one.healthy),
    bad: sum((one) => one.bad),
    blind: sum((one) => one.blind),
    ...(medianMs !== undefined && { medianMs }),
    ...(slowest.length > 0 && { slowestMs: Math.max(...slowest) }),
  };
}

export function asBucket({ at, mark, latencyMs }: Sample): Bucket {
  return {
    at,
    healthy: mark === 'healthy' ? 1 : 0,
    bad: mark === 'bad' ? 1 : 0,
    blind: mark === 'blind' ? 1 : 0,
    ...(latencyMs !== undefined && { medianMs: latencyMs, slowestMs: latencyMs }),
  };
}

function byTime(a: { readonly at: number }, b: { readonly at: number }): number {
  return a.at - b.at;
}

/** The stored form: seconds and short lists, because there is one per check and run. */
export function packSeries({ runs, hours, days }: Series): unknown {
  const pack = ({ at, bad, blind, healthy, medianMs, slowestMs }: Bucket) => [at / 1000, healthy, bad, blind, medianMs ?? null, slowestMs ?? null];
  return {
    runs: runs.map(({ at, mark, latencyMs }) => [at / 1000, mark, latencyMs ?? null]),
    hours: hours.map(pack),
    days: days.map(pack),
  };
}

/** Undefined if it is invalid. */
export function unpackSeries(value: unknown): Series | undefined {
  if (!isObject(value)) return undefined;
  const runs = listOf(value.runs, unpackSample);
  const hours = listOf(value.hours, unpackBucket);
  const days = listOf(value.days, unpackBucket);
  return runs && hours && days && { runs, hours, days };
}

function unpackSample(value: unknown): Sample | undefined {
  if (!Array.isArray(value)) return undefined;
  const [at, mark, latencyMs] = value as unknown[];
  if (!isNumber(at) || (mark !== 'healthy' && mark !== 'bad' && mark !== 'blind')) return undefined;
  return { at: at * 1000, mark, ...(isNumber(latencyMs) && { latencyMs }) };
}

function unpackBucket(value: unknown): Bucket | undefined {
  if (!Array.isArray(value)) return undefined;
  const [at, healthy, bad, blind, medianMs, slowestMs] = value as unknown[];
  if (!isNumber(at) || !isNumber(healthy) || !isNumber(bad) || !isNumber(blind)) return undefined;
  return { at: at * 1000, healthy, bad, blind, ...(isNumber(medianMs) && { medianMs }), ...(isNumber(slowestMs) && { slowestMs }) };
}

function listOf<T>(value: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map(read);
  return items.every((item) => item !== undefined) ? items : undefined;
}
