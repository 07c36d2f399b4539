/** Judges a running canary, scrape by scrape. Pure: the state is plain data, so that another process can continue with it. */
import { difference, MetricInterval, Scrape } from './counters';
import { ErrorEvidence, logErrorEvidence, noErrorEvidence, withErrors, withNewWeight, withoutOpenBlock } from './error-evidence';
import { combined, inconclusive, judge, Judgement } from './judgement';
import { LatencyEvidence, logLatencyEvidence, noLatencyEvidence, withLatency, withoutOpenLatencyBlock } from './latency-evidence';
import { formatDuration } from '../../contract/duration-text';
import { ErrorAnalysis, LatencyAnalysis, sharesOfAlpha } from '../../contract/metric-analysis';

export { withSharedAlpha } from '../../contract/metric-analysis';

export interface CanaryAnalysis {
  readonly errors?: ErrorAnalysis;
  readonly latency?: LatencyAnalysis;
  /** The greatest age of a measurement. */
  readonly lateMs: number;
}

export interface CanaryState {
  readonly baseline?: Scrape;
  readonly errors?: ErrorEvidence;
  readonly latency?: LatencyEvidence;
  /** Why the newest scrape says nothing. */
  readonly problem?: string;
  /** Why it says nothing about the latency, although it does about the errors. */
  readonly latencyProblem?: string;
  /** What was counted at last, for people. */
  readonly interval?: MetricInterval;
}

/** Adds a scrape. */
export function observe(state: CanaryState, scrape: Scrape, analysis: CanaryAnalysis): CanaryState {
  const { baseline, hasGap, inconclusive: problem, interval } = difference(state.baseline, scrape, analysis.lateMs);
  const errors = analysis.errors && (state.errors ?? noErrorEvidence(analysis.errors));
  if (!interval) {
    const { latency } = state;
    // the requests of a gap are missing in a block that is open
    return hasGap
      ? { baseline, problem, errors: errors && withoutOpenBlock(errors), latency: latency && withoutOpenLatencyBlock(latency) }
      : { baseline, problem, errors, latency };
  }
  return {
    baseline,
    interval,
    errors: analysis.errors && errors && withErrors(errors, interval, analysis.errors),
    ...analysis.latency ? latencyAfter(state.latency, interval, analysis.latency) : {},
  };
}

/** The weight changes: requests before and after it are not mixed. The next scrape is the new baseline. */
export function changeWeight({ errors, latency }: CanaryState): CanaryState {
  return { errors: errors && withNewWeight(errors), latency: latency && withoutOpenLatencyBlock(latency) };
}

/** Derives the verdict. It holds however often it is read. */
export function verdictOf(state: CanaryState, { errors, latency }: CanaryAnalysis): Judgement {
  return combined([...errors ? [ofErrors(state, errors)] : [], ...latency ? [ofLatency(state, latency)] : []]);
}

function ofErrors({ errors, problem }: CanaryState, analysis: ErrorAnalysis): Judgement {
  const metric = { name: 'errors', ...analysis, alpha: sharesOfAlpha(analysis).evidence };
  if (problem !== undefined || !errors) return inconclusive(metric, problem ?? 'nothing was measured');
  return judge(metric, logErrorEvidence(errors, analysis));
}

function ofLatency({ latency, problem: ofScrape, latencyProblem }: CanaryState, analysis: LatencyAnalysis): Judgement {
  const metric = { name: `latency (p${Number((100 * analysis.quantile).toPrecision(6))})`, ...analysis };
  const problem = ofScrape ?? latencyProblem;
  if (problem !== undefined || !latency) return inconclusive(metric, problem ?? 'nothing was measured');
  const evidence = logLatencyEvidence(latency, analysis);
  return evidence ? judge(metric, evidence) : inconclusive(metric, `too few blocks of ${formatDuration(analysis.blockMs)} with responses of both sides to compare`);
}

type LatencyState = Pick<CanaryState, 'latency' | 'latencyProblem'>;

function latencyAfter(before: LatencyEvidence | undefined, interval: MetricInterval, analysis: LatencyAnalysis): LatencyState {
  const [canary, stable] = [interval.canary.latency, interval.stable.latency];
  if (!canary || !stable) return { latency: before, latencyProblem: `the metric source has no latencies of ${canary ? 'Stable' : 'Canary'}` };
  if (!isSame(canary.boundsMs, stable.boundsMs) || (before && !isSame(before.boundsMs, canary.boundsMs))) {
    return { latency: before, latencyProblem: 'the latency buckets of Canary and Stable differ, or changed' };
  }
  return { latency: withLatency(before ?? noLatencyEvidence(canary.boundsMs), interval, analysis) };
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((bound, index) => bound === other[index]);
}
