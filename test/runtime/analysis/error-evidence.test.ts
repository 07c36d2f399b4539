import fc from 'fast-check';
import { DEFAULT_ERROR_ANALYSIS, rollbackTest } from '../../../src/contract/metric-analysis';
import { logFactor } from '../../../src/contract/rate-ratio';
import { MetricInterval } from '../../../src/runtime/analysis/counters';
import { ErrorEvidence, logErrorEvidence, noErrorEvidence, withErrors, withNewWeight, withoutOpenBlock } from '../../../src/runtime/analysis/error-evidence';

const ANALYSIS = DEFAULT_ERROR_ANALYSIS;
const START = noErrorEvidence(ANALYSIS);

/** A second with 100 requests of Canary and 900 of Stable. */
const second = (index: number, canaryErrors = 0, stableErrors = 0, [canary, stable] = [100, 900]): MetricInterval => ({
  fromMs: 1000 * index,
  toMs: 1000 * (index + 1),
  canary: { requests: canary, errors: canaryErrors },
  stable: { requests: stable, errors: stableErrors },
});
const after = (intervals: readonly MetricInterval[], start: ErrorEvidence = START) => (
  intervals.reduce((evidence, one) => withErrors(evidence, one, ANALYSIS), start)
);
const rollback = (evidence: ErrorEvidence) => logErrorEvidence(evidence, ANALYSIS).rollback;
/** The bets after one block with these errors. */
const bets = (canaryErrors: number, stableErrors: number, requestShare = 0.1) => {
  const test = rollbackTest(ANALYSIS);
  return test.alternatives.map(({ ratio }) => logFactor(test, ratio, { canaryErrors, stableErrors, requestShare }, 'blocks'));
};

describe('a block', () => {
  it('begins with an error, lasts its time, and counts all of its errors once', () => {
    const quiet = [0, 1, 2].map((index) => second(index));
    const begun = after([...quiet, second(3, 2), second(4), second(5, 1, 1), second(6)]);
    expect(begun.open).toEqual({ fromMs: 3000, canary: 400, stable: 3600, canaryErrors: 3, stableErrors: 1, lastErrorMs: 6000 });
    expect(begun.rollbackBets).toEqual(START.rollbackBets);
    const over = withErrors(begun, second(7), ANALYSIS);
    expect(over.open).toBeUndefined();
    expect(over.rollbackBets).toEqual(bets(3, 1));
  });

  it('ends early with five errors, which show the shares of both sides well enough', () => {
    const early = after([second(0, 2), second(1, 2, 6)]);
    expect(early.open).toBeUndefined();
    expect(early.rollbackBets).toEqual(bets(4, 6));
  });

  it('without errors changes nothing', () => {
    const evidence = after(Array.from({ length: 100 }, (_, index) => second(index)));
    expect(evidence).toMatchObject({ rollbackBets: START.rollbackBets, promotionBets: START.promotionBets });
    expect(evidence.open).toBeUndefined();
  });

  it('is as long as the interval, if that is longer', () => {
    const { fromMs, ...rest } = second(60, 1);
    expect(after([{ ...rest, fromMs: fromMs - 60_000 }]).rollbackBets).toEqual(bets(1, 0));
  });

  it.each([['a gap', withoutOpenBlock], ['another weight', withNewWeight]])('is dropped by %s, with its errors', (_, drop) => {
    const [before, open] = [after([second(0, 1), second(1), second(2), second(3), second(4)]), second(5, 4)];
    const dropped = drop(after([open], before));
    expect(dropped.open).toBeUndefined();
    expect(dropped.rollbackBets).toEqual(before.rollbackBets);
    const next = after([second(60), second(61), second(62), second(63), second(64), second(65)], dropped);
    expect(next.rollbackBets).toEqual(before.rollbackBets);
  });

  it('counts a thousand errors as one', () => {
    const many = after([second(0, 1000), second(1), second(2), second(3), second(4)]);
    const one = after([second(0, 1), second(1), second(2), second(3), second(4)]);
    expect(rollback(many)).toBeCloseTo(rollback(one), 12);
  });
});

