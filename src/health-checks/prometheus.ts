import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, checkName, secretRequestHeaders, times, optionNamesOf } from './health-check-options';
import { PrometheusCondition } from './prometheus-condition';
import { checkQuery } from './prometheus-query';
import { PrometheusCheckManifest } from '../contract/manifest';
import { Duration } from '../validation/duration';
import { inKeyOrder } from '../validation/key-order';
import { OptionNames } from '../validation/option-types';
import { webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/**
 * How often Prometheus is asked, and who asks.
 */
export interface PrometheusHealthCheckOptions extends HealthCheckOptions {
  /**
   * Headers whose values are secrets: header name to the name of the secret in the CI system; `{ authorization: 'PROMETHEUS_TOKEN' }`,
   * where the secret holds `Bearer ...`. The secret must be readable by the plan and the watch as well, so the environment needs a
   * `monitorEnvironment`.
   *
   * @default - none
   */
  readonly secretRequestHeaders?: Record<string, string>;

  /**
   * Allows plain http outside loopback: anybody on the way can then answer for Prometheus.
   *
   * @default false
   */
  readonly allowInsecure?: boolean;

  /**
   * Whether a query goes through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name in the job. `true` also sends requests to
   * loopback addresses through it.
   *
   * @default - through the proxy, where there is one, unless the address is on loopback
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
    invalid('HealthCheck.prometheus url', `${show(url)} has a query of its own`, 'Give only where Prometheus is: the path /api/v1/query is added');
  }
  const base = address.pathname.replace(/\/api\/v1(\/query(_range)?)?\/*$/, '');
  if (base !== address.pathname) {
    invalid('HealthCheck.prometheus url', `${show(url)} is where queries go`, `Give only where Prometheus is: ${show(address.origin + base)}, to which /api/v1/query is added`);
  }
  if (/[{}]/.test(address.host)) invalid('HealthCheck.prometheus url', `${show(url)} holds a placeholder, which nobody fills in`, 'Write the host itself');
  checkQuery(option('query'), query);
  if (typeof condition?._manifest?.value !== 'number') invalid(option('condition'), `${show(condition)} is no condition`, 'Write PrometheusCondition.below(0.01)');
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
