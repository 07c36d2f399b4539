import { CommandMetricSource } from './command-metric';
import { HaproxyMetricSource } from './haproxy-metric';
import { MeasuredRelease } from './measured-release';
import { PrometheusMetricSource } from './prometheus-metric';
import { MetricManifest } from '../../contract/metric-manifest';
import { Scrape } from '../analysis/counters';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { unlessEjected } from '../reporting/command-line';

/** Reads the counters of Canary and Stable. One instance serves a whole canary: it may keep what it saw before. */
export interface MetricSource {
  /**
   * Reads once, within the source's timeout. What is wrong with the source or its data is `problem` of the scrape. After a change of the
   * weight, a scrape whose `measuredAtMs` is older is about the weight before.
   *
   * Rejects only with `InterruptedError`, when the signal aborts.
   */
  scrape(signal: AbortSignal): Promise<Scrape>;
}

export interface MetricContext extends Pick<RuntimeContext, 'clock' | 'environment' | 'execute' | 'interrupted' | 'processEnv'> {
  readonly log: Pick<RuntimeContext['log'], 'line'>;
  readonly canary: MeasuredRelease;
  readonly stable: MeasuredRelease;
  /** Certificates (PEM) to trust instead of Node's own. */
  readonly ca?: string;
}

/** Throws `ConfigurationError` for a kind of source that this runtime does not know. */
export function metricSourceOf(manifest: MetricManifest, context: MetricContext): MetricSource {
  const { kind }: { readonly kind: string } = manifest;
  switch (manifest.kind) {
    case 'command': return new CommandMetricSource(manifest, context);
    case 'haproxy': return new HaproxyMetricSource(manifest, context);
    case 'prometheus': return new PrometheusMetricSource(manifest, context);
  }
  throw new ConfigurationError(`this runtime does not know the metric source "${kind}" of ${context.environment.name}. ${unlessEjected('Run npx projen and commit both files', 'Restore both files as one commit has them')}.`);
}
