/** Reads the JSON that a command of the user printed. Pure. The text is untrusted: what is wrong with it becomes a reason. */
import { Counters, LatencyCounts, Scrape } from '../analysis/counters';
import { isListOf, isNumber, isObject, parseJson } from '../json-value';
import { safeLine } from '../reporting/untrusted-text';

/** The limit of the text, characters. */
export const PRINTED_LIMIT = 64 * 1024;

const SIDES = ['canary', 'stable'] as const;
const MEMBERS = ['requests', 'errors', 'measuredAt', 'latency'];
const LATENCY_MEMBERS = ['boundsMs', 'below', 'count'];
const MOST_BUCKETS = 1000;
/** How far the clocks of two machines may differ. */
const SKEW_MS = 60_000;

/** @param atMs when the command began */
export function printedCounters(text: string, atMs: number): Scrape {
  const problem = (why: string): Scrape => ({ atMs, problem: `the output of the command ${why}` });
  const printed = parseJson(text);
  if (!isObject(printed)) return problem(text.trim() === '' ? 'is empty' : 'is not a JSON object');
  const unknown = unknownIn(printed, SIDES);
  if (unknown !== undefined) return problem(`has the unknown member ${unknown}`);
  const sides: Partial<Record<typeof SIDES[number], Counters>> = {};
  for (const side of SIDES) {
    if (printed[side] === undefined) continue;
    const counters = countersIn(printed[side], atMs);
    if (typeof counters === 'string') return problem(`is wrong at ${side}: ${counters}`);
    sides[side] = counters;
  }
  return { atMs, ...sides };
}

function countersIn(printed: unknown, atMs: number): Counters | string {
  if (!isObject(printed)) return 'it is not an object';
  const unknown = unknownIn(printed, MEMBERS);
  if (unknown !== undefined) return `it has the unknown member ${unknown}`;
  const { errors, requests } = printed;
  if (!isCount(requests)) return `requests is ${shown(requests)}, not a count`;
  if (!isCount(errors)) return `errors is ${shown(errors)}, not a count`;
  if (errors > requests) return `it has more errors than requests (${errors} of ${requests})`;
  const measuredAtMs = printed.measuredAt === undefined ? atMs : timeOf(printed.measuredAt);
  if (measuredAtMs === undefined) return `measuredAt is ${shown(printed.measuredAt)}, not a time such as "2026-11-29T04:00:00Z"`;
  if (measuredAtMs > atMs + SKEW_MS) return 'measuredAt is in the future';
  if (printed.latency === undefined) return { requests, errors, measuredAtMs };
  const latency = latencyIn(printed.latency);
  return typeof latency === 'string' ? `latency: ${latency}` : { requests, errors, measuredAtMs, latency };
}

function latencyIn(printed: unknown): LatencyCounts | string {
  if (!isObject(printed)) return 'it is not an object';
  const unknown = unknownIn(printed, LATENCY_MEMBERS);
  if (unknown !== undefined) return `it has the unknown member ${unknown}`;
  const { below, boundsMs, count } = printed;
  if (!isListOf(boundsMs, isNumber) || boundsMs.length === 0 || boundsMs.length > MOST_BUCKETS) return `boundsMs is not a list of 1 to ${MOST_BUCKETS} numbers`;
  if (boundsMs.some((bound, index) => bound <= (boundsMs[index - 1] ?? 0))) return 'boundsMs are not positive and ascending';
  if (!isListOf(below, isCount) || below.length !== boundsMs.length) return 'below is not one count for each of boundsMs';
  if (!isCount(count)) return `count is ${shown(count)}, not a count`;
  if (below.some((one, index) => one < (below[index - 1] ?? 0)) || below.at(-1)! > count) return 'below is not cumulative: each one includes those before it, and count includes all';
  return { boundsMs, below, count };
}

/** RFC 3339, with its time zone. */
function timeOf(printed: unknown): number | undefined {
  if (typeof printed !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(printed)) return undefined;
  const atMs = Date.parse(printed);
  return Number.isNaN(atMs) ? undefined : atMs;
}

function isCount(value: unknown): value is number {
  return isNumber(value) && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function unknownIn(printed: Record<string, unknown>, known: readonly string[]): string | undefined {
  const unknown = Object.keys(printed).find((name) => !known.includes(name));
  return unknown === undefined ? undefined : shown(unknown);
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : safeLine(JSON.stringify(value), 40);
}
