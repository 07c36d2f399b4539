/**
 * Measures the evidence against a value of a quantile. Pure.
 *
 * If v is the p-quantile, each response takes at most v with the probability p. The evidence that it is not is the ratio of two
 * likelihoods of the number of responses that took at most v: with a probability drawn from a beta distribution around p, and with p
 * itself. However often one looks, it ever reaches 1 / alpha with a probability of at most alpha.
 *
 * @see https://arxiv.org/abs/1906.09712 Howard, Ramdas: Sequential estimation of quantiles with applications to A/B testing and best-arm identification
 * @see https://github.com/gostevehoward/confseq their implementation, whose figures the tests repeat
 */
import { logBeta } from './log-beta';

/** The beta distribution: the evidence grows fastest after about `sampleSize` responses, for a test at `alpha`. */
export interface Tuning {
  readonly sampleSize: number;
  readonly alpha: number;
}

/** How many of `count` responses took at most v: a range, because buckets do not show it exactly. Fractions are allowed. */
export interface CountRange {
  readonly count: number;
  readonly atLeast: number;
  readonly atMost: number;
}

/** The evidence about a latency is strongest after about this many independent responses of Canary. */
export const LATENCY_SAMPLE_SIZE = 1000;

/** With fewer blocks, it is not known well enough how much the responses depend on each other. */
export const FEWEST_LATENCY_BLOCKS = 12;

/** Two standard errors of a variance that so many blocks show. */
export function caution(blocks: number): number {
  return 1 + 2 * Math.sqrt(2 / (blocks - 1));
}

/** How far the least evidence can be from the estimate of its place. */
const NEAR = 1;
const SEARCH_STEPS = 20;

/** Returns the logarithm of the evidence that v is not the quantile, if `below` of `count` responses took at most v. */
export function logQuantileEvidence(quantile: number, { count, below }: { readonly count: number; readonly below: number }, tuning: Tuning): number {
  return logEvidenceOf(quantile, count, prior(quantile, tuning))(below);
}

/** Returns the least of these logarithms for all numbers in the range. The evidence is convex: it falls to one minimum, and rises again. */
export function leastLogEvidence(quantile: number, { count, atLeast, atMost }: CountRange, tuning: Tuning): number {
  const [a, b] = prior(quantile, tuning);
  const at = logEvidenceOf(quantile, count, [a, b]);
  // the digamma function of x is close to ln(x - 1/2), so the minimum is close to this number
  const minimum = quantile * (a + b + count - 1) - a + 0.5;
  if (minimum + NEAR <= atLeast) return at(atLeast);
  if (minimum - NEAR >= atMost) return at(atMost);
  let [low, high] = [Math.max(atLeast, minimum - NEAR), Math.min(atMost, minimum + NEAR)];
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
    if (at(left) < at(right)) high = right;
    else low = left;
  }
  return Math.min(at(low), at(high));
}

/** The ratio of the likelihoods, as a function of the number of responses that took at most v. */
function logEvidenceOf(quantile: number, count: number, [a, b]: readonly [number, number]): (below: number) => number {
  const [normalizer, logBelow, logAbove] = [logBeta(a, b), Math.log(quantile), Math.log1p(-quantile)];
  return (below) => logBeta(a + below, b + count - below) - normalizer - below * logBelow - (count - below) * logAbove;
}

/** The parameters of the beta distribution, as `BetaBinomialMixture` of confseq chooses them. */
function prior(quantile: number, { sampleSize, alpha }: Tuning): [number, number] {
  const variance = quantile * (1 - quantile);
  const need = 2 * Math.log(1 / alpha);
  const r = Math.max(sampleSize * variance / (need + Math.log1p(need)) - variance, 1e-3 * variance);
  return [r / (1 - quantile), r / quantile];
}
