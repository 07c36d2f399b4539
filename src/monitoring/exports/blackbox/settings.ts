/** What Prometheus and its blackbox exporter are told beside the health checks. */
export interface BlackboxSettings {
  readonly intervalMs: number;
  /** Host and port of the exporter, as Prometheus reaches it. */
  readonly exporter: string;
  /** Of the oldest exporter that must understand the modules: major and minor. */
  readonly exporterVersion: readonly [number, number];
  /** Where the exporter finds a file for each secret. */
  readonly secretsDirectory: string;
  /** Of every alert. */
  readonly labels: Record<string, string>;
}

/**
 * After 5 minutes without a sample Prometheus takes a series for gone, and its alerts end: two samples fit into that, and one may be lost.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness
 */
export const LONGEST_INTERVAL_MS = 120_000;
