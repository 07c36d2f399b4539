const UNITS = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000]] as const;

/**
 * Formats a duration for people, in milliseconds: `250 ms`, `1.5 s`, `2 min`, `3 min 5 s`, `2 h 5 min`, `3 d 4 h`. Rounds to a tenth of a
 * second, and from 1 min on to the two largest units. A negative duration counts as 0.
 *
 * @param precision `seconds` for ages and countdowns: `0 s`, `12 s`. `exact` for options that a message compares: `1 d 2 h 3 min 4.005 s`
 */
export function formatDuration(ms: number, precision: 'tenths' | 'seconds' | 'exact' = 'tenths'): string {
  const shown = Math.max(0, precision === 'exact' ? ms : rounded(ms, precision));
  if (shown < 1000 && (shown > 0 || precision === 'tenths')) return `${shown} ms`;
  const words: string[] = [];
  let rest = shown;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${unit}`);
  }
  if (rest > 0 || words.length === 0) words.push(`${rest / 1000} s`);
  return words.join(' ');
}

function rounded(ms: number, precision: 'tenths' | 'seconds'): number {
  if (precision === 'tenths' && ms < 999.5) return Math.round(ms);
  if (precision === 'tenths' && ms < 59_950) return Math.round(ms / 100) * 100;
  const seconds = Math.round(ms / 1000) * 1000;
  const smallest = seconds >= 86_400_000 ? 3_600_000 : seconds >= 3_600_000 ? 60_000 : 1000;
  return Math.floor(seconds / smallest) * smallest;
}
