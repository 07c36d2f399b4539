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
