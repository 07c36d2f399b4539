import { Metric } from './metric';
import { PrometheusCheckManifest } from '../../manifest';
import { leftOut, Mapped } from '../engine';

/** @see https://argo-rollouts.readthedocs.io/en/stable/analysis/prometheus/ */
export function prometheusMetric({ url, query, operator, value, timeoutMs, secretRequestHeaders }: PrometheusCheckManifest): Mapped<Metric> {
  if (query.includes('{{')) return leftOut('prometheus', 'Argo would replace the braces in the query');
  const headers = Object.entries(secretRequestHeaders).map(([key, secret]) => ({ key, value: `{{args.${secret}}}` }));
  const made: Metric = {
    provider: { prometheus: { address: url, query, timeout: Math.ceil(timeoutMs / 1000), ...(headers.length > 0 ? { headers } : {}) } },
    condition: `len(result) > 0 && all(result, # ${operator} ${value})`,
    // no series, and what is no number, is inconclusive
    failureCondition: `any(result, !isNaN(#) && !(# ${operator} ${value}))`,
    asksRelease: false,
    secrets: Object.values(secretRequestHeaders),
  };
  return { made, differences: [] };
}
