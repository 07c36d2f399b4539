import { HTTP_METRIC_OPTIONS, httpMetric, HttpMetricOptions } from './http-metric';
import { metricTimes } from './metric-options';
import { fillPlaceholders, hasPlaceholder, PrometheusMetricManifest, PrometheusSelectorsManifest } from '../contract/metric-manifest';
import { metricOf, selectorIn, showSelector } from '../contract/prometheus-selector';
import { baseUrlOfPrometheus } from '../health-checks/prometheus';
import { checkQuery } from '../health-checks/prometheus-query';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * The counters of one release in Prometheus: instant vector selectors such as `http_requests_total{job="shop", slot="{slot}"}`, without
 * functions. `{slot}`, `{version}` and `{sha}` in the value of a label stand for the slot (`blue` or `green`), the version and the commit
 * of the release.
 */
export interface PrometheusSelectors {
  /** The counter of all requests, those that failed included. It may have several series. */
  readonly requests: string;

  /**
   * The counter of the requests that failed: the counter of `requests` with a matcher more, for example `code=~"5.."`, or a counter of its
   * own, which must exist before the first error, with the value 0.
   */
  readonly errors: string;

  /**
   * The buckets of a classic histogram of response times in seconds: `http_request_duration_seconds_bucket{...}`.
   *
   * @default - the source has no latencies, and can be used for errors only
   */
  readonly latencyBuckets?: string;
}

/**
 * Options for counters that Prometheus has: its URL, what to select, and headers.
 */
export interface PrometheusMetricOptions extends HttpMetricOptions {
  /** The base URL of Prometheus: http(s), without credentials; `/api/v1/query` is appended to its path. */
  readonly url: string;

  /** The counters of the canary. */
  readonly canary: PrometheusSelectors;

  /**
   * The counters of Stable.
   *
   * @default - those of `canary`, whose placeholders then stand for Stable
   */
  readonly stable?: PrometheusSelectors;
}

const PROMETHEUS_OPTIONS: OptionNames<PrometheusMetricOptions> = { ...HTTP_METRIC_OPTIONS, url: true, canary: true, stable: true };
const SELECTORS: OptionNames<PrometheusSelectors> = { requests: true, errors: true, latencyBuckets: true };
const WITHIN = 'Metric.prometheus';
const EXAMPLE = '{ requests: \'http_requests_total{slot="{slot}"}\', errors: \'http_requests_total{slot="{slot}", code=~"5.."}\' }';

export function prometheusMetric(options: PrometheusMetricOptions): PrometheusMetricManifest {
  const { allowInsecure = false, stable, url } = optionsOf(WITHIN, options, PROMETHEUS_OPTIONS, `{ url: 'https://prometheus.example.com', canary: ${EXAMPLE} }`);
  const { host } = baseUrlOfPrometheus(`${WITHIN} url`, url, allowInsecure);
  const canary = selectorsOf(`${WITHIN} canary`, options.canary);
  if (stable === undefined) checkPlaceholders(canary);
  const ofStable = stable === undefined ? canary : selectorsOf(`${WITHIN} stable`, stable);
  checkSides(canary, ofStable);
  return {
    kind: 'prometheus',
    name: `Prometheus ${host}`,
    ...metricTimes(WITHIN, options),
    url,
    canary,
    stable: ofStable,
    ...httpMetric(WITHIN, options),
  };
}

function selectorsOf(option: string, given: PrometheusSelectors): PrometheusSelectorsManifest {
  if (given === undefined || given === null) invalid(option, 'it is missing', `Write canary: ${EXAMPLE}`);
  const { errors, latencyBuckets, requests } = optionsOf(option, given, SELECTORS, EXAMPLE, option);
  const found = {
    requests: selector(`${option} requests`, requests),
    errors: selector(`${option} errors`, errors),
    ...latencyBuckets === undefined ? {} : { latencyBuckets: bucketSelector(`${option} latencyBuckets`, latencyBuckets) },
  };
  if (found.requests === found.errors) invalid(`${option} errors`, 'they are the same as requests, so each request would be an error', 'Select those that failed: add code=~"5.."');
  return found;
}

/** A selector, as PromQL shows it. */
function selector(option: string, text: string): string {
  if (text === undefined) invalid(option, 'it is missing', `Write ${EXAMPLE}`);
  const found = typeof text === 'string' ? selectorIn(text) : undefined;
  if (!found) {
    invalid(option, `${show(text)} is not an instant vector selector of a counter`,
      'Write the name of the counter and its labels, without functions and ranges: http_requests_total{slot="{slot}"}. Increases are added up by the runtime');
  }
  // braces have no meaning in a value, but in a pattern they have
  checkQuery(option, showSelector({ ...found, matchers: found.matchers.map((one) => ({ ...one, value: fillPlaceholders(one.value, () => 'x') })) }));
  return showSelector(found);
}

function bucketSelector(option: string, text: string): string {
  const found = selector(option, text);
  const { matchers } = selectorIn(found)!;
  const metric = metricOf(selectorIn(found)!);
  if (metric !== undefined && !metric.endsWith('_bucket')) invalid(option, `${show(metric)} is not the buckets of a histogram`, `Write ${metric.replace(/_(sum|count)$/, '')}_bucket`);
  if (matchers.some(({ label }) => label === 'le')) invalid(option, 'it selects buckets by their label le, but all are needed', 'Remove the matcher of le');
  return found;
}

function checkPlaceholders(selectors: PrometheusSelectorsManifest): void {
  for (const [name, text] of Object.entries(selectors) as [string, string][]) {
    if (hasPlaceholder(text)) continue;
    invalid(`${WITHIN} canary ${name}`, `${show(text)} selects the same series for the canary and for Stable`,
      'Add a label that distinguishes them: slot="{slot}" or version="{version}", or set stable to the selectors of Stable');
  }
}

function checkSides(canary: PrometheusSelectorsManifest, stable: PrometheusSelectorsManifest): void {
  if ((canary.latencyBuckets === undefined) !== (stable.latencyBuckets === undefined)) {
    invalid(`${WITHIN} ${canary.latencyBuckets === undefined ? 'canary' : 'stable'} latencyBuckets`, 'it is missing, but the other side has it', 'Set it for both, or for none');
  }
  for (const name of ['requests', 'errors', 'latencyBuckets'] as const) {
    const [one, other] = [canary[name], stable[name]];
    if (one === undefined || one !== other || hasPlaceholder(one)) continue;
    invalid(`${WITHIN} stable ${name}`, `it is the same as canary ${name} (${show(one)})`, 'Select the series of Stable, or use a placeholder in both: slot="{slot}"');
  }
}
