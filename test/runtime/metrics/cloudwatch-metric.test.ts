/** Metric.cloudWatch with the stand-in for the AWS CLI as a real process. cloudwatch.ci.ts calls the real CLI. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricContext, UNSTOPPED } from './metric-context';
import { CloudWatchMetricOptions, Metric } from '../../../src';
import { CloudWatchMetricManifest } from '../../../src/contract/metric-manifest';
import { Scrape } from '../../../src/runtime/analysis/counters';
import { Clock, SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { InterruptedError } from '../../../src/runtime/errors';
import { closedMinutes, countsIn, lambdaMetrics } from '../../../src/runtime/metrics/cloudwatch-data';
import { MetricContext, MetricSource } from '../../../src/runtime/metrics/metric-source';
import { metricSourceOf } from '../../../src/runtime/metrics/open-metric-source';
import { AwsStandIn, FaultKind } from '../../../tools/aws-cli-stand-in/stand-in';

let folder: string;
let aws: AwsStandIn;
let now: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'delivery-cloudwatch-'));
  aws = new AwsStandIn(folder);
  aws.reset({ aliases: { live: { version: '6', revisionId: 'r', weights: { 7: 0.05 } } } });
  now = Date.parse('2026-11-29T12:00:30Z');
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

const LAMBDA = { lambdaAlias: { functionName: 'shop', alias: 'live' } };
const GROUPS = { targetGroups: { loadBalancer: 'app/shop/50dc6c495c0c9188', blue: 'targetgroup/b/6d0ecf831eec9f09', green: 'targetgroup/g/73e2d6bc24d8a067' } };

/** Timeouts are real, and the time of day is not. */
const clock: Clock = { now: () => now, sleep: (ms, signal) => SYSTEM_CLOCK.sleep(ms, signal) };

type Changes = Partial<MetricContext> & { readonly manifest?: Partial<CloudWatchMetricManifest> };

function sourceOf(options: CloudWatchMetricOptions = LAMBDA, { manifest, ...context }: Changes = {}): MetricSource {
  const made = Metric.cloudWatch(options)._manifest as CloudWatchMetricManifest;
  return metricSourceOf({ ...made, ...manifest }, metricContext({ clock, processEnv: aws.env, ...context }));
}

const lambda = (name: string, version: number) => `AWS/Lambda ${name} ExecutedVersion=${version} FunctionName=shop Resource=shop:live`;
const group = (name: string, slot: 'b/6d0ecf831eec9f09' | 'g/73e2d6bc24d8a067') => `AWS/ApplicationELB ${name} LoadBalancer=app/shop/50dc6c495c0c9188 TargetGroup=targetgroup/${slot}`;
const minutes = (...values: (readonly [minute: string, sum: number])[]) => values.map(([minute, sum]) => [`2026-11-29T${minute}:00+00:00`, sum] as const);
const countsOf = ({ canary, problem, stable }: Scrape) => (
  problem ?? [canary!.requests, canary!.errors, stable!.requests, stable!.errors, new Date(canary!.measuredAtMs).toISOString()]
);

const TRAFFIC = {
  [lambda('Invocations', 7)]: minutes(['11:57', 1000], ['11:58', 5], ['11:59', 50], ['12:00', 60], ['12:01', 7]),
  [lambda('Errors', 7)]: minutes(['11:57', 1000], ['11:58', 0], ['11:59', 2], ['12:00', 3], ['12:01', 7]),
  [lambda('Invocations', 6)]: minutes(['11:58', 100], ['11:59', 900], ['12:00', 950]),
  [lambda('Errors', 6)]: minutes(['11:59', 1]),
};

test('adds up the minutes that are over for a minute, of both versions of the alias', async () => {
  aws.setMetrics(TRAFFIC);
  const source = sourceOf();
  expect(countsOf(await source.scrape(UNSTOPPED))).toEqual([5, 0, 100, 0, '2026-11-29T11:59:00.000Z']);
  now += 60_000;
  expect(countsOf(await source.scrape(UNSTOPPED))).toEqual([55, 2, 1000, 1, '2026-11-29T12:00:00.000Z']);
  now += 60_000;
  expect(countsOf(await source.scrape(UNSTOPPED))).toEqual([115, 5, 1950, 1, '2026-11-29T12:01:00.000Z']);
  expect(aws.calls).toEqual(['get-alias', 'get-metric-data', 'get-metric-data', 'get-metric-data']);
});

