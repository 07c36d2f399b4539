import { AddressManifest } from './health-check-manifest';
import { CommandManifest } from './target-manifest';

/** What all metric sources of a canary have. */
export interface MetricSourceManifest {
  /** The source, for people: a shell line, a host. */
  readonly name: string;
  /** From the start of one scrape to the start of the next. */
  readonly intervalMs: number;
  /** For one scrape. */
  readonly timeoutMs: number;
  /** The greatest age of a measurement: an older one says nothing. */
  readonly lateMs: number;
}

/** Where the counters of Canary and Stable come from. */
export type MetricManifest = CloudWatchMetricManifest | CommandMetricManifest | HaproxyMetricManifest | PrometheusMetricManifest;

/** A command that prints the counters as JSON. */
export interface CommandMetricManifest extends MetricSourceManifest {
  readonly kind: 'command';
  readonly command: CommandManifest;
}

/** What sources have that send HTTP requests. */
interface HttpMetricManifest extends MetricSourceManifest {
  /** Header name -> name of the variable in the process environment that holds its value. */
  readonly secretRequestHeaders: Record<string, string>;
  /** False: the proxy of the process environment is not used. True: it is also used for loopback addresses. */
  readonly useProxy?: boolean;
}

/** Sums of CloudWatch, of one of the two. */
export interface CloudWatchMetricManifest extends MetricSourceManifest {
  readonly kind: 'cloudWatch';
  /** Absent: the region of the job's sign-in. */
  readonly region?: string;
  readonly lambda?: { readonly functionName: string; readonly alias: string };
  /** As in dimensions: the ends of ARNs. */
  readonly targetGroups?: { readonly loadBalancer: string; readonly blue: string; readonly green: string };
}

/** Counters that Prometheus scraped. */
export interface PrometheusMetricManifest extends HttpMetricManifest {
  readonly kind: 'prometheus';
  /** The base URL. */
  readonly url: string;
  readonly canary: PrometheusSelectorsManifest;
  readonly stable: PrometheusSelectorsManifest;
}

/** Instant vector selectors, with placeholders in the values of labels. */
export interface PrometheusSelectorsManifest {
  readonly requests: string;
  readonly errors: string;
  readonly latencyBuckets?: string;
}

/** The counters of HAProxy itself. */
export interface HaproxyMetricManifest extends HttpMetricManifest {
  readonly kind: 'haproxy';
  /** The statistics page. Absent if there is a socket. */
  readonly url?: string;
  /** The runtime API. Absent if there is a URL. */
  readonly socket?: { readonly path: string } | AddressManifest;
  readonly backend: string;
  /** Names of servers, with placeholders. */
  readonly canaryServers: string[];
  readonly stableServers: string[];
}

/** Returns whether the source reports errors, but never latencies. What a command prints is not known. */
export function lacksLatencies(metric: MetricManifest): boolean {
  switch (metric.kind) {
    case 'command': return false;
    case 'cloudWatch':
    case 'haproxy': return true;
    case 'prometheus': return metric.canary.latencyBuckets === undefined;
  }
}

/** Returns the names of the secrets that a metric source reads from the process environment. */
export function metricSecretsOf(metric: MetricManifest): string[] {
  switch (metric.kind) {
    case 'cloudWatch':
    case 'command': return [];
    case 'haproxy':
    case 'prometheus': return Object.values(metric.secretRequestHeaders);
  }
}

/** What stands for a fact of the release in an option of a metric source: `{slot}`. */
const METRIC_PLACEHOLDERS = ['slot', 'version', 'sha'] as const;

export type MetricPlaceholder = typeof METRIC_PLACEHOLDERS[number];

const PLACEHOLDER = new RegExp(`\\{(${METRIC_PLACEHOLDERS.join('|')})\\}`, 'g');

/** Puts values in the place of placeholders. */
export function fillPlaceholders(text: string, valueOf: (name: MetricPlaceholder) => string): string {
  return text.replace(PLACEHOLDER, (_, name: MetricPlaceholder) => valueOf(name));
}

/** Returns whether the text is another one for each release. */
export function hasPlaceholder(text: string): boolean {
  return text.search(PLACEHOLDER) >= 0;
}
