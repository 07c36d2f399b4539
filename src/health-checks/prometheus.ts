import { HTTP_REQUEST_OPTIONS, HttpRequestOptions, asName, nameOf, secretRequestHeaders, times, optionNamesOf } from './health-check-options';
import { PrometheusCondition } from './prometheus-condition';
import { checkQuery } from './prometheus-query';
import { PrometheusCheckManifest } from '../contract/manifest';
import { Duration } from '../validation/duration';
import { rejectPlaceholder } from '../validation/host-and-port';
import { inKeyOrder, OptionNames } from '../validation/option-types';
import { withoutPreviewNumber } from '../validation/preview-number';
import { webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for a Prometheus health check: how often the query runs, and with which headers.
 */
export interface PrometheusHealthCheckOptions extends HttpRequestOptions {}

export const PROMETHEUS_OPTIONS: OptionNames<PrometheusHealthCheckOptions> = HTTP_REQUEST_OPTIONS;

const TIMES = { interval: Duration.seconds(5), timeout: Duration.seconds(5) };

export function prometheusCheck(
  url: string, query: string, condition: PrometheusCondition, options: PrometheusHealthCheckOptions,
): PrometheusCheckManifest {
  const option = optionNamesOf(`HealthCheck.prometheus(${show(url)})`);
  baseUrlOfPrometheus('HealthCheck.prometheus url', url, options.allowInsecure ?? false, { allowsPreviewNumber: true });
  checkQuery(option('query'), query);
  if (typeof condition?._manifest?.value !== 'number') invalid(option('condition'), `${show(condition)} is not a PrometheusCondition`, 'Write PrometheusCondition.below(0.01)');
  return {
    kind: 'prometheus',
    name: nameOf(options, option, asName(query)),
    url,
    ...times(options, option, TIMES),
    liveOnly: true,
    query,
    ...condition._manifest,
    useProxy: options.useProxy,
    secretRequestHeaders: inKeyOrder(secretRequestHeaders(option('secretRequestHeaders'), options.secretRequestHeaders ?? {})),
  };
}

/** Parses the base URL of Prometheus. Only a health check may contain the number of a pull request: previews have no metrics. */
export function baseUrlOfPrometheus(option: string, url: string, allowInsecure: boolean, { allowsPreviewNumber = false } = {}): URL {
  const address = webAddress(option, url, allowInsecure);
  if (address.search !== '' || address.hash !== '') {
    invalid(option, `${show(url)} has a query string`, 'Write only the base URL of Prometheus: /api/v1/query is appended');
  }
  const base = address.pathname.replace(/\/api\/v1(\/query(_range)?)?\/*$/, '');
  if (base !== address.pathname) {
    invalid(option, `${show(url)} is the query endpoint`, `Write only the base URL of Prometheus: ${show(address.origin + base)}; /api/v1/query is appended`);
  }
  rejectPlaceholder(option, url, allowsPreviewNumber ? withoutPreviewNumber(address.host) : address.host, 'Write the host itself');
  return address;
}
