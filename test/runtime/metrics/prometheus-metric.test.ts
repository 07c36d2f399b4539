/** Metric.prometheus against a server that responds as Prometheus does. metric-sources.ci.ts reads the real one. */
import fc from 'fast-check';
import { CANARY, metricContext, STABLE, UNSTOPPED } from './metric-context';
import { Metric, PrometheusMetricOptions } from '../../../src';
import { PrometheusMetricManifest } from '../../../src/contract/metric-manifest';
import { difference, Scrape } from '../../../src/runtime/analysis/counters';
import { InterruptedError } from '../../../src/runtime/errors';
import { NO_TOTALS, SeriesTotals, withIncrease } from '../../../src/runtime/metrics/counter-series';
import { MetricContext, MetricSource } from '../../../src/runtime/metrics/metric-source';
import { metricSourceOf } from '../../../src/runtime/metrics/open-metric-source';
import { Behaviour, hang, json, MisbehavingServer, redirect, reset, respond } from '../../misbehaving-server';

let server: MisbehavingServer;
beforeEach(async () => { server = await MisbehavingServer.start(); });
afterEach(() => server.stop());

type Sample = [seconds: number, value: number | string];
type Series = [labels: Record<string, string>, ...samples: Sample[]];

const NOW = 1_800_000_000;
const REQUESTS = 'http_requests_total{slot="{slot}"}';
const ERRORS = 'http_requests_total{slot="{slot}",code=~"5.."}';
const BUCKETS = 'http_request_duration_seconds_bucket{slot="{slot}"}';

function matrix(series: readonly Series[]): object {
  return { status: 'success', data: { resultType: 'matrix', result: series.map(([metric, ...values]) => ({ metric, values: values.map(([at, value]) => [at, String(value)]) })) } };
}

/** Responds to each query by what it contains; the first that fits. */
function respondTo(...queries: [contains: string, series: readonly Series[]][]): Behaviour {
  return (request, response) => {
    const query = new URL(request.url!, server.url).searchParams.get('query')!;
    const [, series] = queries.find(([contains]) => query.includes(contains)) ?? ['', []];
    return json(matrix(series))(request, response);
  };
}

/** As of a service with one process on each side. */
function service(canary: [requests: number, errors: number], stable: [requests: number, errors: number], at = NOW, job = 'shop'): Behaviour {
  const series = (slot: string, [requests, errors]: [number, number]): [ok: Series, failed: Series] => {
    const labels = { slot, job, instance: `${slot}:80` };
    return [[{ ...labels, code: '200' }, [at, requests - errors]], [{ ...labels, code: '500' }, [at, errors]]];
  };
  const [green, blue] = [series('green', canary), series('blue', stable)];
  return respondTo(['slot="green",code', [green[1]]], ['slot="blue",code', [blue[1]]], ['slot="green"', green], ['slot="blue"', blue]);
}

type Changes = Partial<MetricContext> & { readonly manifest?: Partial<PrometheusMetricManifest> };

function sourceOf(options: Partial<PrometheusMetricOptions> = {}, { manifest, ...context }: Changes = {}): MetricSource {
  const made = Metric.prometheus({ url: `${server.url}/prom/`, canary: { requests: REQUESTS, errors: ERRORS }, ...options })._manifest;
  return metricSourceOf({ ...made as PrometheusMetricManifest, ...manifest }, metricContext(context));
}

async function scrapes(source: MetricSource, ...behaviours: Behaviour[]): Promise<Scrape[]> {
  const found: Scrape[] = [];
  for (const behaviour of behaviours) {
    server.behave(behaviour);
    found.push(await source.scrape(UNSTOPPED));
  }
  return found;
}

const problemOf = async (behaviour: Behaviour, options?: Partial<PrometheusMetricOptions>, context?: Partial<MetricContext>) => {
  const [{ problem, ...rest }] = await scrapes(sourceOf(options, context), behaviour);
  expect(Object.keys(rest)).toEqual(['atMs']);
  return problem;
};

