/** The query for CloudWatch, and its response. Pure. */
import { NoDataError } from './no-data';
import { RequestCounts } from '../analysis/counters';
import { isListOf, isNumber, isObject, isText } from '../json-value';
import { safeLine } from '../reporting/untrusted-text';

/** Lambda and load balancers report whole minutes. */
const PERIOD_MS = 60_000;
/** How long after its end the data of a minute are awaited. What comes later is still counted, with a later scrape. */
const SETTLED_MS = 60_000;

/** The metrics of one side. */
export interface SideMetrics {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly requests: string;
  /** Their sum. */
  readonly errors: readonly string[];
}

export function lambdaMetrics(functionName: string, alias: string, version: string): SideMetrics {
  const dimensions = { FunctionName: functionName, Resource: `${functionName}:${alias}`, ExecutedVersion: version };
  return { namespace: 'AWS/Lambda', dimensions, requests: 'Invocations', errors: ['Errors'] };
}

export function targetGroupMetrics(loadBalancer: string, targetGroup: string): SideMetrics {
  const dimensions = { LoadBalancer: loadBalancer, TargetGroup: targetGroup };
  return { namespace: 'AWS/ApplicationELB', dimensions, requests: 'RequestCount', errors: ['HTTPCode_Target_5XX_Count', 'TargetConnectionErrorCount'] };
}

/** The whole minutes that are over, from the first one. */
export interface Minutes {
  readonly fromMs: number;
  readonly toMs: number;
}

/** @param firstMs when the source was read first: one minute before counts, so that each request to CloudWatch is about at least one */
export function closedMinutes(firstMs: number, atMs: number): Minutes {
  const lastEnd = (ms: number) => Math.floor((ms - SETTLED_MS) / PERIOD_MS) * PERIOD_MS;
  return { fromMs: lastEnd(firstMs) - PERIOD_MS, toMs: lastEnd(atMs) };
}

/** The options of `aws cloudwatch get-metric-data`. */
export function queriesFor(sides: Readonly<Record<string, SideMetrics>>, { fromMs, toMs }: Minutes): string[] {
  const queries = Object.entries(sides).flatMap(([side, { dimensions, errors, namespace, requests }]) => [requests, ...errors].map((name, index) => ({
    Id: `${side}${index}`,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })) },
      Period: PERIOD_MS / 1000,
      Stat: 'Sum',
    },
  })));
  return ['--metric-data-queries', JSON.stringify(queries), '--start-time', isoTime(fromMs), '--end-time', isoTime(toMs)];
}

/** The fields that are read. */
export const METRIC_DATA_QUERY = 'MetricDataResults[].{id:Id,status:StatusCode,timestamps:Timestamps,values:Values}';

/** Adds up the minutes of one side. Throws `NoDataError`. @param name for messages: `Canary` */
export function countsIn(output: unknown, side: string, name: string, metrics: SideMetrics, minutes: Minutes): RequestCounts {
  const { dimensions, errors, requests } = metrics;
  const [requestsAt, ...errorsAt] = [requests, ...errors].map((metric, index) => sumsIn(output, `${side}${index}`, metric, minutes));
  if (requestsAt!.size === 0) {
    const shown = Object.entries(dimensions).map(([key, value]) => `${key}=${value}`).join(', ');
    throw new NoDataError(`CloudWatch has no ${requests} of ${name} yet (${safeLine(shown, 200)})`);
  }
  let [requestCount, errorCount] = [0, 0];
  for (const [at, count] of requestsAt!) {
    requestCount += count;
    // a connection that failed may be tried again for the same request
    errorCount += Math.min(count, errorsAt.reduce((sum, one) => sum + (one.get(at) ?? 0), 0));
  }
  return { requests: requestCount, errors: errorCount };
}

/** By the beginning of the minute. */
function sumsIn(output: unknown, id: string, metric: string, { fromMs, toMs }: Minutes): ReadonlyMap<number, number> {
  if (!Array.isArray(output)) throw new NoDataError('cloudwatch get-metric-data printed no list');
  const sums = new Map<number, number>();
  // the CLI joins the pages of a long response
  const results = (output as unknown[]).flatMap((one) => (isObject(one) && one.id === id ? [one] : []));
  if (results.length === 0) throw new NoDataError(`CloudWatch did not respond about ${metric}`);
  for (const { status, timestamps, values } of results) {
    if (status !== 'Complete' && status !== 'PartialData') throw new NoDataError(`CloudWatch has no data of ${metric}: ${safeLine(String(status), 40)}`);
    if (!isListOf(values, isNumber) || !Array.isArray(timestamps) || timestamps.length !== values.length) throw new NoDataError(`CloudWatch has no values of ${metric}`);
    for (const [index, value] of values.entries()) {
      const atMs = timeOf(timestamps[index]);
      if (atMs === undefined || value < 0) throw new NoDataError(`CloudWatch has an invalid value of ${metric}`);
      if (atMs >= fromMs && atMs < toMs) sums.set(atMs, (sums.get(atMs) ?? 0) + value);
    }
  }
  if (results.at(-1)!.status !== 'Complete') throw new NoDataError(`CloudWatch has only a part of the data of ${metric}`);
  return sums;
}

/** Version 2 of the CLI prints `2026-11-28T11:58:00+00:00`; version 1 can print seconds since the epoch. */
function timeOf(printed: unknown): number | undefined {
  const atMs = isNumber(printed) ? printed * 1000 : isText(printed) ? Date.parse(printed) : NaN;
  return Number.isNaN(atMs) ? undefined : Math.floor(atMs / PERIOD_MS) * PERIOD_MS;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
