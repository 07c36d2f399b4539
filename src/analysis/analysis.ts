import { errorAnalysis, ErrorAnalysisOptions } from './errors';
import { latencyAnalysis, LatencyAnalysisOptions, LatencyDefinition } from './latency';
import { Metric } from './metric';
import { AnalyzedMetricManifest } from '../contract/analysis-manifest';
import { invalid, show } from '../validation/validation-error';

export type { AnalysisOptions } from './analysis-options';
export type { ErrorAnalysisOptions } from './errors';
export type { LatencyAnalysisOptions } from './latency';

/**
 * A statistical comparison of a canary with Stable, which takes the other requests at the same time. It is judged after each measurement,
 * and its error rate holds however often that is.
 *
 * @see https://github.com/projen-delivery/projen-delivery/blob/main/docs/canary-analysis.md
 */
export class Analysis {
  /**
   * Compares the share of requests that fail. Rolls back as soon as the canary is worse than Stable beyond doubt, and promotes early as soon
   * as a release with `detect` times the errors is excluded.
   *
   * @param metric where the requests and errors of both releases come from
   * @param options how strict it is, and what is expected of the traffic
   */
  public static errors(metric: Metric, options: ErrorAnalysisOptions = {}): Analysis {
    return new Analysis(errorAnalysis(checked('Analysis.errors', metric), options));
  }

  /**
   * Compares a quantile of the latency. The metric must have histograms of both releases with the same buckets.
   *
   * @param metric where the latencies of both releases come from
   * @param options which quantile, and how strict it is
   */
  public static latency(metric: Metric, options: LatencyAnalysisOptions = {}): Analysis {
    const definition = latencyAnalysis(checked('Analysis.latency', metric), options);
    return new Analysis(definition.manifest, definition);
  }

  /** @internal */
  public readonly _manifest: AnalyzedMetricManifest;

  /** @internal */
  public readonly _latency?: LatencyDefinition;

  private constructor(manifest: AnalyzedMetricManifest, latency?: LatencyDefinition) {
    this._manifest = manifest;
    this._latency = latency;
  }
}

function checked(of: string, metric: Metric): Metric {
  if (metric instanceof Metric) return metric;
  invalid(`${of} metric`, `${show(metric)} is not a Metric`, 'Write Metric.command(\'./print-counters\')');
}
