import { ANALYSIS_OPTIONS, AnalysisOptions, betweenZeroAndOne, settingsOf } from './analysis-options';
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
}

const OPTIONS: OptionNames<LatencyAnalysisOptions> = { ...ANALYSIS_OPTIONS, quantile: true };
const OF = 'Analysis.latency';

export function latencyAnalysis(metric: Metric, options: LatencyAnalysisOptions): AnalyzedMetricManifest {
  optionsOf(OF, options, OPTIONS, '{ quantile: 0.99 }');
  if (lacksLatencies(metric._manifest)) {
    const { kind, name } = metric._manifest;
    invalid(`${OF} metric`, `the source ${show(name)} has no latencies`,
      kind === 'prometheus' ? 'Set latencyBuckets: \'http_request_duration_seconds_bucket{slot="{slot}"}\'' : 'Use Metric.prometheus(...) with latencyBuckets, or Metric.command(...)');
  }
  const quantile = betweenZeroAndOne(`${OF} quantile`, options.quantile ?? 0.99, '0.99, the 99th percentile');
  return { metric: metric._manifest, latency: { ...settingsOf(OF, options, DEFAULT_LATENCY_ANALYSIS), quantile } };
}
