/**
 * Measures the evidence that Canary fails more often than Stable, or not as often. Pure. The runtime judges with it, and synthesis
 * computes from it how long a verdict takes. `docs/canary-analysis.md` derives it.
 *
 * The rate ratio is Canary's error rate divided by Stable's. If it is r, and Canary has the share s of the requests, then each error is
 * Canary's with the probability r s / (r s + 1 - s), however many errors there are: no base rate is needed.
 *
 * @see https://arxiv.org/abs/2011.03567 Lindon, Malek: Anytime-Valid Inference for Multinomial Count Data
 */

/** A hypothesis about the rate ratio, and what is bet on against it. */
export interface RateRatioTest {
  /** The limit of the null hypothesis: "at most" if the alternatives are larger, "at least" if they are smaller. */
  readonly nullRatio: number;
  readonly alternatives: readonly Alternative[];
}

export interface Alternative {
  readonly ratio: number;
  /** The share of the bet. The weights of a test add up to 1. */
  readonly weight: number;
}

/** The requests and errors of both sides in the same span of time. */
export interface ErrorCounts {
  /** Canary's share of the requests, between 0 and 1. */
  readonly requestShare: number;
  readonly canaryErrors: number;
  readonly stableErrors: number;
}

/** Which errors count as independent: each one, or all of one block together as one. */
export type Independence = 'errors' | 'blocks';

/** A block ends early with so many errors: more of them show the shares of both sides hardly better. */
export const ENOUGH_ERRORS = 5;

/** After so long without an error, no burst is going on. */
export const QUIET_MS = 1000;

/**
 * Most of the bet is on small ratios. They need many errors, so a small share costs them much time. A large ratio shows after a few
 * errors, and a share of 2 % costs it one more.
 */
const LARGER: readonly Alternative[] = [
  { ratio: 1.4, weight: 0.15 },
  { ratio: 2, weight: 0.3 },
  { ratio: 3, weight: 0.2 },
  { ratio: 5, weight: 0.13 },
  { ratio: 10, weight: 0.1 },
  { ratio: 30, weight: 0.06 },
  { ratio: 100, weight: 0.04 },
  { ratio: 1000, weight: 0.02 },
];

const SMALLER: readonly Alternative[] = [
  { ratio: 0.75, weight: 0.25 },
  { ratio: 0.5, weight: 0.5 },
  { ratio: 0.25, weight: 0.2 },
  { ratio: 0.05, weight: 0.05 },
];

/** Returns the probability that an error is Canary's, if Canary has this share of the requests and `ratio` times Stable's error rate. */
export function canaryShareOfErrors(ratio: number, requestShare: number): number {
  return ratio * requestShare / (ratio * requestShare + 1 - requestShare);
}

/** Tests "the rate ratio is at most `nullRatio`". */
export function testOfAtMost(nullRatio: number): RateRatioTest {
  return { nullRatio, alternatives: times(nullRatio, LARGER) };
}

/** Tests "the rate ratio is at least `nullRatio`". */
export function testOfAtLeast(nullRatio: number): RateRatioTest {
  return { nullRatio, alternatives: times(nullRatio, SMALLER) };
}

function times(factor: number, alternatives: readonly Alternative[]): Alternative[] {
  return alternatives.map(({ ratio, weight }) => ({ ratio: factor * ratio, weight }));
}

/**
 * Returns the logarithm of what a bet on `ratio` is multiplied with by these errors. Its expected value is at most 1 under the null
 * hypothesis, with `blocks` whatever the dependence of the errors on each other is. Each term is a `log1p`, so that nothing cancels out.
 */
export function logFactor({ nullRatio }: RateRatioTest, ratio: number, counts: ErrorCounts, independence: Independence): number {
  const { requestShare, canaryErrors, stableErrors } = counts;
  const errors = canaryErrors + stableErrors;
  // if one side has all requests, the errors say nothing about the other one
  if (errors === 0 || requestShare <= 0 || requestShare >= 1) return 0;
  const perError = Math.log1p(requestShare * (ratio - nullRatio) / (requestShare * nullRatio + 1 - requestShare));
  if (independence === 'errors') return canaryErrors * Math.log(ratio / nullRatio) - errors * perError;
  return Math.log1p((canaryErrors / errors) * (ratio / nullRatio - 1)) - perError;
}

/** Returns the logarithm of the evidence: the mean of the bets by weight. `logBets` are in the order of the alternatives. */
export function logEvidence({ alternatives }: RateRatioTest, logBets: readonly number[]): number {
  const terms = alternatives.map(({ weight }, index) => Math.log(weight) + logBets[index]);
  const largest = Math.max(...terms);
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
}
