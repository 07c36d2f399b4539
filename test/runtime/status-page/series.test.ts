import fc from 'fast-check';
import { percentile } from '../../../src/runtime/probing/observation';
import { availabilityOf, bucketsSince, DAY_MS, NO_SERIES, packSeries, Sample, Series, formatShare, thinned, unpackSeries, withSample } from '../../../src/runtime/status-page/series';

const NOW = Date.parse('2026-11-25T15:40:00Z');
const MINUTE_MS = 60_000;

const samples = (count: number, everyMs: number): Sample[] => Array.from({ length: count }, (_, i) => ({
  at: NOW - (count - 1 - i) * everyMs, mark: i % 50 === 0 ? 'bad' : 'healthy', latencyMs: i % 50 === 0 ? undefined : 100 + (i % 20),
}));

function seriesOf(all: readonly Sample[]): Series {
  return all.reduce((series, sample) => withSample(series, sample, sample.at), NO_SERIES);
}

const total = (series: Series) => bucketsSince(series, 0).reduce((sum, { healthy, bad, blind }) => sum + healthy + bad + blind, 0);

describe('what is kept', () => {
  it('is bounded: every run of a day, then hours, then days', () => {
    const series = seriesOf(samples(24 * 100, 60 * MINUTE_MS));
    expect(series.runs.length).toBeLessThanOrEqual(25);
    expect(series.hours.length).toBeLessThanOrEqual(9 * 24);
    expect(series.days.length).toBeLessThanOrEqual(91);
    expect(bucketsSince(series, 0)[0].at).toBeGreaterThan(NOW - 92 * DAY_MS);
  });

  it('loses no result and counts none twice, whenever it is thinned', () => {
    fc.assert(fc.property(fc.array(fc.record({ ago: fc.integer({ min: 0, max: 60 * 24 * 60 }), mark: fc.constantFrom('healthy', 'bad', 'blind') }), { maxLength: 80 }), (all) => {
      const sorted = all.map(({ ago, mark }) => ({ at: NOW - ago * MINUTE_MS, mark: mark as Sample['mark'] })).sort((a, b) => a.at - b.at);
      const series = seriesOf(sorted);
      for (const one of [series, thinned(series, NOW), thinned(thinned(series, NOW), NOW)]) expect(total(one)).toBe(all.length);
      expect(thinned(thinned(series, NOW), NOW)).toEqual(thinned(series, NOW));
    }));
  });

  it('takes a result that comes late', () => {
    const series = withSample(seriesOf(samples(200, 30 * MINUTE_MS)), { at: NOW - 3 * DAY_MS, mark: 'bad' }, NOW);
    expect(total(series)).toBe(201);
  });

  it('is written and read back', () => {
    const series = seriesOf(samples(800, 60 * MINUTE_MS));
    expect(unpackSeries(JSON.parse(JSON.stringify(packSeries(series))))).toEqual(series);
    expect(unpackSeries({ runs: [['<script>']], hours: [], days: [] })).toBeUndefined();
  });
});

describe('availability', () => {
  it('is the share of the results that say something', () => {
    const series = seriesOf([
      { at: NOW - 4, mark: 'healthy' }, { at: NOW - 3, mark: 'bad' }, { at: NOW - 2, mark: 'blind' }, { at: NOW - 1, mark: 'healthy' },
    ]);
    expect(availabilityOf(series, NOW - DAY_MS)).toMatchObject({ healthy: 2, measured: 3 });
    expect(availabilityOf(NO_SERIES, 0)).toEqual({ healthy: 0, measured: 0 });
  });

  it.each([[99_999, 100_000, '99.99 %'], [1, 1, '100 %'], [0, 3, '0.00 %'], [2, 3, '66.66 %'], [57, 100, '57.00 %']])('%d of %d is %s: what was ever bad is never 100 %%', (healthy, measured, said) => {
    expect(formatShare({ healthy, measured })).toBe(said);
  });

  it('of 24 hours does not look at what was before', () => {
    const series = seriesOf([{ at: NOW - DAY_MS - 1, mark: 'bad' }, { at: NOW - 1, mark: 'healthy' }]);
    expect(availabilityOf(series, NOW - DAY_MS)).toMatchObject({ healthy: 1, measured: 1 });
  });
});

it('a percentile is one of the measured values', () => {
  expect(percentile([], 0.95)).toBeUndefined();
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile(Array.from({ length: 100 }, (_, i) => 100 - i), 0.95)).toBe(95);
});
