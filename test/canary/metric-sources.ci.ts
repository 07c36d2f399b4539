/**
 * Metric.prometheus and Metric.haproxy against the real Prometheus and the real HAProxy of Debian, which count the requests of two versions of a
 * service. Not part of `npm test`: .ci/prometheus installs the programs.
 */
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { BOUNDS, CountingService } from './counting-service';
import { Duration, Metric, PrometheusMetricOptions } from '../../src';
import { difference, Scrape } from '../../src/runtime/analysis/counters';
import { MetricContext, MetricSource } from '../../src/runtime/metrics/metric-source';
import { metricSourceOf } from '../../src/runtime/metrics/open-metric-source';
import { freePort } from '../free-ports';
import { Program } from '../monitoring/exports/program';
import { until } from '../monitoring/exports/until';
import { metricContext, UNSTOPPED } from '../runtime/metrics/metric-context';
import { temporaryFolder } from '../test-project';

const LIMIT_MS = 60_000;

let green: CountingService;
let blue: CountingService;
beforeEach(async () => {
  green = await CountingService.start('green', await freePort());
  blue = await CountingService.start('blue', await freePort());
});
afterEach(async () => {
  await Promise.all([green.down(), blue.down()]);
});

async function get(url: string, times = 1): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) {
    statuses.push(await new Promise((resolve) => {
      request(url, { agent: false }, (response) => {
        response.resume();
        response.on('close', () => resolve(response.statusCode ?? 0));
      }).on('error', () => resolve(0)).end();
    }));
  }
  return statuses;
}

/** Of canary and stable: requests, errors. */
const countsOf = ({ canary, problem, stable }: Scrape) => problem ?? [canary!.requests, canary!.errors, stable!.requests, stable!.errors];

/** Scrapes until it is so. */
async function scrapeUntil(source: MetricSource, what: string, isSo: (scrape: Scrape) => boolean): Promise<Scrape> {
  let last: Scrape | undefined;
  await until(`${what}; the last scrape was ${JSON.stringify(last)}`, LIMIT_MS, async () => isSo(last = await source.scrape(UNSTOPPED)));
  return last!;
}

const untilCounts = (source: MetricSource, ...expected: number[]) => (
  scrapeUntil(source, `the counts are ${expected.join()}`, (scrape) => countsOf(scrape).toString() === expected.toString())
);

