import { StrategyOptions } from './strategy-definition';
import { Analysis } from '../analysis/analysis';
import { AnalysisManifest, AnalyzedMetricManifest, detectionAt, detectionsOf, longestStepMs, shownBy, WithoutVerdictManifest } from '../contract/analysis-manifest';
import { formatDuration } from '../contract/duration-text';
import { WeightManifest } from '../contract/manifest';
import { withSharedAlpha } from '../contract/metric-analysis';
import { Duration, millisecondsOfGiven } from '../validation/duration';
import { listOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * What happens to a step of a canary that has no verdict of its analysis at its end.
 */
export enum WithoutVerdict {
  /** The next step begins, as after a good verdict. */
  PROMOTE = 'promote',
  /** Stable is restored. The files of the release are not blocked, because nothing found them bad. */
  ROLL_BACK = 'rollBack',
  /** The deployment is halted with the traffic as it is, and a person decides. */
  HALT = 'halt',
}

/**
 * Options for the analysis of a canary.
 */
export interface AnalyzedCanaryOptions extends StrategyOptions {
  /**
   * What compares the release with Stable in each step, beside the health checks. One of them is enough for a rollback. A step ends early,
   * but not before its `atLeast`, when all of them exclude a regression.
   *
   * @default - the health checks alone judge the steps
   */
  readonly analysis?: Analysis[];

  /**
   * How long a step waits for a verdict of its analysis. At least the `atLeast` of each step.
   *
   * @default - 10 minutes, or the longest `atLeast` if that is longer
   */
  readonly maxDuration?: Duration;

  /**
   * What happens to a step without a verdict at its end.
   *
   * @default - the next step begins if enough was measured to see the bad release of `badErrorRate` or `badSlowShare` in 99 of 100 canaries;
   * otherwise the deployment is halted
   */
  readonly withoutVerdict?: WithoutVerdict;
}

/** The weights with their longest time, and how they are judged. */
export interface AnalyzedWeights {
  readonly weights: readonly WeightManifest[];
  readonly analysis?: AnalysisManifest;
}

const OF = 'Strategy.canary';
const EXAMPLE = 'Analysis.errors(Metric.command(\'./print-counters\'))';

/** Checks the options. Rejects a canary that cannot see a bad release within its time. */
export function analyzed(options: AnalyzedCanaryOptions, weights: readonly WeightManifest[]): AnalyzedWeights {
  const metrics = metricsOf(options.analysis);
  if (metrics.length === 0) {
    const lonely = (['maxDuration', 'withoutVerdict'] as const).find((name) => options[name] !== undefined);
    if (lonely) invalid(`${OF} ${lonely}`, 'it has no effect without analysis', `Add analysis: [${EXAMPLE}], or remove it`);
    return { weights };
  }
  const atMostMs = longestOf(options.maxDuration, weights);
  const analysis = { metrics, withoutVerdict: policyOf(options.withoutVerdict) };
  const result = { weights: weights.map((weight) => ({ ...weight, atMostMs })), analysis };
  for (const metric of metrics) checkPower(metric, result.weights);
  return result;
}

/** What each weight can show, for the log. */
export function detectionNotes({ analysis, weights }: AnalyzedWeights): string[] {
  return analysis ? detectionsOf(analysis, weights) : [];
}

/** Why a step may be halted without a verdict although nothing is wrong. */
export function analysisWarnings(environment: string, { analysis, weights }: AnalyzedWeights): string[] {
  if (analysis?.withoutVerdict !== 'promoteIfShown') return [];
  return analysis.metrics.flatMap((metric) => {
    const [of, first] = [metric.errors ? 'Analysis.errors' : 'Analysis.latency', weights[0]!];
    const what = `a step of the canary on ${show(environment)} may be halted, because without a verdict it`;
    const detection = detectionAt(metric, first.percent);
    if (detection === undefined) return [`${what} is not known whether enough was measured. Set expectedRequestsPerSecond in ${of}, or withoutVerdict in ${OF}`];
    if (shownBy(metric, [partOf(first)]).most >= 1) return [];
    return [`${what} has too little time: ${detection}, and the step takes at most ${formatDuration(longestStepMs(first), 'exact')}. Set a longer maxDuration, a larger weight, or withoutVerdict in ${OF}`];
  });
}

function metricsOf(given: Analysis[] | undefined): AnalyzedMetricManifest[] {
  const option = `${OF} analysis`;
  if (given === undefined) return [];
  const all = listOf(option, given, EXAMPLE).map((one) => (one instanceof Analysis ? one : invalid(option, `${show(one)} is not an Analysis`, `Write ${EXAMPLE}`)));
  if (all.length === 0) invalid(option, 'the list is empty', `Add ${EXAMPLE}, or remove it: then the health checks alone judge the steps`);
  const requestsPerSecond = all.map(({ _manifest: { expected } }) => expected?.requestsPerSecond).find((rate) => rate !== undefined);
  return withSharedAlpha(all.map((one) => withExpectedLatency(one, requestsPerSecond)));
}

/** Both releases get the same requests, whatever is judged of them. @param requestsPerSecond of the analysis of errors */
function withExpectedLatency({ _latency: latency, _manifest: manifest }: Analysis, requestsPerSecond: number | undefined): AnalyzedMetricManifest {
  if (!latency || manifest.expectedLatency) return manifest;
  if (requestsPerSecond !== undefined) return { ...manifest, expectedLatency: { requestsPerSecond, slowShare: latency.slowShare } };
  if (latency.isSlowShareGiven) invalid('Analysis.latency badSlowShare', 'it has no effect without expectedRequestsPerSecond', 'Set expectedRequestsPerSecond, or remove it');
  return manifest;
}

function longestOf(given: Duration | undefined, weights: readonly WeightManifest[]): number {
  const option = `${OF} maxDuration`;
  const least = Math.max(...weights.map(({ atLeastMs }) => atLeastMs));
  if (given === undefined) return Math.max(least, Duration.minutes(10).toMilliseconds());
  const most = millisecondsOfGiven(option, given, Duration.minutes(10));
  if (most < least) invalid(option, `${formatDuration(most, 'exact')} is shorter than the atLeast of a step, ${formatDuration(least, 'exact')}`, 'Set a longer maxDuration, or a shorter atLeast');
  if (most < 1000) invalid(option, `${formatDuration(most, 'exact')} is shorter than 1 second`, 'Set the time that a step may wait for a verdict, for example Duration.minutes(10)');
  return most;
}

function policyOf(given: WithoutVerdict | undefined): WithoutVerdictManifest {
  if (given === undefined) return 'promoteIfShown';
  if (Object.values(WithoutVerdict).includes(given)) return given;
  invalid(`${OF} withoutVerdict`, `${show(given)} is not known`, 'Write WithoutVerdict.PROMOTE, WithoutVerdict.ROLL_BACK or WithoutVerdict.HALT');
}

function checkPower(metric: AnalyzedMetricManifest, weights: readonly WeightManifest[]): void {
  const detection = detectionAt(metric, weights.at(-1)!.percent);
  if (detection === undefined || shownBy(metric, weights.map(partOf)).half >= 1) return;
  const allowed = formatDuration(weights.reduce((sum, weight) => sum + longestStepMs(weight), 0), 'exact');
  invalid(`${OF} analysis`, `${detection}; ${weights.length === 1 ? 'its step takes' : 'all its steps together take'} at most ${allowed}`,
    `Set a longer maxDuration, larger weights, or a larger ${metric.errors ? 'badErrorRate in Analysis.errors' : 'badSlowShare in Analysis.latency'}`);
}

function partOf(weight: WeightManifest) {
  return { percent: weight.percent, ms: longestStepMs(weight) };
}
