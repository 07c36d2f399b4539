import { CanaryTraffic, describeDetection, timeToRollback } from './canary-power';
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
  /** What is expected of the requests. @default - not known */
  readonly expected?: ExpectedTraffic;
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
export function shownBy({ errors, expected, metric }: AnalyzedMetricManifest, parts: readonly MeasuredPart[]): Shown {
  if (!errors || !expected) return { half: 0, most: 0 };
  let [half, most] = [0, 0];
  for (const { canaryRequests, ms, percent } of parts) {
    const traffic = trafficAt(expected, percent, metric);
    const { medianMs, p99Ms } = timeToRollback(traffic, errors);
    // fewer requests than expected show less, and more do not make a block shorter
    const requests = traffic.requestsPerSecond * traffic.weight * ms / 1000;
    const share = canaryRequests === undefined || requests === 0 ? 1 : Math.min(1, canaryRequests / requests);
    half += share * ms / medianMs;
    most += share * ms / p99Ms;
  }
  return { half, most };
}

/** Says what each weight can show, and how soon, for the log of synthesis and the plan. */
export function detectionsOf({ metrics }: AnalysisManifest, weights: readonly { readonly percent: number }[]): string[] {
  return metrics.flatMap(({ errors, expected, metric }) => {
    if (!errors || !expected) return [];
    return weights.map(({ percent }) => describeDetection(trafficAt(expected, percent, metric), errors));
  });
}
