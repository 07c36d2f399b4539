import { cadenceOf, describeCadence, wasAway } from '../../../src/runtime/monitoring/cadence';

const MINUTE = 60_000;

describe('how often the watch runs', () => {
  it('is the median and the longest of the times between its last runs', () => {
    const runs = [100, 95, 80, 74].map((minute) => minute * MINUTE);
    const cadence = cadenceOf(runs, 5 * MINUTE, 107 * MINUTE);
    expect(cadence).toEqual({ intervalMs: 5 * MINUTE, gaps: 3, medianMs: 6 * MINUTE, longestMs: 15 * MINUTE, sinceLastMs: 7 * MINUTE });
    expect(describeCadence(cadence)).toContain('actually runs every 6 min (the longest gap of the last 3: 15 min)');
  });

  it.each([[15 * MINUTE, false], [15 * MINUTE + 1, true]])('counts as interrupted after three intervals without a run: %d ms, %s', (sinceLastMs, isAway) => {
    expect(wasAway(cadenceOf([0], 5 * MINUTE, sinceLastMs))).toBe(isAway);
  });

  it('says nothing without an earlier run', () => {
    expect(wasAway(cadenceOf([], 5 * MINUTE, 9e12))).toBe(false);
  });
});
