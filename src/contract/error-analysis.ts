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

/** Its evidence leads to a rollback. */
export function rollbackTest({ tolerance }: Pick<ErrorAnalysis, 'tolerance'>): RateRatioTest {
  return testOfAtMost(1 + tolerance);
}

/** Its evidence leads to an early promotion. */
export function promotionTest({ detect }: Pick<ErrorAnalysis, 'detect'>): RateRatioTest {
  return testOfAtLeast(detect);
}
