import { CommandManifest } from './target-manifest';

/** What all metric sources of a canary have. */
export interface MetricSourceManifest {
  /** What is asked, for people: a shell line, a host. */
  readonly name: string;
  /** From the start of one scrape to the start of the next. */
  readonly intervalMs: number;
  /** For one scrape. */
  readonly timeoutMs: number;
  /** The greatest age of a measurement: an older one says nothing. */
  readonly lateMs: number;
}

/** Where the counters of Canary and Stable come from. */
export type MetricManifest = CommandMetricManifest;

/** A command that prints the counters as JSON. */
export interface CommandMetricManifest extends MetricSourceManifest {
  readonly kind: 'command';
  readonly command: CommandManifest;
}

/** Returns the names of the secrets that a metric source reads from the process environment. */
export function metricSecretsOf(metric: MetricManifest): string[] {
  switch (metric.kind) {
    case 'command': return [];
  }
}
