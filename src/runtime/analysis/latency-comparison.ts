/**
 * Measures the evidence that a quantile of Canary's latency is more than `ratio` times Stable's, or less. Pure.
 *
 * Stable's quantile lies in one of the buckets, and it is not known in which one. For each bucket, the evidence that it does not is
 * multiplied with the evidence that Canary's quantile is on the other side. The least of the products is the evidence. Nothing is
 * interpolated: a difference within a bucket does not show.
 *
 * @see https://arxiv.org/abs/2205.14762 Lindon, Sanden, Shirikian: Rapid Regression Detection in Software Deployments through Sequential Testing
 */
import { leastLogEvidence, Tuning } from '../../contract/quantile-evidence';

/** What a side is known by: of `count` responses, `below[i]` took at most the bound i. Counts can be fractions. */
export interface Distribution {
  readonly count: number;
  readonly below: readonly number[];
}

export interface Comparison {
  readonly quantile: number;
  /** In increasing order, the same for both sides. */
  readonly boundsMs: readonly number[];
  readonly canary: Distribution;
  readonly stable: Distribution;
  readonly tuning: Tuning;
}

/** Returns the logarithm of the evidence against "Canary's quantile is at most `ratio` times Stable's". */
export function logEvidenceOfSlower(comparison: Comparison, ratio: number): number {
  const { quantile, canary, tuning } = comparison;
  return leastOfBuckets(comparison, ([, upper]) => {
    // then Canary's quantile is at most this bound
    const bound = comparison.boundsMs.findIndex((boundMs) => boundMs >= ratio * upper);
    const atMost = canary.below[bound] ?? canary.count;
    return leastLogEvidence(quantile, { count: canary.count, atLeast: 0, atMost }, tuning);
  });
}

/** Returns the logarithm of the evidence against "Canary's quantile is at least `ratio` times Stable's". */
export function logEvidenceOfFaster(comparison: Comparison, ratio: number): number {
  const { quantile, canary, tuning } = comparison;
  return leastOfBuckets(comparison, ([lower]) => {
    // then Canary's quantile is larger than this bound
    const bounds = comparison.boundsMs.filter((boundMs) => boundMs <= ratio * lower).length;
    const atLeast = canary.below[bounds - 1] ?? 0;
    return leastLogEvidence(quantile, { count: canary.count, atLeast, atMost: canary.count }, tuning);
  });
}

/** The buckets in which Stable's quantile may lie, the one above all bounds included. */
function leastOfBuckets({ quantile, boundsMs, stable, tuning }: Comparison, ofCanary: (bucket: readonly [number, number]) => number): number {
  const buckets = [...boundsMs, Infinity].map((upper, index) => {
    const range = { count: stable.count, atLeast: stable.below[index - 1] ?? 0, atMost: stable.below[index] ?? stable.count };
    return leastLogEvidence(quantile, range, tuning) + ofCanary([boundsMs[index - 1] ?? 0, upper]);
  });
  return Math.min(...buckets);
}
