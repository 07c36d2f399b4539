import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatDuration } from '../../src/contract/duration-text';

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];

describe('formatDuration', () => {
  test.each([
    [-5, '0 ms'], [0, '0 ms'], [0.4, '0 ms'], [1, '1 ms'], [249.6, '250 ms'], [999, '999 ms'], [999.5, '1 s'], [SECOND, '1 s'], [1234, '1.2 s'],
    [59_940, '59.9 s'], [59_950, '1 min'], [MINUTE, '1 min'], [2 * MINUTE, '2 min'], [185_400, '3 min 5 s'], [3_599_600, '1 h'],
    [2 * HOUR + 5 * MINUTE + 59 * SECOND, '2 h 5 min'], [2 * HOUR + 59 * SECOND, '2 h'], [3 * DAY + 4 * HOUR + 59 * MINUTE, '3 d 4 h'],
  ])('rounds %d ms to %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test.each([
    [-5, '0 s'], [350, '0 s'], [1499, '1 s'], [12_600, '13 s'], [59_500, '1 min'], [185_400, '3 min 5 s'], [2 * HOUR + 59 * SECOND, '2 h'],
  ])('rounds %d ms to %s if seconds are precise enough', (ms, text) => {
    expect(formatDuration(ms, 'seconds')).toBe(text);
  });

  test.each([
    [0, '0 s'], [1, '1 ms'], [1001, '1.001 s'], [1500, '1.5 s'], [90 * SECOND, '1 min 30 s'], [60_005, '1 min 0.005 s'],
    [DAY + 2 * HOUR + 3 * MINUTE + 4005, '1 d 2 h 3 min 4.005 s'],
  ])('keeps all of %d ms as %s if it must be exact', (ms, text) => {
    expect(formatDuration(ms, 'exact')).toBe(text);
  });

  test('is the only function that formats a duration for people', () => {
    const src = join(__dirname, '../../src');
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const lines = files.flatMap((name) => readFileSync(join(src, name), 'utf8').split('\n').map((line) => `${name}: ${line.trim()}`));
    expect(lines.filter((line) => /\/ *(1_?000|60_?000|3_?600_?000)\)*(\.toFixed\(\d\))?\)?\} (m?s|min|h|d|seconds|minutes|hours|days)\b/.test(line)))
      .toEqual(['contract/duration-text.ts: if (rest > 0 || words.length === 0) words.push(`${rest / 1000} s`);']);
  });
});
