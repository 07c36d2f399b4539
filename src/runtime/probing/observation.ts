/** The result of one probe. */
export interface Observation {
  /** Milliseconds on the clock that was passed in, when the probe began and ended. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: Outcome;
  /** One short line for messages, without control characters: `200 in 12 ms, v1.2.3`. */
  readonly saw: string;
  readonly status?: number;
  readonly latencyMs?: number;
  /** The time during which the process got no CPU, if that makes the result meaningless. */
  readonly starvedMs?: number;
  /** The release that the response names, if the check has a ReleaseIdentity. */
  readonly release?: string;
}

/**
 * - `healthy`: all conditions hold, and the expected release responded
 * - `unhealthy`: a bad response (status, body, header, latency, certificate, or an unexpected release)
 * - `stale`: a response of the replaced release
 * - `unreachable`: no response (refused, reset, timed out, unknown host), or only one of a gateway (502, 503, 504)
 * - `blind`: the runner's own network is at fault (no route, no resolver)
 */
export type Outcome = 'healthy' | 'unhealthy' | 'stale' | 'unreachable' | 'blind';

export type Verdict = 'healthy' | 'unhealthy' | 'inconclusive';

/** Statistics of the probes of one check, for the summary. */
export interface ProbeStatistics {
  readonly name: string;
  readonly count: number;
  readonly healthy: number;
  /** Durations of the probes, including those without a response; 0 without any probe. */
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export function statistics(name: string, observations: readonly Observation[]): ProbeStatistics {
  const durations = observations
    .filter(({ outcome }) => outcome !== 'blind')
    .map(({ startedAt, endedAt }) => endedAt - startedAt);
  return {
    name,
    count: observations.length,
    healthy: observations.filter(({ outcome }) => outcome === 'healthy').length,
    p50Ms: percentile(durations, 0.5) ?? 0,
    p95Ms: percentile(durations, 0.95) ?? 0,
  };
}

/** Nearest-rank percentile: a value that was measured; undefined without any value. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