test('what comes late is counted by a later scrape', async () => {
  const source = sourceOf();
  aws.setMetrics({ ...TRAFFIC, [lambda('Invocations', 7)]: minutes(['11:58', 5]) });
  await source.scrape(UNSTOPPED);
  now += 60_000;
  expect(countsOf(await source.scrape(UNSTOPPED))).toEqual([5, 0, 1000, 1, '2026-11-29T12:00:00.000Z']);
  aws.setMetrics(TRAFFIC);
  now += 60_000;
  expect(countsOf(await source.scrape(UNSTOPPED))).toEqual([115, 5, 1950, 1, '2026-11-29T12:01:00.000Z']);
});

test('of target groups, connections that failed are errors, too, but no more than requests', async () => {
  const [green, blue] = ['g/73e2d6bc24d8a067', 'b/6d0ecf831eec9f09'] as const;
  aws.setMetrics({
    [group('RequestCount', green)]: minutes(['11:58', 10]),
    [group('HTTPCode_Target_5XX_Count', green)]: minutes(['11:58', 4]),
    [group('TargetConnectionErrorCount', green)]: minutes(['11:58', 9]),
    [group('RequestCount', blue)]: minutes(['11:58', 90]),
    [group('HTTPCode_Target_5XX_Count', blue)]: minutes(['11:58', 1]),
    [group('TargetConnectionErrorCount', blue)]: minutes(['11:58', 1]),
  });
  expect(countsOf(await sourceOf(GROUPS).scrape(UNSTOPPED))).toEqual([10, 10, 90, 2, '2026-11-29T11:59:00.000Z']);
  expect(aws.calls).toEqual(['get-metric-data']);
});