describe('the real Prometheus', () => {
  const REQUESTS = 'http_requests_total{job="shop",slot="{slot}"}';
  const ERRORS = 'http_requests_total{job="shop",slot="{slot}",code=~"5.."}';
  let folder: string;
  let port: number;
  let prometheus: Program;

  async function start(...more: CountingService[]): Promise<void> {
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [green, blue, ...more].map(({ address }) => address) }] }],
    }));
    prometheus = await Program.start('prometheus', [
      `--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`,
    ], `http://127.0.0.1:${port}/-/ready`);
  }

  beforeEach(async () => {
    folder = temporaryFolder();
    port = await freePort();
  });
  afterEach(() => prometheus?.stop());

  const sourceOf = (changes: Partial<PrometheusMetricOptions> = {}, context: Partial<MetricContext> = {}) => metricSourceOf(
    Metric.prometheus({ url: `http://127.0.0.1:${port}`, canary: { requests: REQUESTS, errors: ERRORS }, ...changes })._manifest, metricContext(context),
  );
  /** Each side has had a request, without which there is no counter. */
  async function ready(source: MetricSource): Promise<void> {
    await get(green.url);
    await get(blue.url);
    await scrapeUntil(source, 'both sides have counters', ({ problem }) => problem === undefined);
  }

  test('counts every request of both versions, the first error too, and through a restart', async () => {
    await start();
    green.behaviour = { saysMs: 10 };
    const buckets = 'http_request_duration_seconds_bucket{job="shop",slot="{slot}"}';
    const source = sourceOf({ canary: { requests: REQUESTS, errors: ERRORS, latencyBuckets: buckets } });
    await ready(source);
    expect(countsOf(await source.scrape(UNSTOPPED))).toEqual([0, 0, 0, 0]);
    await Promise.all([get(green.url, 40), get(`${green.url}/error`, 10), get(blue.url, 200)]);
    const counted = await untilCounts(source, 50, 10, 200, 0);
    const below = BOUNDS.map((_, index) => (index === 0 ? 0 : 50));
    expect(counted.canary!.latency).toEqual({ boundsMs: BOUNDS.map((bound) => 1000 * bound), below, count: 50 });
    expect(Math.abs(counted.atMs - counted.canary!.measuredAtMs)).toBeLessThan(LIMIT_MS);
    green.forget();
    await Promise.all([get(green.url, 7), get(`${green.url}/error`, 2), get(blue.url, 5)]);
    await untilCounts(source, 59, 12, 205, 0);
  });

  test('an instance that is new brings no history, and one that leaves takes nothing away', async () => {
    const second = await CountingService.start('green', await freePort());
    try {
      await get(second.url, 30);
      await get(`${second.url}/error`, 30);
      await second.down();
      await start(second);
      const source = sourceOf();
      await ready(source);
      await second.up();
      await until('Prometheus sees it', LIMIT_MS, async () => {
        const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent('count(http_requests_total{slot="green"})')}`);
        return JSON.stringify(await response.json()).includes('"3"');
      });
      await source.scrape(UNSTOPPED);
      await get(`${second.url}/error`, 4);
      await untilCounts(source, 4, 4, 0, 0);
      await second.down();
      await get(green.url, 6);
      await untilCounts(source, 10, 4, 0, 0);
    } finally {
      await second.down();
    }
  });

  test('that dies is no verdict, and loses nothing when it is back', async () => {
    await start();
    const source = sourceOf();
    await ready(source);
    const before = await source.scrape(UNSTOPPED);
    await prometheus.stop();
    const dead = await source.scrape(UNSTOPPED);
    expect(dead).toEqual({ atMs: dead.atMs, problem: 'Prometheus does not respond (connection refused)' });
    expect(difference(before, dead, 60_000)).toEqual({ baseline: before, inconclusive: dead.problem });
    await Promise.all([get(green.url, 20), get(blue.url, 30)]);
    await start();
    await untilCounts(source, 20, 0, 30, 0);
  });

  test('that has scraped nothing for too long has no data', async () => {
    await start();
    const source = sourceOf({ maxAge: Duration.seconds(20) });
    await ready(source);
    await green.down();
    const late = await scrapeUntil(source, 'the samples are too old', ({ problem }) => problem !== undefined);
    expect(late.problem).toBe('Prometheus has no requests of Canary (http_requests_total{job="shop",slot="green"})');
    expect(late.stable).toBeUndefined();
    await green.up();
    await get(green.url, 3);
    await untilCounts(source, 3, 0, 0, 0);
  });

  test('without the label, the counter or the instance that is selected has no data', async () => {
    await start();
    await ready(sourceOf());
    const problem = async (canary: PrometheusMetricOptions['canary']) => (await sourceOf({ canary }).scrape(UNSTOPPED)).problem;
    expect(await problem({ requests: REQUESTS, errors: 'http_requests_total{job="shop",slot="{slot}",status=~"5.."}' }))
      .toMatch(/^the series of the requests of (Canary|Stable) have no label status, which selects the errors$/);
    expect(await problem({ requests: REQUESTS, errors: 'http_failures_total{job="shop",slot="{slot}"}' })).toMatch(/^Prometheus has no errors of (Canary|Stable)/);
    expect(await problem({ requests: 'http_request_total{slot="{slot}"}', errors: ERRORS })).toMatch(/^Prometheus has no requests of (Canary|Stable)/);
  });

  test('takes every selector as it is written', async () => {
    await start();
    const release = { version: 'v1.0.0+"\\{}[]()$^|*?.\n\u2028é', sha: 'a'.repeat(40) };
    const canary = { requests: 'r{version="{version}",a=~"x{version}|y"}', errors: 'r{version!~"{version}",slot="{slot}"}' };
    const { problem } = await sourceOf({ canary }, { canary: { release, slot: 'green' } }).scrape(UNSTOPPED);
    expect(problem).toMatch(/^Prometheus has no requests of/);
  });
});

describe('the real HAProxy', () => {
  let folder: string;
  let front: number;
  let stats: number;
  let haproxy: Program;

  async function start(): Promise<void> {
    writeFileSync(join(folder, 'haproxy.cfg'), [
      'global', `  stats socket ${join(folder, 'socket')} mode 600 level admin`, 'defaults', '  mode http', '  timeout connect 1m', '  timeout client 1m', '  timeout server 1m',
      'frontend users', `  bind 127.0.0.1:${front}`, '  default_backend shop',
      'frontend page', `  bind 127.0.0.1:${stats}`, '  stats enable', '  stats uri /stats', '  stats auth admin:sesame',
      'backend shop', '  retries 2', '  use-server green if { path_beg /green }', '  use-server blue if { path_beg /blue }',
      `  server green ${green.address}`, `  server blue ${blue.address}`, '',
    ].join('\n'));
    haproxy = await Program.start('haproxy', ['-f', join(folder, 'haproxy.cfg'), '-db'], `http://127.0.0.1:${front}/blue`);
  }

  beforeEach(async () => {
    folder = temporaryFolder();
    [front, stats] = [await freePort(), await freePort()];
    await start();
  });
  afterEach(() => haproxy?.stop());

  const onSocket = () => metricSourceOf(Metric.haproxy({ socket: join(folder, 'socket'), backend: 'shop' })._manifest, metricContext());
  const onPage = (password = 'sesame') => metricSourceOf(
    Metric.haproxy({ url: `http://127.0.0.1:${stats}/stats`, backend: 'shop', secretRequestHeaders: { authorization: 'STATS' } })._manifest,
    metricContext({ processEnv: { STATS: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` } }),
  );
  const counted = (before: Scrape, now: Scrape) => {
    const { interval, inconclusive } = difference(before, now, 60_000);
    return inconclusive ?? [interval!.canary.requests, interval!.canary.errors, interval!.stable.requests, interval!.stable.errors];
  };
  const users = (path: string, times = 1) => get(`http://127.0.0.1:${front}/${path}`, times);

  test.each([['the runtime API', onSocket], ['the statistics page', onPage]])('%s counts responses, faults and refused connections, and no retries', async (_, sourceOf) => {
    const source = sourceOf();
    const before = await source.scrape(UNSTOPPED);
    expect(await users('green', 20)).toEqual(Array(20).fill(200));
    expect(await users('green/error', 3)).toEqual([500, 500, 500]);
    expect(await users('green/reset', 2)).toEqual([502, 502]);
    expect(await users('blue', 9)).toEqual(Array(9).fill(200));
    await green.down();
    expect(await users('green', 2)).toEqual([503, 503]);
    expect(counted(before, await source.scrape(UNSTOPPED))).toEqual([27, 7, 9, 0]);
  });

  test('that was restarted is a reset, and then counts on', async () => {
    const source = onSocket();
    await users('green', 5);
    const before = await source.scrape(UNSTOPPED);
    await haproxy.stop();
    expect(await source.scrape(UNSTOPPED)).toMatchObject({ problem: 'HAProxy does not respond (connection refused)' });
    await start();
    const reset = await source.scrape(UNSTOPPED);
    expect(difference(before, reset, 60_000)).toMatchObject({ hasGap: true, inconclusive: expect.stringMatching(/^the counters of (Canary|Stable) were reset/) });
    await users('green', 2);
    expect(counted(reset, await source.scrape(UNSTOPPED))).toEqual([2, 0, 0, 0]);
  });

  test('with other credentials, or without the backend or server, has no data', async () => {
    expect(await onPage('guess').scrape(UNSTOPPED)).toMatchObject({ problem: 'HAProxy does not accept the credentials (401). Check the value of the secret in secretRequestHeaders' });
    const problem = async (changes: object) => (await metricSourceOf(Metric.haproxy({ socket: join(folder, 'socket'), backend: 'shop', ...changes })._manifest, metricContext()).scrape(UNSTOPPED)).problem;
    expect(await problem({ backend: 'shopp' })).toBe('HAProxy has no backend "shopp"');
    expect(await problem({ canaryServers: ['{slot}-2'] })).toBe('HAProxy has no server "green-2" in the backend "shop"');
  });
});
