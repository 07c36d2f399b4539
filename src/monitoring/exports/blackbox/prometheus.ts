import { Query } from './module';
import { PrometheusCheckManifest } from '../../../contract/manifest';
import { leftOut, Mapped } from '../engine';
import { vectorQuery } from '../vector-query';

const OPPOSITE = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;

/** The rule asks for the opposite. No data, and what is no number, is no result: nothing fires. */
export function prometheusQuery({ query, operator, value, url }: PrometheusCheckManifest): Mapped<Query> {
  const { vector, unknown } = vectorQuery(query);
  if (vector === undefined) return leftOut('prometheus', `${unknown}, and a rule that Prometheus refuses costs every rule of the file`);
  return {
    // the query may end in a comment
    made: { query: `count((${vector}\n) ${OPPOSITE[operator]} ${value}) > 0` },
    differences: [{ condition: 'prometheus', why: `the rule asks the Prometheus that loads it, not ${url}`, isRemark: true }],
  };
}
