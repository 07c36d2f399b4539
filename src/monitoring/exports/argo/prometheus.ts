import { Metric } from './metric';
import { PrometheusCheckManifest } from '../../../contract/manifest';
import { leftOut, Mapped } from '../engine';
import { vectorQuery } from '../vector-query';

/** @see https://argo-rollouts.readthedocs.io/en/stable/analysis/prometheus/ */
export function prometheusMetric({ url, query, operator, value, timeoutMs, secretRequestHeaders }: PrometheusCheckManifest): Mapped<Metric> {
  if (query.includes('{{')) return leftOut('prometheus', 'Argo would replace the braces in the query');
  const headers = Object.entries(secretRequestHeaders).map(([key, secret]) => ({ key, value: `{{args.${secret}}}` }));
  const vector = vectorQuery(query).vector ?? query;
  const made: Metric = {
    provider: { prometheus: { address: url, query: vector, timeout: Math.ceil(timeoutMs / 1000), ...(headers.length > 0 ? { headers } : {}) } },
    // a series that is no number says nothing; where there is no other one, it is inconclusive
    condition: `any(result, !isNaN(#)) && all(result, isNaN(#) || # ${operator} ${value})`,
    failureCondition: `any(result, !isNaN(#) && !(# ${operator} ${value}))`,
    asksRelease: false,
    secrets: Object.values(secretRequestHeaders),
  };
  return { made, differences: [] };
}
