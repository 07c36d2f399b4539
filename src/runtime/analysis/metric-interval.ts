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
