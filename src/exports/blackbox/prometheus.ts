import { Query } from './module';
import { PrometheusCheckManifest } from '../../manifest';
import { Mapped } from '../engine';

const OPPOSITE = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

/** The rule asks for the opposite. No data, and what is no number, is no result: nothing fires. */
export function prometheusQuery({ query, operator, value, url }: PrometheusCheckManifest): Mapped<Query> {
  return {
    // the query may end in a comment
    made: { query: `count((${query}\n) ${OPPOSITE[operator]} ${value}) > 0` },
    differences: [{ condition: 'prometheus', why: `the rule asks the Prometheus that loads it, not ${url}`, isRemark: true }],
  };
}
