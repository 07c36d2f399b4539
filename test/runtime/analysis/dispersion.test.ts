import { BlockSums, designEffect, effective, noBlocks, withBlock } from '../../../src/runtime/analysis/dispersion';

/** Blocks of so many responses, of which so many took at most the one bound. */
const blocks = (...counts: [below: number, count: number][]): BlockSums => (
  counts.reduce((sums, [below, count]) => withBlock(sums, { count, below: [below] }), noBlocks(1))
);

describe('how many responses count as one', () => {
  it.each<[string, BlockSums, number]>([
    // 40 and 60 of 100: Pearson's statistic is (10² + 10²) / 25 = 8, for one degree of freedom
    ['two blocks', blocks([40, 100], [60, 100]), 8 * (1 + 2 * Math.sqrt(2))],
    // 40, 50 and 60 of 100: the same 8, for two degrees of freedom
    ['three blocks', blocks([40, 100], [50, 100], [60, 100]), 4 * (1 + 2 * Math.sqrt(2 / 2))],
    // 40 of 100, and 180 of 300: a share of 0.55; 15² / 24.75 + 15² / 74.25
    ['blocks of different sizes', blocks([40, 100], [180, 300]), (225 / 24.75 + 225 / 74.25) * (1 + 2 * Math.sqrt(2))],
  ])('is the variance between %s, divided by that of independent ones, and two standard errors more', (_, sums, expected) => {
    expect(designEffect(sums)).toBeCloseTo(expected, 9);
  });

  it('is that of the bound where it is largest', () => {
    const both = [[[40, 50], 100], [[60, 50], 100]] as const;
    const sums = both.reduce((all, [below, count]) => withBlock(all, { count, below: [...below] }), noBlocks(2));
    expect(designEffect(sums)).toBeCloseTo(designEffect(blocks([40, 100], [60, 100])), 9);
  });

  it('is at least one: blocks that are more alike than chance makes them are no more evidence', () => {
    expect(designEffect(blocks([50, 100], [50, 100], [50, 100]))).toBe(1);
  });

  it('is one where all responses are on one side of the bound', () => {
    expect([designEffect(blocks([0, 100], [0, 50])), designEffect(blocks([100, 100], [50, 50]))]).toEqual([1, 1]);
  });
});

it('a block without responses says nothing', () => {
  const sums = blocks([40, 100], [60, 100]);
  expect(withBlock(sums, { count: 0, below: [0] })).toEqual(sums);
});

it('responses that depend on each other count as fewer, in the same proportion', () => {
  const sums = blocks([40, 100], [60, 100]);
  const effect = designEffect(sums);
  const { below, count } = effective(sums);
  expect(count).toBeCloseTo(200 / effect, 9);
  expect(below[0]! / count).toBeCloseTo(0.5, 9);
});
