import { Observation } from './observation';

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
    .map(({ startedAt, endedAt }) => endedAt - startedAt)
    .sort((a, b) => a - b);
  return {
    name,
    count: observations.length,
    healthy: observations.filter(({ outcome }) => outcome === 'healthy').length,
    p50Ms: percentile(durations, 0.5),
    p95Ms: percentile(durations, 0.95),
  };
}

/** Nearest-rank percentile: a value that was measured. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted.length === 0 ? 0 : sorted[Math.ceil(share * sorted.length) - 1];
}