describe('a rest after a block', () => {
  const block = [second(0, 1), second(1), second(2), second(3), second(4, 1)];
  const over = after(block);

  it('does not count the rest of a burst, whose side the block has shown already', () => {
    const burst = after([second(5, 30), second(6, 30), second(7, 30), second(8, 30), second(9, 30)], over);
    expect(burst.open).toBeUndefined();
    expect(burst.rollbackBets).toEqual(over.rollbackBets);
  });

  it('lasts as long as a block at most', () => {
    const long = after([5, 6, 7, 8, 9, 10].map((index) => second(index, 1)), over);
    expect(long.open).toMatchObject({ fromMs: 10_000, canaryErrors: 1 });
  });

  it('is over after a second without errors', () => {
    expect(after([second(5), second(6, 1)], over).open).toMatchObject({ fromMs: 6000 });
    // the quiet seconds of the block count
    const quiet = after([second(0, 1), second(1), second(2), second(3), second(4), second(5, 1)]);
    expect(quiet.open).toMatchObject({ fromMs: 5000 });
  });

  it('does not exist where each error counts, and where one interval is much longer than a block', () => {
    expect(withErrors(START, second(0, 1), { ...ANALYSIS, blockMs: 0 }).rest).toBeUndefined();
    const minute = (index: number) => ({ ...second(0, 1), fromMs: 60_000 * index, toMs: 60_000 * (index + 1) });
    const [one, both] = [after([minute(0)]), after([minute(0), minute(1)])];
    expect(rollback(both)).toBeGreaterThan(rollback(one));
  });
});

describe("Canary's share of the requests", () => {
  it('is that of the block, if it has enough requests: the traffic may change', () => {
    const before = Array.from({ length: 100 }, (_, index) => second(index));
    const block = [100, 101, 102, 103, 104].map((index) => second(index, index < 104 ? 1 : 0, 0, [500, 500]));
    expect(after([...before, ...block]).rollbackBets).toEqual(bets(4, 0, 0.5));
  });

  it('is that of the earlier requests too, if the block has few: one request of each side is not a share of one half', () => {
    // 1 request a second, 5 % of them Canary's
    const before = Array.from({ length: 1000 }, (_, index) => second(index, 0, 0, index % 20 === 0 ? [1, 0] : [0, 1]));
    const block = [1, 0, 0, 0, 0].map((errors, index) => second(1000 + index, errors, 0, index === 0 ? [1, 0] : [0, 1]));
    const expected = bets(1, 0, 0.05);
    for (const [index, bet] of after([...before, ...block]).rollbackBets.entries()) expect(bet).toBeCloseTo(expected[index], 1);
  });

  it('of an earlier weight does not count', () => {
    const before = withNewWeight(after(Array.from({ length: 100 }, (_, index) => second(index))));
    const block = [100, 101, 102, 103, 104].map((index) => second(index, index === 100 ? 1 : 0, 0, [5, 5]));
    expect(after(block, before).rollbackBets).toEqual(bets(1, 0, 0.5));
  });
});

it('the evidence is that of the blocks, whatever the length of the scrapes in between', () => {
  // fewer than five errors in all, or in the last second those that end a block early
  const pair = (most: number) => fc.tuple(fc.nat(most), fc.nat(most));
  const errors = fc.tuple(pair(1), fc.constant([0, 0]), pair(0), fc.tuple(fc.nat(1), fc.constant(0)), pair(1000));
  fc.assert(fc.property(errors, (all) => {
    const [[first, other], ...rest] = all;
    const seconds = [[first + 1, other], ...rest].map(([canary, stable], index) => second(index, canary, stable));
    const sum = (side: 'canary' | 'stable', key: 'requests' | 'errors') => seconds.reduce((total, one) => total + one[side][key], 0);
    const side = (name: 'canary' | 'stable') => ({ requests: sum(name, 'requests'), errors: sum(name, 'errors') });
    const once = after([{ fromMs: 0, toMs: 5000, canary: side('canary'), stable: side('stable') }]);
    expect(after(seconds).rollbackBets).toEqual(once.rollbackBets);
  }));
});
