import { METRIC_OPTIONS, MetricOptions } from './metric-options';
import { secretRequestHeaders } from '../health-checks/health-check-options';
import { inKeyOrder, OptionNames } from '../validation/option-types';

/**
 * Options that all metric sources share that send HTTP requests.
 */
export interface HttpMetricOptions extends MetricOptions {
  /**
   * Headers whose values are secrets: maps the header's name to the name of the secret in the CI system. For `{ authorization:
   * 'METRICS_TOKEN' }`, the secret's value is `Bearer ...`, or `Basic ...` with user and password in Base64.
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
   * Whether requests use the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` configure in the job. `true` also sends requests to
   * loopback addresses through it.
   *
   * @default - use the proxy if there is one, except for loopback addresses
   */
  readonly useProxy?: boolean;
}

export const HTTP_METRIC_OPTIONS: OptionNames<HttpMetricOptions> = {
  ...METRIC_OPTIONS, secretRequestHeaders: true, allowInsecure: 'boolean', useProxy: 'boolean',
};

/** What the manifest holds of these options. */
export function httpMetric(within: string, options: HttpMetricOptions): { secretRequestHeaders: Record<string, string>; useProxy?: boolean } {
  return {
    secretRequestHeaders: inKeyOrder(secretRequestHeaders(`${within} secretRequestHeaders`, options.secretRequestHeaders ?? {})),
    ...options.useProxy === undefined ? {} : { useProxy: options.useProxy },
  };
}
