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
