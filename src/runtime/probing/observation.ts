/** What one probe saw. */
export interface Observation {
  /** Milliseconds on the clock that was passed in, when the probe began and ended. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: Outcome;
  /** For a person, one short line without control characters: `200 in 12 ms, v1.2.3`. */
  readonly saw: string;
  readonly status?: number;
  readonly latencyMs?: number;
  /** How long the process got no turn meanwhile, where that makes it say nothing. */
  readonly starvedMs?: number;
  /** What the answer said it is, where the check has a ReleaseIdentity. */
  readonly release?: string;
}

/**
 * - `healthy`: every condition holds, and the meant release answered
 * - `unhealthy`: an answer came, and it is bad (status, body, header, latency, certificate, or a release that has no place here)
 * - `stale`: an answer came from the release that is replaced
 * - `unreachable`: nobody answered (refused, reset, timed out, DNS says no such host), or only a gateway did (502, 503, 504)
 * - `blind`: the prober's own network is at fault (no route, no resolver)
 */
export type Outcome = 'healthy' | 'unhealthy' | 'stale' | 'unreachable' | 'blind';

export type Verdict = 'healthy' | 'unhealthy' | 'inconclusive';
