/** Finds the closest fixed threshold for each analysis of a canary. Pure. */
import { Difference } from './engine';
import { goDuration } from './notation';
import { AnalyzedMetricManifest, DEFAULT_ERROR_RATES } from '../../contract/analysis-manifest';
import { ErrorAnalysis, LatencyAnalysis } from '../../contract/metric-analysis';
import { fillPlaceholders, hasPlaceholder, PrometheusMetricManifest, PrometheusSelectorsManifest } from '../../contract/metric-manifest';
import { selectorIn, showSelector } from '../../contract/prometheus-selector';

export type Side = 'canary' | 'stable';

/** A query for a number, and the largest number that a good release has. */
export interface CanaryThreshold {
  /** `errors`, `latency-p99`: a name in Kubernetes. */
  readonly name: string;
  readonly metric: PrometheusMetricManifest;
  /** PromQL. NaN or nothing without data. */
  readonly query: string;
  readonly max: number;
  /** What the threshold is, for people. */
  readonly meaning: string;
  /** Whether the engine must say which side is which. */
  readonly usesSides: boolean;
}

export interface MappedAnalysis {
  /** Undefined if the engine cannot measure it. */
  readonly threshold?: CanaryThreshold;
  readonly analysis: string;
  readonly differences: Difference[];
}

/** Which value distinguishes the series of a side, as the engine writes it. */
export interface SideNames {
  readonly canary: string;
  readonly stable: string;
  /** What that is, for people: `the hash of the pod template`. */
  readonly meaning: string;
}

export function thresholdOf(analyzed: AnalyzedMetricManifest, sides: SideNames): MappedAnalysis {
  const { errors, latency, metric } = analyzed;
  const analysis = latency ? `latency (${quantileName(latency)})` : 'errors';
  const leftOut = (condition: string, why: string): MappedAnalysis => (
    { analysis, differences: [{ condition, why: `${why}; the whole analysis is left out` }] }
  );
  switch (metric.kind) {
    case 'command': return leftOut('Metric.command', 'a controller in the cluster does not have the project\'s files');
    case 'haproxy': return leftOut('Metric.haproxy', 'it cannot be read from there. Scrape HAProxy with Prometheus, and use Metric.prometheus');
    case 'cloudWatch': return leftOut('Metric.cloudWatch', 'the versions and target groups that it names are none of the cluster');
    case 'prometheus': break;
  }
  const given = [metric.canary, metric.stable].flatMap((selectors) => [selectors.requests, selectors.errors, selectors.latencyBuckets ?? '']);
  if (given.some((text) => text.includes('{{'))) return leftOut('Metric.prometheus', 'the braces in its selectors would be replaced');
  const usesSides = given.some(hasPlaceholder);
  const found = latency ? latencyThreshold(latency, metric, sides) : errorThreshold(errors!, analyzed, metric, sides);
  return { analysis, threshold: { ...found, metric, usesSides }, differences: usesSides ? [placeholderRemark(sides)] : [] };
}

function placeholderRemark({ meaning }: SideNames): Difference {
  return { condition: '{slot}, {version}, {sha}', why: `stand for ${meaning}: the label must have this value`, isRemark: true };
}

type Found = Pick<CanaryThreshold, 'name' | 'query' | 'max' | 'meaning'>;

/**
 * The share of Canary's requests that fail, less Stable's share: an outage of both is no fault of Canary. The threshold is where the errors of the
 * release that is tolerated and of the bad one that must be found are equally likely: the logarithmic mean of both rates.
 */
function errorThreshold(
  { tolerance }: ErrorAnalysis, { expected }: AnalyzedMetricManifest, metric: PrometheusMetricManifest, sides: SideNames,
): Found {
  const { canaryErrorRate: bad, stableErrorRate } = expected ?? DEFAULT_ERROR_RATES;
  const tolerated = stableErrorRate * (1 + tolerance);
  const max = rounded((bad - tolerated) / Math.log(bad / tolerated) - stableErrorRate);
  const share = (side: Side) => {
    const { errors, requests } = filled(metric[side], sides[side]);
    // the counter of errors may not exist before the first one
    return `(sum(increase(${errors}[${windowOf(metric)}])) or vector(0)) / sum(increase(${requests}[${windowOf(metric)}]))`;
  };
  return {
    name: 'errors',
    query: `${share('canary')} - ${share('stable')}`,
    max,
    meaning: `Canary's error rate may be ${percent(max)} percentage points above Stable's. A good release has up to ${percent(tolerated)} % errors, a bad one ${percent(bad)} %`,
  };
}

/** Canary's quantile divided by Stable's. The threshold is the geometric mean of the ratio that is tolerated and the one that is excluded. */
function latencyThreshold(latency: LatencyAnalysis, metric: PrometheusMetricManifest, sides: SideNames): Found {
  const { detect, quantile, tolerance } = latency;
  const max = rounded(Math.sqrt((1 + tolerance) * detect));
  const value = (side: Side) => `histogram_quantile(${quantile}, sum by (le) (increase(${filled(metric[side], sides[side]).latencyBuckets!}[${windowOf(metric)}])))`;
  return {
    name: `latency-${quantileName(latency).replace('.', '-')}`,
    query: `${value('canary')} / ${value('stable')}`,
    max,
    meaning: `Canary may take ${max} times as long as Stable. A good release takes up to ${Number((1 + tolerance).toPrecision(3))} times as long, a bad one ${detect} times`,
  };
}

/** The window of the queries, and the time from one to the next: each request counts once. */
export function windowMsOf({ lateMs }: PrometheusMetricManifest): number {
  return Math.max(1000, Math.ceil(lateMs / 1000) * 1000);
}

function windowOf(metric: PrometheusMetricManifest): string {
  return goDuration(windowMsOf(metric));
}

function filled({ errors, latencyBuckets, requests }: PrometheusSelectorsManifest, name: string): PrometheusSelectorsManifest {
  const fill = (text: string) => {
    const { matchers, metric } = selectorIn(text)!;
    return showSelector({ metric, matchers: matchers.map((one) => ({ ...one, value: fillPlaceholders(one.value, () => name) })) });
  };
  return { requests: fill(requests), errors: fill(errors), ...(latencyBuckets !== undefined && { latencyBuckets: fill(latencyBuckets) }) };
}

function quantileName({ quantile }: LatencyAnalysis): string {
  return `p${Number((100 * quantile).toPrecision(6))}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function percent(share: number): string {
  return String(Number((100 * share).toPrecision(3)));
}
