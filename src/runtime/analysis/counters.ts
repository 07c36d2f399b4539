/**
 * Turns what a metric source reports, counters that only grow, into what happened between two scrapes. Pure. What cannot be trusted
 * becomes a reason in plain words, and never a count.
 */
import { formatDuration } from '../../contract/duration-text';

/** What a source reported. */
export interface Scrape {
  /** When the runtime sent the request. */
  readonly atMs: number;
  readonly canary?: Counters;
  readonly stable?: Counters;
  /** Why the source has no data: then both sides are left out. */
  readonly problem?: string;
}

/** Counters since the start of the process that counts. */
export interface Counters extends RequestCounts {
  /** When the source measured them. */
  readonly measuredAtMs: number;
}

/** The last scrape that counts, and what follows from the newest one. */
export interface Difference {
  /** From which the next difference is counted. */
  readonly baseline?: Scrape;
  readonly interval?: MetricInterval;
  /** Why nothing can be said. */
  readonly inconclusive?: string;
  /** Whether requests between the last interval and the next one are not counted. */
  readonly hasGap?: boolean;
}

const SIDES = ['canary', 'stable'] as const;
const NAMES = { canary: 'Canary', stable: 'Stable' };

/** @param lateMs the greatest age of a measurement, in milliseconds: twice the source's scrape interval leaves room for one that failed */
export function difference(baseline: Scrape | undefined, scrape: Scrape, lateMs: number): Difference {
  const problem = scrape.problem
    ?? SIDES.map((side) => problemOf(NAMES[side], scrape[side], scrape.atMs, lateMs)).find((reason) => reason !== undefined);
  // the next usable scrape is compared with the same baseline, so its interval covers this one
  if (problem !== undefined) return { baseline, inconclusive: problem };
  if (!baseline) return { baseline: scrape, inconclusive: 'the first measurement has nothing to be compared with' };
  const [canary, stable] = SIDES.map((side) => ({ before: baseline[side]!, now: scrape[side]! }));
  const restart = SIDES.map((side) => restartOf(NAMES[side], baseline[side]!, scrape[side]!)).find((reason) => reason !== undefined);
  if (restart !== undefined) return { baseline: scrape, inconclusive: restart, hasGap: true };
  if (canary.now.measuredAtMs <= canary.before.measuredAtMs || stable.now.measuredAtMs <= stable.before.measuredAtMs) {
    return { baseline, inconclusive: 'the metric source has not measured again since the last time' };
  }
  const interval = { fromMs: baseline.atMs, toMs: scrape.atMs, canary: since(canary), stable: since(stable) };
  const excess = SIDES.find((side) => interval[side].errors > interval[side].requests);
  if (excess) {
    const { errors, requests } = interval[excess];
    return { baseline, inconclusive: `${NAMES[excess]} has more errors than requests (${errors} of ${requests}): the metrics were measured at different times, or count different things` };
  }
  return { baseline: scrape, interval };
}

function problemOf(name: string, counters: Counters | undefined, atMs: number, lateMs: number): string | undefined {
  if (!counters) return `the metric source has no data of ${name}`;
  const values = [counters.requests, counters.errors, ...counters.latency ? [counters.latency.count, ...counters.latency.below] : []];
  const wrong = values.find((value) => !Number.isFinite(value) || value < 0);
  if (wrong !== undefined) return `the metric source reports ${wrong} for a counter of ${name}`;
  const ageMs = atMs - counters.measuredAtMs;
  if (ageMs > lateMs) return `the data of ${name} are ${formatDuration(ageMs)} old, more than ${formatDuration(lateMs)}`;
  return undefined;
}

/** A counter that fell was reset, and what it counted before is lost. */
function restartOf(name: string, before: Counters, now: Counters): string | undefined {
  if (now.requests < before.requests) return `the counters of ${name} were reset (requests: ${before.requests}, then ${now.requests})`;
  if (now.errors < before.errors) return `the counters of ${name} were reset (errors: ${before.errors}, then ${now.errors})`;
  if (!before.latency && !now.latency) return undefined;
  if (!before.latency || !now.latency) return `the latencies of ${name} ${now.latency ? 'appeared' : 'disappeared'}`;
  const { boundsMs } = now.latency;
  if (boundsMs.length !== before.latency.boundsMs.length || boundsMs.some((bound, index) => bound !== before.latency!.boundsMs[index])) {
    return `the latency buckets of ${name} changed`;
  }
  const fell = now.latency.count < before.latency.count || now.latency.below.some((below, index) => below < before.latency!.below[index]);
  return fell ? `the counters of ${name} were reset (latencies)` : undefined;
}

function since({ before, now }: { readonly before: Counters; readonly now: Counters }): RequestCounts {
  const latency: LatencyCounts | undefined = now.latency && before.latency && {
    boundsMs: now.latency.boundsMs,
    below: now.latency.below.map((below, index) => below - before.latency!.below[index]),
    count: now.latency.count - before.latency.count,
  };
  return { requests: now.requests - before.requests, errors: now.errors - before.errors, ...latency ? { latency } : {} };
}

/** What a metric source counted between two scrapes. */
export interface MetricInterval {
  readonly fromMs: number;
  readonly toMs: number;
  readonly canary: RequestCounts;
  readonly stable: RequestCounts;
}

export interface RequestCounts {
  readonly requests: number;
  readonly errors: number;
  /** How many responses took at most each of the `bounds`, and `requests` in all. */
  readonly latency?: LatencyCounts;
}

/** A histogram, as Prometheus keeps it: `below[i]` responses took at most `boundsMs[i]`, those below the smaller bounds included. */
export interface LatencyCounts {
  readonly boundsMs: readonly number[];
  readonly below: readonly number[];
  /** All responses. */
  readonly count: number;
}
