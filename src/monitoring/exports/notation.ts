import { StatusRange } from '../../contract/manifest';
import { typeOfQuery } from '../../health-checks/promql/parser';

const HOUR_MS = 3_600_000;

/** Formats a duration for Go programs such as Prometheus: `5s`, `1500ms`, `336h`. */
export function goDuration(ms: number): string {
  if (ms % 1000 !== 0) return `${ms}ms`;
  return ms > 0 && ms % HOUR_MS === 0 ? `${ms / HOUR_MS}h` : `${ms / 1000}s`;
}

/** Splits a dotted path as the runtime does: `nodes.0.state` equals `nodes[0].state`. */
export function jsonSteps(path: string): (string | number)[] {
  return path.replace(/\[(\d+)\]/g, '.$1').split('.')
    .filter((step, i) => step !== '' || i > 0)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** Returns all healthy status codes, sorted, without duplicates. */
export function statusCodes(ranges: StatusRange[]): number[] {
  const codes = ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  return [...new Set(codes)].sort((one, other) => one - other);
}

/** Whether the codes are exactly 200 to 299, the default of most engines. */
export function isAnySuccess(codes: number[]): boolean {
  return codes.length === 100 && codes[0] === 200 && codes[99] === 299;
}

/** Formats status codes for messages: `200 to 204, 301`. */
export function showStatusCodes(codes: number[]): string {
  const runs: [number, number][] = [];
  for (const code of codes) {
    const run = runs.at(-1);
    if (run && run[1] === code - 1) run[1] = code;
    else runs.push([code, code]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`)).join(', ');
}

/** A query as a vector, which alerting rules and Argo require, or the reason why the type is unknown. */
type VectorQuery = { readonly vector: string; readonly unknown?: undefined } | { readonly vector?: undefined; readonly unknown: string };

export function vectorQuery(query: string): VectorQuery {
  const found = typeOfQuery(query);
  if (found.type === 'unknown') return { unknown: found.why };
  // the query may end in a comment
  return { vector: found.type === 'scalar' ? `vector(${query}\n)` : query };
}
