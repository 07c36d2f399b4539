import fc from 'fast-check';
import { Counters, difference, Scrape } from '../../../src/runtime/analysis/counters';

const LATE_MS = 30_000;
const at = (atMs: number, canary: Partial<Counters> | undefined, stable: Partial<Counters> | undefined = { requests: 1000, errors: 1 }): Scrape => ({
  atMs,
  ...canary ? { canary: { requests: 0, errors: 0, measuredAtMs: atMs, ...canary } } : {},
  ...stable ? { stable: { requests: 0, errors: 0, measuredAtMs: atMs, ...stable } } : {},
});
const histogram = (below: readonly number[], count: number, boundsMs: readonly number[] = [10, 100]) => ({ latency: { boundsMs, below, count } });
const FIRST = at(1000, { requests: 100, errors: 2 });

describe('the difference of two scrapes', () => {
  it('is what was counted between them', () => {
    const next = at(6000, { requests: 150, errors: 5 }, { requests: 2000, errors: 1 });
    expect(difference(FIRST, next, LATE_MS)).toEqual({
      baseline: next,
      interval: { fromMs: 1000, toMs: 6000, canary: { requests: 50, errors: 3 }, stable: { requests: 1000, errors: 0 } },
    });
  });

  it('has the latencies, too', () => {
    const before = at(0, histogram([10, 20], 30), histogram([1, 2], 3));
    const next = at(5000, { requests: 9, ...histogram([15, 25], 39) }, histogram([1, 3], 5));
    expect(difference(before, next, LATE_MS).interval).toMatchObject({ canary: histogram([5, 5], 9), stable: histogram([0, 1], 2) });
  });

  it('counts what is just as old as it may be, and requests that are all errors', () => {
    const next = at(60_000, { requests: 150, errors: 52, measuredAtMs: 30_000 }, { requests: 2000, errors: 1, measuredAtMs: 30_000 });
    expect(difference(FIRST, next, LATE_MS).interval).toMatchObject({ canary: { requests: 50, errors: 50 } });
    const late = { ...next, atMs: 60_001 };
    expect(difference(FIRST, late, LATE_MS).inconclusive).toContain('old, more than 30 s');
  });

  it('adds up, however often it is scraped', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { minLength: 1, maxLength: 20 }), (parts) => {
      let [baseline, total, errors, sum, failed] = [at(0, {}, {}), 0, 0, 0, 0];
      for (const [index, [good, bad]] of parts.entries()) {
        [total, errors] = [total + good + bad, errors + bad];
        const next = difference(baseline, at(1000 * (index + 1), { requests: total, errors }, {}), LATE_MS);
        [baseline, sum, failed] = [next.baseline!, sum + next.interval!.canary.requests, failed + next.interval!.canary.errors];
      }
      expect([sum, failed]).toEqual([total, errors]);
    }));
  });
});

describe('nothing is counted, and the reason is given, where', () => {
  const cases: [string, Scrape, string][] = [
    ['a side is missing', at(6000, undefined), 'the metric source has no data of Canary'],
    ['the other side is missing', { atMs: 6000, canary: FIRST.canary }, 'the metric source has no data of Stable'],
    ['a value is no number', at(6000, { requests: NaN }), 'the metric source reports NaN for a counter of Canary'],
    ['a value is negative', at(6000, { requests: 200, errors: -1 }), 'the metric source reports -1 for a counter of Canary'],
    ['the scrape is late', at(60_000, { requests: 200, errors: 2, measuredAtMs: 20_000 }), 'the data of Canary are 40 s old, more than 30 s'],
    ['the source did not measure again', at(6000, { requests: 100, errors: 2, measuredAtMs: 1000 }), 'the metric source has not measured again since the last time'],
    ['there are more errors than requests', at(6000, { requests: 101, errors: 5 }), 'Canary has more errors than requests (3 of 1)'],
  ];
  it.each(cases)('%s; the next scrape covers the time', (_, scrape, reason) => {
    const { baseline, hasGap, inconclusive, interval } = difference(FIRST, scrape, LATE_MS);
    expect(inconclusive).toContain(reason);
    expect({ interval, hasGap, baseline }).toEqual({ baseline: FIRST });
    const next = at(61_000, { requests: 300, errors: 10 });
    expect(difference(baseline, next, LATE_MS).interval).toMatchObject({ fromMs: 1000, toMs: 61_000, canary: { requests: 200, errors: 8 } });
  });

  it.each<[string, Scrape, Scrape, string]>([
    ['requests', FIRST, at(6000, { requests: 3, errors: 2 }), 'the counters of Canary were reset (requests: 100, then 3)'],
    ['errors', FIRST, at(6000, { requests: 130, errors: 0 }), 'the counters of Canary were reset (errors: 2, then 0)'],
    ["Stable's requests", FIRST, at(6000, { requests: 130, errors: 2 }, { requests: 0 }), 'the counters of Stable were reset (requests: 1000, then 0)'],
    ['latencies', at(0, histogram([1, 9], 9), {}), at(5000, { requests: 5, ...histogram([2, 3], 9) }, {}), 'the counters of Canary were reset (latencies)'],
    ['buckets', at(0, histogram([1, 9], 9), {}), at(5000, { requests: 5, ...histogram([2, 10], 10, [10, 200]) }, {}), 'the latency buckets of Canary changed'],
    ['histograms', at(0, histogram([1, 9], 9), {}), at(5000, { requests: 5 }, {}), 'the latencies of Canary disappeared'],
  ])('the counters of %s start again; they are counted from there', (_, before, after, reason) => {
    expect(difference(before, after, LATE_MS)).toEqual({ baseline: after, inconclusive: reason, hasGap: true });
  });

  it('there is only one scrape', () => {
    expect(difference(undefined, FIRST, LATE_MS)).toEqual({ baseline: FIRST, inconclusive: 'the first measurement has nothing to be compared with' });
  });

  it('a scrape is wrong in any way: no interval has a negative count, or more errors than requests', () => {
    const counter = fc.oneof(fc.integer({ min: -5, max: 50 }), fc.constantFrom(NaN, Infinity));
    const side = fc.option(fc.record({ requests: counter, errors: counter, measuredAtMs: fc.integer({ min: 0, max: 100_000 }) }), { nil: undefined });
    const scrape = fc.record({ atMs: fc.integer({ min: 0, max: 100_000 }), canary: side, stable: side });
    fc.assert(fc.property(fc.array(scrape, { maxLength: 10 }), (scrapes) => {
      let baseline: Scrape | undefined;
      for (const one of scrapes) {
        const next = difference(baseline, one, LATE_MS);
        baseline = next.baseline;
        expect([next.interval, next.inconclusive].filter((part) => part !== undefined)).toHaveLength(1);
        for (const { requests, errors } of next.interval ? [next.interval.canary, next.interval.stable] : []) {
          expect(0 <= errors && errors <= requests).toBe(true);
        }
      }
    }), { numRuns: 500 });
  });
});
