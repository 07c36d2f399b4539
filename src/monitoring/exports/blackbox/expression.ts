import { Module } from './module';

/**
 * PromQL that has a result as long as a health check fails, always with the same labels, so that it is one alert whatever is wrong. Of a
 * certificate the chain to a trusted authority that lasts longest counts: what else the server shows may expire.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/basics/
 */
export function alertExpression(labels: Record<string, string>, { maxLatencyMs, certificateExpiryMs }: Module): string {
  const selector = `{${Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
  return [
    `probe_success${selector} == 0`,
    ...(maxLatencyMs === undefined ? [] : [`probe_duration_seconds${selector} > ${maxLatencyMs / 1000}`]),
    ...(certificateExpiryMs === undefined ? [] : [`probe_ssl_last_chain_expiry_timestamp_seconds${selector} - time() <= ${certificateExpiryMs / 1000}`]),
  ].join(' or ');
}
