import { typeOfQuery } from '../../health-checks/promql/type-of-query';

/** A query as a vector, which alerting rules and Argo require, or the reason why the type is unknown. */
export type VectorQuery = { readonly vector: string; readonly unknown?: undefined } | { readonly vector?: undefined; readonly unknown: string };

export function vectorQuery(query: string): VectorQuery {
  const found = typeOfQuery(query);
  if (found.type === 'unknown') return { unknown: found.why };
  // the query may end in a comment
  return { vector: found.type === 'scalar' ? `vector(${query}\n)` : query };
}