test('asks for the raw samples of the canary and of Stable, below the path of the URL', async () => {
  await scrapes(sourceOf(), service([0, 0], [0, 0]));
  const asked = server.received.map(({ url }) => new URL(url, server.url));
  expect(new Set(asked.map(({ pathname }) => pathname))).toEqual(new Set(['/prom/api/v1/query']));
  expect(asked.map(({ searchParams }) => searchParams.get('query')).sort()).toEqual([
    'http_requests_total{slot="blue",code=~"5.."}[60000ms]', 'http_requests_total{slot="blue"}[60000ms]',
    'http_requests_total{slot="green",code=~"5.."}[60000ms]', 'http_requests_total{slot="green"}[60000ms]',
  ]);
  expect(asked[0].searchParams.get('timeout')).toBe('5000ms');
});

test('counts from the first scrape on, at the time of the sample', async () => {
  const [first, next] = await scrapes(sourceOf(), service([500, 5], [9000, 9], NOW), service([600, 15], [9900, 10], NOW + 5));
  const nothing = { requests: 0, errors: 0, measuredAtMs: NOW * 1000 };
  expect(first).toMatchObject({ canary: nothing, stable: nothing });
  expect(next).toMatchObject({ canary: { requests: 100, errors: 10, measuredAtMs: NOW * 1000 + 5000 }, stable: { requests: 900, errors: 1 } });
});

test('fills in the version and the commit; in a pattern a dot is a dot', async () => {
  const canary = { requests: 'r{version="{version}",sha=~"{sha}.*"}', errors: 'r{version=~"{version}|x",code="500"}' };
  await scrapes(sourceOf({ canary }), respondTo(['', [[{ sha: 'x', version: 'x', code: '1' }, [NOW, 1]]]]));
  const asked = server.received.map(({ url }) => new URL(url, server.url).searchParams.get('query')!);
  expect(asked).toContain(`r{version="v2.0.0",sha=~"${CANARY.release.sha}.*"}[60000ms]`);
  expect(asked).toContain('r{version=~"v1\\\\.9\\\\.0|x",code="500"}[60000ms]');
});

test('a version cannot leave its quotes', async () => {
  const release = { ...CANARY.release, version: 'x"} or vector(1)\\' };
  const canary = { requests: 'r{version="{version}"}', errors: 'r{version="{version}",code="500"}' };
  await scrapes(sourceOf({ canary }, { canary: { ...CANARY, release } }), respondTo());
  const asked = server.received.map(({ url }) => new URL(url, server.url).searchParams.get('query')!);
  expect(asked).toContain('r{version="x\\"} or vector(1)\\\\"}[60000ms]');
});

