import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, checkName, secretRequestHeaders, times, optionNamesOf } from './health-check-options';
import { PrometheusCondition } from './prometheus-condition';
import { checkQuery } from './prometheus-query';
import { PrometheusCheckManifest } from '../contract/manifest';
import { Duration } from '../validation/duration';
import { rejectPlaceholder } from '../validation/host-and-port';
import { inKeyOrder, OptionNames } from '../validation/option-types';
import { webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for a Prometheus health check: how often the query runs, and with which headers.
 */
export interface PrometheusHealthCheckOptions extends HealthCheckOptions {
  /**
   * Headers whose values are secrets: maps the header's name to the name of the secret in the CI system. For `{ authorization:
   * 'PROMETHEUS_TOKEN' }`, the secret's value is `Bearer ...`. The plan and the watch must be able to read the secret too, so the
   * environment needs a `monitorEnvironment`.
   *
   * @default - none
   */
  readonly secretRequestHeaders?: Record<string, string>;

  /**
   * Allows plain http outside loopback. Anyone on the network path can then forge the response.
   *
   * @default false
   */
  readonly allowInsecure?: boolean;

  /**
   * Whether queries use the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` configure in the job. `true` also sends requests to
   * loopback addresses through it.
   *
   * @default - use the proxy if there is one, except for loopback addresses
   */
  readonly useProxy?: boolean;
}

export const PROMETHEUS_OPTIONS: OptionNames<PrometheusHealthCheckOptions> = {
  ...HEALTH_CHECK_OPTIONS,
  secretRequestHeaders: true,
  allowInsecure: 'boolean',
  useProxy: 'boolean',
};

const TIMES = { interval: Duration.seconds(5), timeout: Duration.seconds(5) };

export function prometheusCheck(
  url: string, query: string, condition: PrometheusCondition, options: PrometheusHealthCheckOptions,
): PrometheusCheckManifest {
  const option = optionNamesOf(`HealthCheck.prometheus(${show(url)})`);
  const address = webAddress('HealthCheck.prometheus url', url, options.allowInsecure ?? false);
  if (address.search !== '' || address.hash !== '') {
    invalid('HealthCheck.prometheus url', `${show(url)} has a query string`, 'Write only the base URL of Prometheus: /api/v1/query is appended');
  }
  const base = address.pathname.replace(/\/api\/v1(\/query(_range)?)?\/*$/, '');
  if (base !== address.pathname) {
    invalid('HealthCheck.prometheus url', `${show(url)} is the query endpoint`, `Write only the base URL of Prometheus: ${show(address.origin + base)}; /api/v1/query is appended`);
  }
  rejectPlaceholder('HealthCheck.prometheus url', url, address.host, 'Write the host itself');
  checkQuery(option('query'), query);
  if (typeof condition?._manifest?.value !== 'number') invalid(option('condition'), `${show(condition)} is not a PrometheusCondition`, 'Write PrometheusCondition.below(0.01)');
  const name = options.name ?? query.replace(/[|<>`\p{Cc}\s]+/gu, ' ').trim().slice(0, 100);
  checkName(option('name'), name);
  return {
    kind: 'prometheus',
    name,
    url,
    ...times(options, option, TIMES),
    liveOnly: true,
    query,
    ...condition._manifest,
    useProxy: options.useProxy,
    secretRequestHeaders: inKeyOrder(secretRequestHeaders(option('secretRequestHeaders'), options.secretRequestHeaders ?? {})),
  };
}
