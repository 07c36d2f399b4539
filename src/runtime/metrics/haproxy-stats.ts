/** Reads the statistics of HAProxy, as CSV. Pure. The text is untrusted. */
import { NoDataError } from './no-data';
import { RequestCounts } from '../analysis/counters';
import { safeLine } from '../reporting/untrusted-text';

/** The columns of one row by their names. */
export type StatsRow = Readonly<Record<string, string>>;

/**
 * Returns the rows of `show stat`, or of the statistics page with `;csv`. Throws `NoDataError`.
 * @see https://docs.haproxy.org/2.6/management.html#9.1
 */
export function statsIn(text: string): StatsRow[] {
  const [head, ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  if (!head?.startsWith('# pxname,svname,')) throw new NoDataError(`this is no CSV of HAProxy's statistics: "${safeLine(head ?? '', 60)}"`);
  const names = cells(head.slice(2));
  return lines.map((line) => {
    const values = cells(line);
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
  });
}

/** A cell in quotes may hold commas; it holds no line break. */
function cells(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell!.replace(/^"|"$/g, ''));
}

/** What the responses of a server were. `hrsp_1xx` come before another response, or begin a WebSocket. */
const RESPONSES = ['hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other'];
/** No connection to the server, and a response that is missing, broken or late. */
const FAULTS = ['econ', 'eresp'];
const ERRORS = ['hrsp_5xx', ...FAULTS];

/**
 * Adds up the counters of some servers. Not `stot`, which counts each retry, and not `req_tot`, which leaves out what failed. Throws
 * `NoDataError`.
 */
export function countsOf(rows: readonly StatsRow[], backend: string, servers: readonly string[]): RequestCounts {
  const ofBackend = rows.filter(({ pxname }) => pxname === backend);
  if (ofBackend.length === 0) throw new NoDataError(`HAProxy has no backend "${safeLine(backend, 60)}"`);
  const counts = servers.map((server) => {
    const row = ofBackend.find(({ svname }) => svname === server);
    if (!row) throw new NoDataError(`HAProxy has no server "${safeLine(server, 60)}" in the backend "${safeLine(backend, 60)}"`);
    if (row.mode !== undefined && row.mode !== 'http') throw new NoDataError(`the backend "${safeLine(backend, 60)}" is in mode ${safeLine(row.mode, 20)}: HAProxy counts responses in mode http`);
    return { requests: sum(row, [...RESPONSES, ...FAULTS]), errors: sum(row, ERRORS) };
  });
  return { requests: counts.reduce((all, { requests }) => all + requests, 0), errors: counts.reduce((all, { errors }) => all + errors, 0) };
}

function sum(row: StatsRow, names: readonly string[]): number {
  return names.reduce((all, name) => {
    const value = row[name];
    if (value === undefined || !/^\d{1,15}$/.test(value)) throw new NoDataError(`the statistics of HAProxy have no ${name} (${safeLine(value ?? 'no such column', 20)})`);
    return all + Number(value);
  }, 0);
}
