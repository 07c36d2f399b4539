import { RateRatioTest, testOfAtLeast, testOfAtMost } from './rate-ratio';

/** How the errors of a canary are judged. */
export interface ErrorAnalysis {
  /** The largest probability that a release as good as Stable is ever rolled back, however often and however long it is judged. */
  readonly alpha: number;
  /** The largest probability that a release with `detect` times the errors is ever promoted early. */
  readonly missRate: number;
  /** How many more errors are accepted: 0.1 is 10 % more than Stable's rate. */
  readonly tolerance: number;
  /** The regression that an early promotion excludes: 2 is twice Stable's errors. Larger than 1 + `tolerance`. */
  readonly detect: number;
  /** All errors within one block count as one piece of evidence. Longer than one client's retries. 0: each error counts, as if none caused another. */
  readonly blockMs: number;
}

export const DEFAULT_ERROR_ANALYSIS: ErrorAnalysis = { alpha: 0.001, missRate: 0.05, tolerance: 0.1, detect: 2, blockMs: 5000 };

/** How alpha is divided between the evidence, at which one looks all the time, and the last look at the end of the canary. */
export interface SharesOfAlpha {
  readonly evidence: number;
  readonly lastLook: number;
}

/** A last look counts errors, so there is none where those of one block depend on each other. */
export function sharesOfAlpha({ alpha, blockMs }: Pick<ErrorAnalysis, 'alpha' | 'blockMs'>): SharesOfAlpha {
  return blockMs > 0 ? { evidence: alpha, lastLook: 0 } : { evidence: alpha / 2, lastLook: alpha / 2 };
}

/** Its evidence leads to a rollback. */
export function rollbackTest({ tolerance }: Pick<ErrorAnalysis, 'tolerance'>): RateRatioTest {
  return testOfAtMost(1 + tolerance);
}

/** Its evidence leads to an early promotion. */
export function promotionTest({ detect }: Pick<ErrorAnalysis, 'detect'>): RateRatioTest {
  return testOfAtLeast(detect);
}

/** How the latency of a canary is judged. */
export interface LatencyAnalysis {
  /** The largest probability that a release as good as Stable is ever rolled back. */
  readonly alpha: number;
  /** The largest probability that a release with `detect` times the latency is ever promoted early. */
  readonly missRate: number;
  /** Between 0 and 1: 0.99 is the 99th percentile. */
  readonly quantile: number;
  /** How much slower is accepted: 0.25 is 25 % slower than Stable. */
  readonly tolerance: number;
  /** The regression that an early promotion excludes: 2 is twice Stable's latency. */
  readonly detect: number;
  /** Responses within one block may depend on each other. 0: each interval is a block, and all responses count as independent. */
  readonly blockMs: number;
}

export const DEFAULT_LATENCY_ANALYSIS: Omit<LatencyAnalysis, 'quantile'> = {
  alpha: 0.001, missRate: 0.05, tolerance: 0.25, detect: 2, blockMs: 5000,
};

/** What is judged by errors, by latency, or by both. */
interface Judged {
  readonly errors?: ErrorAnalysis;
  readonly latency?: LatencyAnalysis;
}

/** Divides alpha among all metrics of a canary, so that all together raise a false alarm in at most alpha of the healthy ones (Bonferroni). */
export function withSharedAlpha<T extends Judged>(analyses: readonly T[]): T[] {
  const metrics = analyses.flatMap(({ errors, latency }) => [errors, latency]).filter((one) => one !== undefined).length;
  return analyses.map((analysis) => ({
    ...analysis,
    ...analysis.errors ? { errors: { ...analysis.errors, alpha: analysis.errors.alpha / metrics } } : {},
    ...analysis.latency ? { latency: { ...analysis.latency, alpha: analysis.latency.alpha / metrics } } : {},
  }));
}
