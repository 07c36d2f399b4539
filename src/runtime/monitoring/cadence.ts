import { formatDuration } from '../../contract/duration-text';

/** After this many intervals without a run, the watch counts as interrupted. */
const LOST_AFTER = 3;

/** How often the watch really runs. All times in milliseconds. */
export interface Cadence {
  readonly intervalMs: number;
  /** Between one run and the next, of the last runs; absent with fewer than two. */
  readonly medianMs?: number;
  readonly longestMs?: number;
  /** How many gaps these values cover. */
  readonly gaps: number;
  /** Since the previous run; absent if there was none. */
  readonly sinceLastMs?: number;
}

/**
 * @param runs when the watch ran, newest first, without the current run
 * @param now the beginning of the current run, or now
 */
export function cadenceOf(runs: readonly number[], intervalMs: number, now: number): Cadence {
  const gaps = runs.slice(1).map((at, i) => runs[i]! - at).sort((a, b) => a - b);
  return {
    intervalMs,
    gaps: gaps.length,
    ...(gaps.length > 0 && { medianMs: gaps[Math.floor(gaps.length / 2)], longestMs: gaps[gaps.length - 1] }),
    ...(runs.length > 0 && { sinceLastMs: Math.max(0, now - runs[0]!) }),
  };
}

/** Whether the watch was interrupted for so long that it may have missed something. */
export function wasAway({ intervalMs, sinceLastMs }: Cadence): boolean {
  return sinceLastMs !== undefined && sinceLastMs > LOST_AFTER * intervalMs;
}

/** One sentence for a person. */
export function describeCadence({ intervalMs, gaps, longestMs, medianMs, sinceLastMs }: Cadence): string {
  const meant = `scheduled to run every ${formatDuration(intervalMs, 'seconds')}`;
  if (sinceLastMs === undefined) return `${meant}; no earlier watch is known`;
  const really = medianMs === undefined ? '' : `, actually runs every ${formatDuration(medianMs, 'seconds')} (the longest gap of the last ${gaps}: ${formatDuration(longestMs!, 'seconds')})`;
  return `${meant}${really}; the previous watch was ${formatDuration(sinceLastMs, 'seconds')} ago`;
}
