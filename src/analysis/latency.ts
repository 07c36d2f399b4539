import { ANALYSIS_OPTIONS, AnalysisOptions, betweenZeroAndOne, settingsOf } from './analysis-options';
import { Metric } from './metric';
import { AnalyzedMetricManifest } from '../contract/analysis-manifest';
import { DEFAULT_LATENCY_ANALYSIS } from '../contract/latency-analysis';
import { OptionNames, optionsOf } from '../validation/option-types';

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
  const quantile = betweenZeroAndOne(`${OF} quantile`, options.quantile ?? 0.99, '0.99, the 99th percentile');
  return { metric: metric._manifest, latency: { ...settingsOf(OF, options, DEFAULT_LATENCY_ANALYSIS), quantile } };
}
