/** Reads the response of Prometheus to an instant query of a range selector. Pure. The text is untrusted. */
import { Series } from './counter-series';
import { NoDataError } from './no-data';
import { LatencyCounts } from '../analysis/counters';
import { isObject, isText, parseJson } from '../json-value';
import { safeLine } from '../reporting/untrusted-text';

/**
 * Returns the series with their raw samples. Throws `NoDataError`.
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/#range-vectors
 */
export function seriesIn(status: number, text: string): Series[] {
  const response = parseJson(text);
  if (status === 401 || status === 403) throw new NoDataError(`Prometheus does not accept the credentials (${status}). Check the value of the secret in secretRequestHeaders`);
  if (isObject(response) && response.status === 'error') throw new NoDataError(`Prometheus says "${safeLine(String(response.error ?? ''), 120)}" (${status})`);
  if (status !== 200 || !isObject(response) || response.status !== 'success' || !isObject(response.data)) throw new NoDataError(`this is no response of Prometheus (${status})`);
  const { data: { result, resultType }, warnings } = response;
  // a part of the data is missing
  if (Array.isArray(warnings) && warnings.length > 0) throw new NoDataError(`Prometheus warns "${safeLine(String(warnings[0]), 120)}"`);
  if (resultType !== 'matrix' || !Array.isArray(result)) throw new NoDataError(`Prometheus returns a ${safeLine(String(resultType), 20)} instead of a matrix`);
  return result.map(seriesOf);
}

function seriesOf(one: unknown): Series {
  const { histograms, metric, values } = isObject(one) ? one : {};
  if (histograms !== undefined) throw new NoDataError('the series are native histograms, and only counters and the buckets of classic histograms can be read');
  if (!isObject(metric) || !Object.values(metric).every(isText) || !Array.isArray(values)) throw new NoDataError('Prometheus returns a series without labels or values');
  const samples = values.map((pair: unknown) => {
    const [at, text] = Array.isArray(pair) ? pair as unknown[] : [];
    const value = isText(text) && text.trim() !== '' ? Number(text) : NaN;
    if (typeof at !== 'number' || !Number.isFinite(value) || value < 0) throw new NoDataError(`a counter has the value ${safeLine(String(text), 20)}`);
    return { atMs: Math.round(at * 1000), value };
  });
  return { labels: metric as Record<string, string>, samples };
}

/** Makes a histogram of counts by the label `le`, which is in seconds. Throws `NoDataError`. */
export function histogramOf(countByBound: ReadonlyMap<string, number>): LatencyCounts {
  const bounds = [...countByBound].map(([bound, count]) => ({ seconds: bound === '+Inf' ? Infinity : Number(bound), count })).sort((one, other) => one.seconds - other.seconds);
  if (bounds.some(({ seconds }) => !(seconds > 0))) throw new NoDataError('the buckets of the latency have no label le, or it is not a positive number');
  if (bounds.at(-1)?.seconds !== Infinity) throw new NoDataError('the buckets of the latency lack the one with le="+Inf"');
  const finite = bounds.slice(0, -1);
  if (finite.length === 0) throw new NoDataError('the latency has no bucket but le="+Inf"');
  const boundsMs = finite.map(({ seconds }) => Math.round(seconds * 1e6) / 1e3);
  return { boundsMs, below: cumulative(finite.map(({ count }) => count)), count: bounds.at(-1)!.count };
}

/** Buckets that appeared at different times may be off by what was counted before. */
function cumulative(counts: readonly number[]): number[] {
  let most = 0;
  return counts.map((count) => (most = Math.max(most, count)));
}