describe('of several processes', () => {
  const one = (instance: string, value: number, at = NOW): Series => [{ job: 'shop', instance, code: '200' }, [at, value]];
  const failed = (instance: string, value: number, at = NOW): Series => [{ job: 'shop', instance, code: '500' }, [at, value]];
  const canary = (requests: readonly Series[], errors: readonly Series[] = []) => (
    respondTo(['slot="green",code', errors], ['slot="blue",code', []], ['slot="green"', [...requests, ...errors]], ['slot="blue"', [one('b', 5)]])
  );
  const counted = async (...behaviours: Behaviour[]) => (
    (await scrapes(sourceOf(), ...behaviours)).map(({ canary: found }) => [found?.requests, found?.errors])
  );

  test('increases add up when one is new, and when one is gone and comes back', async () => {
    expect(await counted(
      canary([one('a', 100), one('b', 1000)]), canary([one('a', 110, NOW + 5)]), canary([one('a', 120, NOW + 10), one('c', 7000, NOW + 10)]),
      canary([one('c', 7003, NOW + 15), one('b', 1040, NOW + 15)]),
    )).toEqual([[0, 0], [10, 0], [20, 0], [63, 0]]);
  });

  test('one that restarted counts from 0 again', async () => {
    expect(await counted(canary([one('a', 100)]), canary([one('a', 4, NOW + 5)]), canary([one('a', 9, NOW + 10)]))).toEqual([[0, 0], [4, 0], [9, 0]]);
  });

  test('a restart between two samples is seen, although both scrapes are higher', async () => {
    const twice: Series = [{ job: 'shop', instance: 'a', code: '200' }, [NOW, 100], [NOW + 2, 3], [NOW + 5, 130]];
    expect(await counted(canary([one('a', 100)]), canary([twice]))).toEqual([[0, 0], [130, 0]]);
  });

  test('nothing counts twice where another server of Prometheus responds that is behind', async () => {
    expect(await counted(
      canary([one('a', 100)]), canary([one('a', 110, NOW + 5)]), canary([one('a', 105, NOW + 3)]), canary([one('a', 120, NOW + 10)]),
    )).toEqual([[0, 0], [10, 0], [10, 0], [20, 0]]);
  });

  test('the first error of a process counts, because its label did not exist before', async () => {
    expect(await counted(canary([one('a', 100)]), canary([one('a', 110, NOW + 5)], [failed('a', 3, NOW + 5)]))).toEqual([[0, 0], [13, 3]]);
  });

  test('the errors of a process that is new to Prometheus do not count: they may be old', async () => {
    expect(await counted(canary([one('a', 100)]), canary([one('a', 110, NOW + 5), one('z', 900, NOW + 5)], [failed('z', 300, NOW + 5)]))).toEqual([[0, 0], [10, 0]]);
  });

  test('what is measured between two queries waits for the next scrape', async () => {
    const newer = canary([one('a', 110, NOW + 5)], []);
    const late: Behaviour = (request, response) => (
      request.url!.includes('code') && request.url!.includes('green') ? json(matrix([failed('a', 1, NOW + 5), failed('a', 50, NOW + 10)]))(request, response) : newer(request, response)
    );
    expect(await counted(canary([one('a', 100)]), late)).toEqual([[0, 0], [10, 1]]);
  });

  test('totals never fall, whatever the samples are', () => {
    const sample = fc.record({ instance: fc.constantFrom('a', 'b', 'c'), at: fc.nat(50), value: fc.nat(100) });
    fc.assert(fc.property(fc.array(fc.array(sample, { maxLength: 5 }), { maxLength: 8 }), (all) => {
      let totals: SeriesTotals = NO_TOTALS;
      for (const found of all) {
        const before = totals.totals.get('') ?? 0;
        const series = found.map(({ at, instance, value }) => ({ labels: { instance }, samples: [{ atMs: at, value }] }));
        totals = withIncrease(totals, series, { groupOf: () => '', instances: totals.instances });
        expect(totals.totals.get('') ?? 0).toBeGreaterThanOrEqual(before);
      }
    }));
  });
});

