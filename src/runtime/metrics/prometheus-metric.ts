import { newestByInstance, NO_TOTALS, Series, SeriesTotals, upTo, withIncrease } from './counter-series';
import { fetchText } from './fetch-text';
import { MeasuredRelease, selectorFor } from './metric-source';
import type { MetricContext, MetricSource } from './metric-source';
import { NoDataError, scrapeWithin } from './no-data';
import { histogramOf, seriesIn } from './prometheus-response';
import { PrometheusMetricManifest, PrometheusSelectorsManifest } from '../../contract/metric-manifest';
import { LabelMatcher, metricOf, PrometheusSelector, selectorIn, showSelector } from '../../contract/prometheus-selector';
import { Counters, Scrape } from '../analysis/counters';
import { safeLine } from '../reporting/untrusted-text';

const NAMES = { canary: 'Canary', stable: 'Stable' };
type Side = keyof typeof NAMES;

/** What was added up of one side. */
interface SideTotals {
  readonly requests: SeriesTotals;
  readonly errors: SeriesTotals;
  readonly latency: SeriesTotals;
}

const NOTHING: SideTotals = { requests: NO_TOTALS, errors: NO_TOTALS, latency: NO_TOTALS };

/**
 * Reads the raw samples of counters, each with its own time, and adds up their increases: processes may come, go and restart.
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
 */
export class PrometheusMetricSource implements MetricSource {
  private totals: Readonly<Record<Side, SideTotals>> = { canary: NOTHING, stable: NOTHING };

  constructor(private readonly manifest: PrometheusMetricManifest, private readonly context: MetricContext) {}

  public scrape(signal: AbortSignal): Promise<Scrape> {
    return scrapeWithin('Prometheus', this.manifest.timeoutMs, this.context, signal, async (end) => {
      const [canary, stable] = await Promise.all([this.read('canary', end), this.read('stable', end)]);
      // both or none: what one side counted is not lost if the other one has no data
      this.totals = { canary: canary.totals, stable: stable.totals };
      return { canary: canary.counters, stable: stable.counters };
    });
  }

  private async read(side: Side, signal: AbortSignal): Promise<{ readonly totals: SideTotals; readonly counters: Counters }> {
    const selectors = this.selectorsOf(side);
    const found = await this.series(selectors.requests, signal);
    const newest = newestByInstance(found);
    const measuredAtMs = Math.max(...newest.values());
    if (!Number.isFinite(measuredAtMs)) throw this.nothing(side, 'requests', selectors.requests);
    // what Prometheus measured after the first query waits for the next scrape
    const others = [selectors.errors, selectors.latencyBuckets].map(async (one) => (one ? upTo(await this.series(one, signal), newest) : []));
    const [errors, buckets] = await Promise.all(others);
    this.checkErrors(side, selectors, found, errors!);
    const before = this.totals[side];
    const known = before.requests.instances;
    const add = (totals: SeriesTotals, series: readonly Series[], groupOf = (_: Series) => '') => withIncrease(totals, series, { groupOf, instances: known });
    const totals: SideTotals = {
      requests: add(before.requests, found),
      errors: add(before.errors, errors!),
      latency: add(before.latency, buckets!, ({ labels: { le } }) => le ?? ''),
    };
    if (selectors.latencyBuckets && totals.latency.totals.size === 0) throw this.nothing(side, 'latencyBuckets', selectors.latencyBuckets);
    const [requestCount, errorCount] = [totals.requests, totals.errors].map(({ totals: groups }) => groups.get('') ?? 0);
    const latency = selectors.latencyBuckets ? { latency: histogramOf(totals.latency.totals) } : {};
    return { totals, counters: { requests: requestCount!, errors: errorCount!, measuredAtMs, ...latency } };
  }

  /** A counter of errors may not exist before the first error. Then the series of the requests must show that the selector could match. */
  private checkErrors(side: Side, { errors, requests }: Selectors, found: readonly Series[], failed: readonly Series[]): void {
    if (failed.some(({ samples }) => samples.length > 0) || this.totals[side].errors.last.size > 0) return;
    if (metricOf(errors) === undefined || metricOf(errors) !== metricOf(requests)) {
      throw this.nothing(side, 'errors', errors, '. A counter of its own must exist before the first error, with the value 0');
    }
    const isShared = ({ label, operator, value }: LabelMatcher) => (
      requests.matchers.some((one) => one.label === label && one.operator === operator && one.value === value)
    );
    const own = errors.matchers.filter((one) => !isShared(one));
    const lacking = own.find(({ label }) => label !== '__name__' && !found.some(({ labels }) => label in labels));
    if (!lacking) return;
    throw new NoDataError(`the series of the requests of ${NAMES[side]} have no label ${lacking.label}, which selects the errors`);
  }

  private nothing(side: Side, name: keyof PrometheusSelectorsManifest, selector: PrometheusSelector, more = ''): NoDataError {
    return new NoDataError(`Prometheus has no ${name} of ${NAMES[side]} (${safeLine(showSelector(selector), 200)})${more}`);
  }

  private selectorsOf(side: Side): Selectors {
    const filled = (one: Side, text: string) => selectorFor(this.releaseOf(one), selectorIn(text)!);
    const { errors, latencyBuckets, requests } = this.manifest[side];
    const [one, other] = [filled('canary', this.manifest.canary.requests), filled('stable', this.manifest.stable.requests)];
    if (showSelector(one) === showSelector(other)) {
      throw new NoDataError(`Canary and Stable have the same selector (${safeLine(showSelector(filled(side, requests)), 200)})`);
    }
    const latency = latencyBuckets === undefined ? {} : { latencyBuckets: filled(side, latencyBuckets) };
    return { requests: filled(side, requests), errors: filled(side, errors), ...latency };
  }

  private releaseOf(side: Side): MeasuredRelease {
    return this.context[side];
  }

  private async series(selector: PrometheusSelector, signal: AbortSignal): Promise<Series[]> {
    const { lateMs, secretRequestHeaders, timeoutMs, url, useProxy } = this.manifest;
    const address = new URL(url);
    address.pathname = `${address.pathname.replace(/\/+$/, '')}/api/v1/query`;
    address.search = new URLSearchParams({ query: `${showSelector(selector)}[${lateMs}ms]`, timeout: `${timeoutMs}ms` }).toString();
    const { status, text } = await fetchText({ source: 'Prometheus', url: address, secretRequestHeaders, useProxy, signal }, this.context);
    return seriesIn(status, text);
  }
}

interface Selectors {
  readonly requests: PrometheusSelector;
  readonly errors: PrometheusSelector;
  readonly latencyBuckets?: PrometheusSelector;
}
