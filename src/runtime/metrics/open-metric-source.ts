import { CloudWatchMetricSource } from './cloudwatch-metric';
import { CommandMetricSource } from './command-metric';
import { HaproxyMetricSource } from './haproxy-metric';
import type { MetricContext, MetricSource } from './metric-source';
import { PrometheusMetricSource } from './prometheus-metric';
import { MetricManifest } from '../../contract/metric-manifest';
import { ConfigurationError } from '../errors';
import { unlessEjected } from '../reporting/command-line';

/** Throws `ConfigurationError` for a kind of source that this runtime does not know. */
export function metricSourceOf(manifest: MetricManifest, context: MetricContext): MetricSource {
  const { kind }: { readonly kind: string } = manifest;
  switch (manifest.kind) {
    case 'cloudWatch': return new CloudWatchMetricSource(manifest, context);
    case 'command': return new CommandMetricSource(manifest, context);
    case 'haproxy': return new HaproxyMetricSource(manifest, context);
    case 'prometheus': return new PrometheusMetricSource(manifest, context);
  }
  throw new ConfigurationError(`this runtime does not know the metric source "${kind}" of ${context.environment.name}. ${unlessEjected('Run npx projen and commit both files', 'Restore both files as one commit has them')}.`);
}