describe('latencies', () => {
  const bucket = (slot: string, le: string, value: number, at = NOW): Series => [{ slot, job: 'shop', instance: `${slot}:80`, le }, [at, value]];
  const buckets = (factor: number, at: number, bounds = ['0.1', '+Inf', '0.25']): Behaviour => {
    const of = (slot: string) => bounds.map((le) => bucket(slot, le, { '0.1': 7, '0.25': 9, '+Inf': 10 }[le]! * factor, at));
    return respondTo(['bucket{slot="green"', of('green')], ['bucket{slot="blue"', of('blue')],
      ['code', []], ['slot="green"', [[{ slot: 'green', code: '2', instance: 'green:80', job: 'shop' }, [at, 10 * factor]]]],
      ['slot="blue"', [[{ slot: 'blue', code: '2', instance: 'blue:80', job: 'shop' }, [at, 10 * factor]]]]);
  };
  const canary = { requests: REQUESTS, errors: ERRORS, latencyBuckets: BUCKETS };

  test('are the buckets of a histogram, in milliseconds', async () => {
    const [, next] = await scrapes(sourceOf({ canary }), buckets(1, NOW), buckets(3, NOW + 5));
    expect(next.canary).toMatchObject({ requests: 20, latency: { boundsMs: [100, 250], below: [14, 18], count: 20 } });
  });

  test('without +Inf, or without any, are no data', async () => {
    expect(await problemOf(buckets(1, NOW, ['0.1']), { canary })).toBe('the buckets of the latency lack the one with le="+Inf"');
    expect(await problemOf(buckets(1, NOW, ['+Inf']), { canary })).toBe('the latency has no bucket but le="+Inf"');
    expect(await problemOf(buckets(1, NOW, []), { canary })).toMatch(/^Prometheus has no latencyBuckets of (Canary|Stable) \(http_request_duration_seconds_bucket/);
  });
});

describe('says nothing about the release, and why:', () => {
  const labels = { slot: 'green', job: 'shop', instance: 'a' };
  const all = (series: Series, errors: readonly Series[] = []) => respondTo(['code', errors], ['', [series]]);
  test.each<[string, Behaviour, string | RegExp]>([
    ['nothing is selected', respondTo(), /^Prometheus has no requests of (Canary|Stable) \(http_requests_total\{slot="(green|blue)"\}\)$/],
    ['the label of the errors does not exist', all([{ ...labels, status: '200' }, [NOW, 5]]), /^the series of the requests of (Canary|Stable) have no label code, which selects the errors$/],
    ['a counter that is no number', all([{ ...labels, code: '2' }, [NOW, 'NaN']]), 'a counter has the value NaN'],
    ['a negative counter', all([{ ...labels, code: '2' }, [NOW, -1]]), 'a counter has the value -1'],
    ['a vector', json({ status: 'success', data: { resultType: 'vector', result: [] } }), 'Prometheus returns a vector instead of a matrix'],
    ['a native histogram', json({ status: 'success', data: { resultType: 'matrix', result: [{ metric: {}, histograms: [] }] } }), /^the series are native histograms/],
    ['a series without values', json({ status: 'success', data: { resultType: 'matrix', result: [{ metric: {} }] } }), 'Prometheus returns a series without labels or values'],
    ['a part of the data is missing', json({ ...matrix([]), warnings: ['store x is down'] }), 'Prometheus warns "store x is down"'],
    ['a query that is refused', json({ status: 'error', error: 'parse error\n::error::x' }, 400), 'Prometheus says "parse error ::error::x" (400)'],
    ['no JSON', respond(200, '<html>'), 'this is no response of Prometheus (200)'],
    ['a gateway without Prometheus', respond(502, ''), 'this is no response of Prometheus (502)'],
    ['credentials that are refused', respond(401, 'no'), 'Prometheus does not accept the credentials (401). Check the value of the secret in secretRequestHeaders'],
    ['a redirect, which is not followed', redirect('/elsewhere'), 'this is no response of Prometheus (302)'],
    ['a reset', reset, 'Prometheus does not respond (connection reset)'],
  ])('%s', async (_, behaviour, expected) => {
    const problem = await problemOf(behaviour);
    if (typeof expected === 'string') expect(problem).toBe(expected);
    else expect(problem).toMatch(expected);
  });

  test('errors of a counter of their own that does not exist: it may be misspelt', async () => {
    const canary = { requests: REQUESTS, errors: 'http_failures_total{slot="{slot}"}' };
    const behaviour = respondTo(['failures', []], ['', [[{ ...labels, code: '2' }, [NOW, 5]]]]);
    expect(await problemOf(behaviour, { canary })).toMatch(/^Prometheus has no errors of (Canary|Stable) \(http_failures_total.*A counter of its own must exist before the first error/);
  });

  test('a response that is too long', async () => {
    expect(await problemOf(respond(200, Buffer.alloc(8 * 1024 * 1024 + 1, ' ')))).toBe('the response of Prometheus is longer than 8 MiB: select less');
  });

  test('a Prometheus that hangs, or is gone', async () => {
    server.behave(hang);
    expect(await sourceOf({}, { manifest: { timeoutMs: 200 } }).scrape(UNSTOPPED)).toMatchObject({ problem: 'Prometheus does not respond within 200 ms' });
    const source = sourceOf();
    await server.stop();
    expect(await source.scrape(UNSTOPPED)).toMatchObject({ problem: 'Prometheus does not respond (connection refused)' });
    await server.comeBack();
  });

  test('data that are late, or were not measured again', async () => {
    const source = sourceOf();
    const at = Date.now() / 1000;
    const [first, same, old] = await scrapes(source, service([5, 0], [5, 0], at), service([5, 0], [5, 0], at), service([9, 0], [9, 0], at + 1));
    expect(difference(first, same, 60_000).inconclusive).toBe('the metric source has not measured again since the last time');
    expect(difference(first, { ...old, atMs: at * 1000 + 120_000 }, 60_000).inconclusive).toMatch(/^the data of Canary are 1 min 59 s old/);
  });

  test('a scrape that fails loses no counts: the next one covers them', async () => {
    const source = sourceOf();
    const found = await scrapes(source, service([100, 1], [100, 1]), reset, service([150, 6], [300, 1], NOW + 10));
    expect(found[2]).toMatchObject({ canary: { requests: 50, errors: 5 }, stable: { requests: 200, errors: 0 } });
  });

  test('the same selector for both releases', async () => {
    const canary = { requests: 'r{version="{version}"}', errors: 'r{version="{version}",code="500"}' };
    const context = { stable: { ...STABLE, release: CANARY.release } };
    expect(await problemOf(respondTo(), { canary }, context)).toBe('Canary and Stable have the same selector (r{version="v2.0.0"})');
  });
});

describe('a secret header', () => {
  const options = { secretRequestHeaders: { Authorization: 'METRICS_TOKEN' } };

  test('is sent, from the environment', async () => {
    const source = sourceOf(options, { processEnv: { METRICS_TOKEN: 'Bearer abcdefgh\n' } });
    await scrapes(source, service([0, 0], [0, 0]));
    expect(server.received[0].headers.authorization).toBe('Bearer abcdefgh');
    expect(JSON.stringify(Metric.prometheus({ url: server.url, canary: { requests: REQUESTS, errors: ERRORS }, ...options })._manifest)).not.toContain('Bearer');
  });

  test('that has no value, or one that cannot be sent, is no data, without its value', async () => {
    expect(await problemOf(respondTo(), options, { processEnv: {} })).toBe('the secret METRICS_TOKEN has no value');
    expect(await problemOf(respondTo(), options, { processEnv: { METRICS_TOKEN: 'a\u0000b' } })).toBe('the secret METRICS_TOKEN holds characters that HTTP does not allow in a header');
    expect(server.received).toEqual([]);
  });
});

test('https: the certificate must be trusted', async () => {
  const tls = await MisbehavingServer.start({ certificate: 'valid' });
  try {
    tls.behave(json(matrix([])));
    const url = tls.url;
    expect(await sourceOf({ url }).scrape(UNSTOPPED)).toMatchObject({ problem: expect.stringMatching(/^Prometheus does not respond \(the certificate/) });
    expect(await sourceOf({ url }, { ca: MisbehavingServer.authority }).scrape(UNSTOPPED)).toMatchObject({ problem: expect.stringMatching(/^Prometheus has no requests/) });
  } finally {
    await tls.stop();
  }
});

test('a scrape that is interrupted ends at once', async () => {
  const end = new AbortController();
  server.behave(hang);
  setTimeout(() => end.abort(), 100);
  await expect(sourceOf().scrape(end.signal)).rejects.toThrow(InterruptedError);
  await expect(sourceOf().scrape(end.signal)).rejects.toThrow(InterruptedError);
  await server.deserted();
});
