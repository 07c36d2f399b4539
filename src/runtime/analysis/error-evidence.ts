/** Collects the evidence about Canary's errors, interval by interval. Pure: the state is plain data that can be stored. */
import { MetricInterval } from './counters';
import { LogEvidence } from './judgement';
import { ErrorAnalysis, promotionTest, rollbackTest } from '../../contract/metric-analysis';
import { ENOUGH_ERRORS, ErrorCounts, logEvidence, logFactor, QUIET_MS, RateRatioTest } from '../../contract/rate-ratio';

export interface ErrorEvidence {
  /** The logarithms of the bets against "as good as Stable", and against "`detect` times as bad". */
  readonly rollbackBets: readonly number[];
  readonly promotionBets: readonly number[];
  /** The block that has errors and is not over. */
  readonly open?: Block;
  /** Bursts of the last block may go on. No block begins before they are over. */
  readonly rest?: Rest;
  /** The requests of the current weight, by which a block with few requests is completed. */
  readonly recent: Requests;
}

interface Requests {
  readonly canary: number;
  readonly stable: number;
}

interface Block extends Requests {
  readonly fromMs: number;
  readonly canaryErrors: number;
  readonly stableErrors: number;
  /** The end of the last interval with an error. */
  readonly lastErrorMs: number;
}

interface Rest {
  readonly untilMs: number;
  readonly lastErrorMs: number;
}

/** With fewer requests of Canary, a block alone does not show which share of the traffic Canary has. */
const ENOUGH_REQUESTS = 50;

export function noErrorEvidence(analysis: ErrorAnalysis): ErrorEvidence {
  const zeros = ({ alternatives }: RateRatioTest) => alternatives.map(() => 0);
  return { rollbackBets: zeros(rollbackTest(analysis)), promotionBets: zeros(promotionTest(analysis)), recent: { canary: 0, stable: 0 } };
}

/** Adds what was counted in the next interval. The evidence changes when a block is over. */
export function withErrors(evidence: ErrorEvidence, interval: MetricInterval, analysis: ErrorAnalysis): ErrorEvidence {
  const recent = capped({ canary: evidence.recent.canary + interval.canary.requests, stable: evidence.recent.stable + interval.stable.requests });
  const { open, promotionBets, rest, rollbackBets } = evidence;
  const hasErrors = interval.canary.errors + interval.stable.errors > 0;
  // a block begins with an error, so that a burst that begins it lies within it
  if (!open && !hasErrors) return { rollbackBets, promotionBets, recent, ...rest ? { rest } : {} };
  if (!open && rest && isResting(rest, interval)) return { rollbackBets, promotionBets, recent, rest: { ...rest, lastErrorMs: interval.toMs } };
  const block = joined(open, interval);
  const isOver = interval.toMs - block.fromMs >= analysis.blockMs || block.canaryErrors + block.stableErrors >= ENOUGH_ERRORS;
  if (!isOver) return { rollbackBets, promotionBets, recent, open: block };
  const counts = { canaryErrors: block.canaryErrors, stableErrors: block.stableErrors, requestShare: requestShare(block, recent) };
  return {
    rollbackBets: multiplied(rollbackBets, rollbackTest(analysis), counts, analysis),
    promotionBets: multiplied(promotionBets, promotionTest(analysis), counts, analysis),
    recent,
    ...analysis.blockMs > 0 ? { rest: restAfter(block, interval.toMs, analysis.blockMs) } : {},
  };
}

/** Drops the open block: the weight changes, or a part of it was not counted. The evidence of completed blocks stays. */
export function withNewWeight(evidence: ErrorEvidence): ErrorEvidence {
  return { ...withoutOpenBlock(evidence), recent: { canary: 0, stable: 0 } };
}

export function withoutOpenBlock({ open: _, ...rest }: ErrorEvidence): ErrorEvidence {
  return rest;
}

export function logErrorEvidence({ rollbackBets, promotionBets }: ErrorEvidence, analysis: ErrorAnalysis): LogEvidence {
  return { rollback: logEvidence(rollbackTest(analysis), rollbackBets), promotion: logEvidence(promotionTest(analysis), promotionBets) };
}

/** So long that the bursts of the block are over. None after an interval of twice that length: the next one has little of them. */
function restAfter({ fromMs, lastErrorMs }: Block, toMs: number, blockMs: number): Rest {
  return { untilMs: Math.min(toMs, fromMs + blockMs) + blockMs, lastErrorMs };
}

/** Errors in a rest may belong to a burst whose side the last block has shown already. */
function isResting({ untilMs, lastErrorMs }: Rest, { fromMs }: MetricInterval): boolean {
  return fromMs < untilMs && fromMs - lastErrorMs < QUIET_MS;
}

function joined(open: Block | undefined, { fromMs, toMs, canary, stable }: MetricInterval): Block {
  return {
    lastErrorMs: open && canary.errors + stable.errors === 0 ? open.lastErrorMs : toMs,
    fromMs: open?.fromMs ?? fromMs,
    canary: (open?.canary ?? 0) + canary.requests,
    stable: (open?.stable ?? 0) + stable.requests,
    canaryErrors: (open?.canaryErrors ?? 0) + canary.errors,
    stableErrors: (open?.stableErrors ?? 0) + stable.errors,
  };
}

/** Keeps the proportion. The past weighs no more than what is enough, so that a change of the traffic shows. */
function capped({ canary, stable }: Requests): Requests {
  const factor = Math.min(1, ENOUGH_REQUESTS / Math.max(canary, 1));
  return { canary: canary * factor, stable: stable * factor };
}

/** The share of the block's own requests, where these are enough: then retries count as requests, too. */
function requestShare(block: Requests, recent: Requests): number {
  const { canary, stable } = block.canary >= ENOUGH_REQUESTS ? block : recent;
  return canary / (canary + stable);
}

function multiplied(logBets: readonly number[], test: RateRatioTest, counts: ErrorCounts, { blockMs }: ErrorAnalysis): number[] {
  return test.alternatives.map(({ ratio }, index) => logBets[index] + logFactor(test, ratio, counts, blockMs > 0 ? 'blocks' : 'errors'));
}
