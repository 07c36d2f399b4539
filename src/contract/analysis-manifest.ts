import { CanaryTraffic, describeDetection, timeToRollback, VerdictTime } from './canary-power';
import { describeLatencyDetection, LatencyTraffic, timeToLatencyRollback } from './latency-power';
import { ErrorAnalysis, LatencyAnalysis } from './metric-analysis';
import { MetricManifest } from './metric-manifest';

/** How the steps of a canary are judged beside the health checks. */
export interface AnalysisManifest {
  /** Never empty. One rollback is enough, and a promotion needs all of them. Their alpha is divided already. */
  readonly metrics: readonly AnalyzedMetricManifest[];
  readonly withoutVerdict: WithoutVerdictManifest;
}

/** One of `errors` and `latency` is set. */
export interface AnalyzedMetricManifest {
  readonly metric: MetricManifest;
  readonly errors?: ErrorAnalysis;
  readonly latency?: LatencyAnalysis;
  /** What is expected of the requests and their errors. @default - not known */
  readonly expected?: ExpectedTraffic;
  /** What is expected of the requests and their latency. @default - not known */
  readonly expectedLatency?: ExpectedLatency;
}

export interface ExpectedTraffic {
  /** Of both releases together. */
  readonly requestsPerSecond: number;
  readonly stableErrorRate: number;
  /** Of a bad release, which the canary must find. */
  readonly canaryErrorRate: number;
}

/** Where nothing else is expected. */
export const DEFAULT_ERROR_RATES: Omit<ExpectedTraffic, 'requestsPerSecond'> = { stableErrorRate: 0.001, canaryErrorRate: 0.05 };

export interface ExpectedLatency {
  /** Of both releases together. */
  readonly requestsPerSecond: number;
  /** Of a bad release, which the canary must find: the share of its responses that are slower than the tolerance allows. */
  readonly slowShare: number;
}

/** What happens to a step without a verdict at its end. `promoteIfShown`: promoted if a bad release would have been seen, else halted. */
export type WithoutVerdictManifest = 'promoteIfShown' | 'promote' | 'rollBack' | 'halt';

/** How long a step may take, in milliseconds. */
export function longestStepMs({ atLeastMs, atMostMs }: { readonly atLeastMs: number; readonly atMostMs?: number }): number {
  return Math.max(atLeastMs, atMostMs ?? 0);
}

/** What is expected while the canary has this share of the traffic, and how often it is read. */
export function trafficAt(expected: ExpectedTraffic, percent: number, metric: MetricManifest): CanaryTraffic {
  return { ...expected, weight: percent / 100, scrapeMs: metric.intervalMs };
}

function latencyTrafficAt(expected: ExpectedLatency, percent: number, metric: MetricManifest): LatencyTraffic {
  return { ...expected, weight: percent / 100, scrapeMs: metric.intervalMs };
}

/** What was measured at one weight. */
export interface MeasuredPart {
  readonly percent: number;
  readonly ms: number;
  /** Of the canary. @default - as many as expected */
  readonly canaryRequests?: number;
}

export interface Shown {
  readonly half: number;
  readonly most: number;
}

/**
 * Returns how much of what a rollback of a bad release needs was measured, in half of all canaries and in 99 of 100: 1 is enough. Evidence
 * continues over the weights, so their parts add up.
 */
export function shownBy(metric: AnalyzedMetricManifest, parts: readonly MeasuredPart[]): Shown {
  const { requestsPerSecond } = metric.expected ?? metric.expectedLatency ?? {};
  if (requestsPerSecond === undefined) return { half: 0, most: 0 };
  let [half, most] = [0, 0];
  for (const { canaryRequests, ms, percent } of parts) {
    const { medianMs, p99Ms } = timeAt(metric, percent);
    // fewer requests than expected show less, and more do not make a block shorter
    const requests = requestsPerSecond * percent / 100 * ms / 1000;
    const share = canaryRequests === undefined || requests === 0 ? 1 : Math.min(1, canaryRequests / requests);
    half += share * ms / medianMs;
    most += share * ms / p99Ms;
  }
  return { half, most };
}

/** How soon a bad release is seen at one weight. */
function timeAt({ errors, expected, expectedLatency, latency, metric }: AnalyzedMetricManifest, percent: number): VerdictTime {
  if (errors && expected) return timeToRollback(trafficAt(expected, percent, metric), errors);
  if (latency && expectedLatency) return timeToLatencyRollback(latencyTrafficAt(expectedLatency, percent, metric), latency);
  return { medianMs: Infinity, p99Ms: Infinity };
}

/** Says what one weight can show, and how soon. Undefined if it is not known what to expect. */
export function detectionAt({ errors, expected, expectedLatency, latency, metric }: AnalyzedMetricManifest, percent: number): string | undefined {
  if (errors && expected) return describeDetection(trafficAt(expected, percent, metric), errors);
  if (latency && expectedLatency) return describeLatencyDetection(latencyTrafficAt(expectedLatency, percent, metric), latency);
  return undefined;
}

/** Says what each weight can show, and how soon, for the log of synthesis and the plan. */
export function detectionsOf({ metrics }: AnalysisManifest, weights: readonly { readonly percent: number }[]): string[] {
  return metrics.flatMap((metric) => weights.flatMap(({ percent }) => detectionAt(metric, percent) ?? []));
}
