/**
 * Measures how much the responses of one side depend on each other. A pause makes all responses in it slow, so that 100 slow responses
 * are less evidence than 100 independent ones. Pure.
 */
import { LatencyCounts } from './counters';
import { Distribution } from './latency-comparison';
import { caution } from '../../contract/quantile-evidence';

/** Sums over the blocks, per bound: enough for the variance between the blocks. */
export interface BlockSums {
  readonly blocks: number;
  readonly count: number;
  readonly below: readonly number[];
  /** The sum of below² / count. */
  readonly squares: readonly number[];
}

export function noBlocks(bounds: number): BlockSums {
  return { blocks: 0, count: 0, below: Array.from({ length: bounds }, () => 0), squares: Array.from({ length: bounds }, () => 0) };
}

/** Adds a block. A block without responses says nothing. */
export function withBlock(sums: BlockSums, { count, below }: Pick<LatencyCounts, 'count' | 'below'>): BlockSums {
  if (count === 0) return sums;
  return {
    blocks: sums.blocks + 1,
    count: sums.count + count,
    below: sums.below.map((sum, index) => sum + below[index]),
    squares: sums.squares.map((sum, index) => sum + below[index] ** 2 / count),
  };
}

/**
 * Returns how many responses count as one: the variance between the blocks, divided by that of independent responses (Pearson's
 * statistic), at the bound where it is largest. Two standard errors are added, because few blocks show it inexactly. At least 1.
 */
export function designEffect({ blocks, count, below, squares }: BlockSums): number {
  const degrees = blocks - 1;
  const ratios = below.map((sum, index) => {
    const share = sum / count;
    return share > 0 && share < 1 ? (squares[index] - sum * share) / (share * (1 - share) * degrees) : 0;
  });
  return Math.max(1, Math.max(...ratios) * caution(blocks));
}

/** The counts of as many independent responses. */
export function effective(sums: BlockSums): Distribution {
  const factor = 1 / designEffect(sums);
  return { count: sums.count * factor, below: sums.below.map((sum) => sum * factor) };
}
