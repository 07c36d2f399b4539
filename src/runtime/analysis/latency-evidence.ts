/** Collects the evidence about a quantile of Canary's latency, interval by interval. Pure: the state is plain data that can be stored. */
import { LatencyCounts, MetricInterval } from './counters';
import { BlockSums, designEffect, effective, noBlocks, withBlock } from './dispersion';
import { LogEvidence } from './judgement';
import { logEvidenceOfFaster, logEvidenceOfSlower } from './latency-comparison';
import { expectedDesignEffect } from '../../contract/latency-power';
import { LatencyAnalysis } from '../../contract/metric-analysis';
import { FEWEST_LATENCY_BLOCKS, LATENCY_SAMPLE_SIZE } from '../../contract/quantile-evidence';

export { DEFAULT_LATENCY_ANALYSIS } from '../../contract/metric-analysis';
export type { LatencyAnalysis } from '../../contract/metric-analysis';

export interface LatencyEvidence {
  readonly boundsMs: readonly number[];
  readonly canary: BlockSums;
  readonly stable: BlockSums;
  readonly open?: OpenBlock;
}

interface OpenBlock {
  readonly fromMs: number;
  readonly canary: LatencyCounts;
  readonly stable: LatencyCounts;
}

export function noLatencyEvidence(boundsMs: readonly number[]): LatencyEvidence {
  return { boundsMs, canary: noBlocks(boundsMs.length), stable: noBlocks(boundsMs.length) };
}

/** Adds what was counted in the next interval. An interval without histograms, or with other buckets, must not be added. */
export function withLatency(evidence: LatencyEvidence, interval: MetricInterval, { blockMs }: LatencyAnalysis): LatencyEvidence {
  const { fromMs, toMs, canary, stable } = interval;
  if (!canary.latency || !stable.latency) return evidence;
  const { open, ...rest } = evidence;
  const block = open
    ? { fromMs: open.fromMs, canary: sum(open.canary, canary.latency), stable: sum(open.stable, stable.latency) }
    : { fromMs, canary: canary.latency, stable: stable.latency };
  if (toMs - block.fromMs < blockMs) return { ...rest, open: block };
  return { ...rest, canary: withBlock(evidence.canary, block.canary), stable: withBlock(evidence.stable, block.stable) };
}

/** Drops the open block, a part of which was not counted. */
export function withoutOpenLatencyBlock({ open: _, ...rest }: LatencyEvidence): LatencyEvidence {
  return rest;
}

/** Returns undefined if too few blocks are complete to know how much the responses depend on each other. */
export function logLatencyEvidence({ boundsMs, canary, stable }: LatencyEvidence, analysis: LatencyAnalysis): LogEvidence | undefined {
  const { alpha, blockMs, detect, quantile, tolerance } = analysis;
  if (blockMs > 0 && Math.min(canary.blocks, stable.blocks) < FEWEST_LATENCY_BLOCKS) return undefined;
  const shown = blockMs > 0 ? effective : (sums: BlockSums) => sums;
  const comparison = { quantile, boundsMs, canary: shown(canary), stable: shown(stable), tuning: { sampleSize: LATENCY_SAMPLE_SIZE, alpha } };
  return { rollback: logEvidenceOfSlower(comparison, 1 + tolerance), promotion: logEvidenceOfFaster(comparison, detect) };
}

/**
 * Returns which share of Canary's responses counted as the computed time to a rollback expects it, from 0 to 1: fewer if they depend on each other, and
 * none if the buckets cannot show a slower release, whatever is measured.
 */
export function expectedShare({ boundsMs, canary, stable }: LatencyEvidence, { blockMs, quantile, tolerance }: LatencyAnalysis): number {
  const bound = boundsMs[stable.below.findIndex((below) => stable.count > 0 && below >= quantile * stable.count)];
  // a slower release must exceed a bound that the tolerance does not reach
  if (bound === undefined || !boundsMs.some((other) => other >= (1 + tolerance) * bound)) return 0;
  if (blockMs === 0) return 1;
  if (canary.blocks < FEWEST_LATENCY_BLOCKS) return 0;
  return Math.min(1, expectedDesignEffect(canary.blocks) / designEffect(canary));
}

function sum(one: LatencyCounts, other: LatencyCounts): LatencyCounts {
  return { boundsMs: one.boundsMs, below: one.below.map((below, index) => below + other.below[index]), count: one.count + other.count };
}
