import { spellTime } from '../reporting/duration-text';

/** So many intervals without a run, and people are told that the watch was not there. */
const LOST_AFTER = 3;

/** How often the watch really runs. All times in milliseconds. */
export interface Cadence {
  readonly intervalMs: number;
  /** Between one run and the next, of the last runs; absent with fewer than two. */
  readonly medianMs?: number;
  readonly longestMs?: number;
  /** How many gaps that says something about. */
  readonly gaps: number;
  /** Since the last run before this moment; absent where there was none. */
  readonly sinceLastMs?: number;
}

/**
 * @param runs when the watch ran, newest first, without the one that is at work
 * @param now the beginning of the one that is at work, or the moment of the question
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

/** Whether nobody watched for so long that something may have been missed. */
export function wasAway({ intervalMs, sinceLastMs }: Cadence): boolean {
  return sinceLastMs !== undefined && sinceLastMs > LOST_AFTER * intervalMs;
}

/** One sentence for a person. */
export function describeCadence({ intervalMs, gaps, longestMs, medianMs, sinceLastMs }: Cadence): string {
  const meant = `meant to run every ${spellTime(intervalMs)}`;
  if (sinceLastMs === undefined) return `${meant}; no run before this one is known`;
  const really = medianMs === undefined ? '' : `, really every ${spellTime(medianMs)} (the longest gap of the last ${gaps}: ${spellTime(longestMs!)})`;
  return `${meant}${really}; the run before was ${spellTime(sinceLastMs)} ago`;
}
