import { ANALYSIS_OPTIONS, AnalysisOptions, betweenZeroAndOne, requestsPerSecondOf, settingsOf } from './analysis-options';
import { Metric } from './metric';
import { AnalyzedMetricManifest } from '../contract/analysis-manifest';
import { DEFAULT_LATENCY_ANALYSIS } from '../contract/metric-analysis';
import { lacksLatencies } from '../contract/metric-manifest';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for the analysis of a canary's latency: which quantile, and how strict it is.
 */
export interface LatencyAnalysisOptions extends AnalysisOptions {
  /**
   * The quantile that is compared, between 0 and 1: 0.99 is the 99th percentile.
   *
   * @default 0.99
   */
  readonly quantile?: number;

  /**
   * The requests per second of Canary and Stable together, when there are few. Synthesis and the plan then say how soon a bad release is
   * seen, and a canary that cannot see one within its time is rejected.
   *
   * @default - that of an Analysis.errors of the same canary, if it has one; otherwise not known: a step without a verdict at its end is halted,
   * unless `withoutVerdict` says otherwise
   */
  readonly expectedRequestsPerSecond?: number;

  /**
   * The share of slow responses of a bad release that the canary must find within its time: those that take longer than 1 + `tolerance` times
   * Stable's quantile. Between 1 - `quantile`, which a release as good as Stable has at most, and 1.
   *
   * @default - 4 times 1 - `quantile`, at most half of the way to 1: 0.04 at the 99th percentile
   */
  readonly badSlowShare?: number;
}

/** What the manifest says of an analysis, and what is left for the strategy to decide. */
export interface LatencyDefinition {
  readonly manifest: AnalyzedMetricManifest;
  /** Of a bad release. */
  readonly slowShare: number;
  readonly isSlowShareGiven: boolean;
}

const OPTIONS: OptionNames<LatencyAnalysisOptions> = { ...ANALYSIS_OPTIONS, quantile: true, expectedRequestsPerSecond: true, badSlowShare: true };
const OF = 'Analysis.latency';

export function latencyAnalysis(metric: Metric, options: LatencyAnalysisOptions): LatencyDefinition {
  optionsOf(OF, options, OPTIONS, '{ quantile: 0.99 }');
  if (lacksLatencies(metric._manifest)) {
    const { kind, name } = metric._manifest;
    invalid(`${OF} metric`, `the source ${show(name)} has no latencies`,
      kind === 'prometheus' ? 'Set latencyBuckets: \'http_request_duration_seconds_bucket{slot="{slot}"}\'' : 'Use Metric.prometheus(...) with latencyBuckets, or Metric.command(...)');
  }
  const quantile = betweenZeroAndOne(`${OF} quantile`, options.quantile ?? 0.99, '0.99, the 99th percentile');
  const good = Number((1 - quantile).toPrecision(12));
  const slowShare = betweenZeroAndOne(`${OF} badSlowShare`, options.badSlowShare ?? Math.min(4 * good, (1 + good) / 2), '0.04');
  if (slowShare <= good) {
    invalid(`${OF} badSlowShare`, `${show(slowShare)} is not more than 1 - quantile, which is ${good}: a good release may have as many slow responses`, 'Set a share that only a bad release has');
  }
  const requestsPerSecond = requestsPerSecondOf(OF, options.expectedRequestsPerSecond);
  return {
    manifest: {
      metric: metric._manifest,
      latency: { ...settingsOf(OF, options, DEFAULT_LATENCY_ANALYSIS), quantile },
      ...(requestsPerSecond !== undefined && { expectedLatency: { requestsPerSecond, slowShare } }),
    },
    slowShare,
    isSlowShareGiven: options.badSlowShare !== undefined,
  };
}
