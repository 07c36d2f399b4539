/** Follows one metric of a canary over its weights: the evidence, and what was measured, for people and for the end of a step. Pure. */
import { CanaryAnalysis, CanaryState, changeWeight, observe, verdictOf } from './canary-analysis';
import { LatencyCounts, RequestCounts, Scrape } from './counters';
import { inconclusive, Judgement } from './judgement';
import { lastLook } from './last-look';
import { expectedShare } from './latency-evidence';
import { AnalyzedMetricManifest, MeasuredPart, shownBy } from '../../contract/analysis-manifest';

export interface MetricProgress {
  readonly state: CanaryState;
  /** Counted with the current weight. */
  readonly canary: RequestCounts;
  readonly stable: RequestCounts;
  /** How long it was counted with the current weight. */
  readonly measuredMs: number;
  /** What was counted with the weights before. */
  readonly earlier: readonly MeasuredPart[];
}

const NONE: RequestCounts = { requests: 0, errors: 0 };

export const NO_PROGRESS: MetricProgress = { state: {}, canary: NONE, stable: NONE, measuredMs: 0, earlier: [] };

/** What the statistics need of a metric. */
export function analysisOf({ errors, latency, metric }: AnalyzedMetricManifest): CanaryAnalysis {
  return { errors, latency, lateMs: metric.lateMs };
}

/** The weight was changed: evidence continues, and what is counted for people begins anew. @param percent the weight before */
export function withNewWeight(progress: MetricProgress, percent: number): MetricProgress {
  return { ...NO_PROGRESS, state: changeWeight(progress.state), earlier: partsOf(progress, percent) };
}

/** Adds a scrape. @param since when the weight came into effect: what was measured before is about another weight */
export function withScrape(progress: MetricProgress, scrape: Scrape, metric: AnalyzedMetricManifest, since: number): MetricProgress {
  const { state } = progress;
  const isFromBefore = [scrape.canary, scrape.stable].some((side) => side !== undefined && side.measuredAtMs < since);
  if (!state.baseline && isFromBefore) return { ...progress, state: { ...state, problem: 'the metric source has not measured since the weight changed' } };
  const after = observe(state, scrape, analysisOf(metric));
  const { interval } = after;
  if (!interval) return { ...progress, state: after };
  return {
    ...progress,
    state: after,
    canary: sum(progress.canary, interval.canary),
    stable: sum(progress.stable, interval.stable),
    measuredMs: progress.measuredMs + interval.toMs - interval.fromMs,
  };
}

/** Derives the verdict. It holds however often it is read. */
export function judgementOf({ state }: MetricProgress, metric: AnalyzedMetricManifest): Judgement {
  const analysis = analysisOf(metric);
  // two sources at once may have nothing to say yet
  if (!state.baseline && state.problem === undefined) return inconclusive({ name: nameOf(metric) }, 'nothing was measured with this weight yet');
  return verdictOf(state, analysis);
}

/** Returns why a canary at its end is rolled back. Undefined if it is not: the numbers show nothing, or cannot be trusted. */
export function lastLookOf({ canary, stable, state }: MetricProgress, { errors }: AnalyzedMetricManifest): string | undefined {
  return errors && state.problem === undefined ? lastLook(canary, stable, errors) : undefined;
}

/** Whether enough was measured to see the bad release that it is about, in 99 of 100 canaries. */
export function isShown(progress: MetricProgress, metric: AnalyzedMetricManifest, percent: number): boolean {
  const parts = partsOf(progress, percent);
  if (!metric.latency) return shownBy(metric, parts).most >= 1;
  const { latency } = progress.state;
  if (!latency) return false;
  const share = expectedShare(latency, metric.latency);
  return shownBy(metric, parts.map((part) => ({ ...part, canaryRequests: share * (part.canaryRequests ?? 0) }))).most >= 1;
}

/** `errors`, `latency (p99)`. */
export function nameOf({ latency }: AnalyzedMetricManifest): string {
  return latency ? `latency (${quantileName(latency.quantile)})` : 'errors';
}

export function quantileName(quantile: number): string {
  return `p${Number((100 * quantile).toPrecision(6))}`;
}

function partsOf({ canary, earlier, measuredMs }: MetricProgress, percent: number): MeasuredPart[] {
  return measuredMs === 0 ? [...earlier] : [...earlier, { percent, ms: measuredMs, canaryRequests: canary.requests }];
}

function sum(one: RequestCounts, other: RequestCounts): RequestCounts {
  const latency = sumOfLatencies(one.latency, other.latency);
  return { requests: one.requests + other.requests, errors: one.errors + other.errors, ...latency ? { latency } : {} };
}

/** Buckets that changed begin anew. */
function sumOfLatencies(one: LatencyCounts | undefined, other: LatencyCounts | undefined): LatencyCounts | undefined {
  if (!one || !other || one.boundsMs.join() !== other.boundsMs.join()) return other ?? one;
  return { boundsMs: other.boundsMs, below: other.below.map((below, index) => below + one.below[index]!), count: one.count + other.count };
}