describe('says nothing about the release, and why:', () => {
  test('a side without requests, or another region', async () => {
    aws.setMetrics({ [lambda('Invocations', 6)]: minutes(['11:58', 100]) }, { region: 'eu-central-1' });
    expect(await sourceOf().scrape(UNSTOPPED)).toMatchObject({ problem: 'CloudWatch has no Invocations of Canary yet (FunctionName=shop, Resource=shop:live, ExecutedVersion=7)' });
    aws.setMetrics(TRAFFIC, { region: 'eu-central-1' });
    expect(await sourceOf({ ...LAMBDA, region: 'us-east-1' }).scrape(UNSTOPPED)).toMatchObject({ problem: expect.stringMatching(/^CloudWatch has no Invocations of Canary yet/) });
  });

  test('an alias that is not split, or is not there', async () => {
    aws.setMetrics(TRAFFIC);
    aws.reset();
    expect(await sourceOf().scrape(UNSTOPPED)).toMatchObject({ problem: 'the alias shop:live does not share its traffic between two versions' });
    expect(await sourceOf({ lambdaAlias: { functionName: 'shop', alias: 'alive' } }).scrape(UNSTOPPED))
      .toMatchObject({ problem: expect.stringMatching(/^AWS does not know the function or its alias \(lambda get-alias: ResourceNotFoundException/) });
  });

  test('a release without a slot has no target group', async () => {
    expect(await sourceOf(GROUPS, { stable: { release: { version: 'v1', sha: '' } } }).scrape(UNSTOPPED)).toMatchObject({ problem: 'the release has no slot, so its target group is not known' });
  });

  test.each<[FaultKind, string]>([
    ['denied', 'the role may not read the metrics (cloudwatch get-metric-data: AccessDeniedException: '],
    ['expired', 'the job is not signed in to AWS (cloudwatch get-metric-data: ExpiredTokenException: '],
    ['signedOut', 'the job is not signed in to AWS (cloudwatch get-metric-data: Unable to locate credentials.'],
  ])('%s', async (how, problem) => {
    aws.setMetrics(TRAFFIC);
    aws.fails({ on: 'get-metric-data', nth: 1, how });
    const source = sourceOf();
    expect(await source.scrape(UNSTOPPED)).toMatchObject({ problem: expect.stringContaining(problem) });
    expect(countsOf(await source.scrape(UNSTOPPED))).toEqual([5, 0, 100, 0, '2026-11-29T11:59:00.000Z']);
  });

  test('a CloudWatch that hangs', async () => {
    aws.fails({ on: 'get-metric-data', nth: 1, how: 'hangs' });
    expect(await sourceOf(LAMBDA, { manifest: { timeoutMs: 1_000 } }).scrape(UNSTOPPED)).toMatchObject({ problem: expect.stringMatching(/^CloudWatch did(n't| not)|^CloudWatch does not respond within 1 s/) });
  });

  test('a machine without the CLI', async () => {
    expect(await sourceOf(LAMBDA, { processEnv: { PATH: '/nowhere' } }).scrape(UNSTOPPED)).toMatchObject({ problem: expect.stringMatching(/^the AWS CLI is missing or too old/) });
  });

  test('a part of the data', async () => {
    aws.setMetrics(TRAFFIC, { status: 'PartialData' });
    expect(await sourceOf().scrape(UNSTOPPED)).toMatchObject({ problem: 'CloudWatch has only a part of the data of Invocations' });
    aws.setMetrics(TRAFFIC, { status: 'InternalError' });
    expect(await sourceOf().scrape(UNSTOPPED)).toMatchObject({ problem: 'CloudWatch has no data of Invocations: InternalError' });
  });
});

describe('what the CLI prints', () => {
  const side = lambdaMetrics('shop', 'live', '7');
  const all = { fromMs: 0, toMs: 600_000 };
  const result = (id: string, timestamps: unknown, values: unknown, status = 'Complete') => ({ id, status, timestamps, values });
  const counts = (...output: unknown[]) => countsIn(output, 'canary', 'Canary', side, all);

  test('may be seconds since the epoch, as of version 1, and several pages', () => {
    expect(counts(result('canary0', [60, 120], [5, 6], 'PartialData'), result('canary0', [180], [7]), result('canary1', [120.0], [2]))).toEqual({ requests: 18, errors: 2 });
  });

  test.each<[string, unknown, string]>([
    ['no list', {}, 'cloudwatch get-metric-data printed no list'],
    ['nothing about a metric', [result('canary0', [60], [1])], 'CloudWatch did not respond about Errors'],
    ['a time that is none', [result('canary0', ['soon'], [1]), result('canary1', [], [])], 'CloudWatch has an invalid value of Invocations'],
    ['a negative sum', [result('canary0', [60], [-1]), result('canary1', [], [])], 'CloudWatch has an invalid value of Invocations'],
    ['text as a sum', [result('canary0', [60], ['1']), result('canary1', [], [])], 'CloudWatch has no values of Invocations'],
    ['fewer times than sums', [result('canary0', [60], [1, 2]), result('canary1', [], [])], 'CloudWatch has no values of Invocations'],
  ])('and is %s', (_, output, problem) => {
    expect(() => countsIn(output, 'canary', 'Canary', side, all)).toThrow(problem);
  });
});

test('minutes are whole, and at least one', () => {
  const at = (text: string) => Date.parse(`2026-11-29T${text}Z`);
  expect(closedMinutes(at('12:00:59.999'), at('12:00:59.999'))).toEqual({ fromMs: at('11:58:00'), toMs: at('11:59:00') });
  expect(closedMinutes(at('12:00:59.999'), at('12:01:00'))).toEqual({ fromMs: at('11:58:00'), toMs: at('12:00:00') });
});

test('a scrape that is interrupted ends at once', async () => {
  const end = new AbortController();
  aws.fails({ on: 'get-metric-data', nth: 1, how: 'hangs' });
  setTimeout(() => end.abort(), 300);
  await expect(sourceOf().scrape(end.signal)).rejects.toThrow(InterruptedError);
});
