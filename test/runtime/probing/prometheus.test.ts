import { TIMES, lookOnce } from './probe-once';
import { PrometheusCheckManifest } from '../../../src/contract/manifest';
import { InterruptedError } from '../../../src/runtime/errors';
import { respond, Behaviour, hang, json, MisbehavingServer, redirect, reset } from '../../misbehaving-server';

const QUERY = 'sum by (job) (rate(http_requests_total{status=~"5.."}[5m]))';

let prometheus: MisbehavingServer;
beforeEach(async () => { prometheus = await MisbehavingServer.start(); });
afterEach(() => prometheus.stop());

function look(behaviour: Behaviour, changes: Partial<PrometheusCheckManifest> = {}, rest: Parameters<typeof lookOnce>[1] = {}) {
  prometheus.behave(behaviour);
  const check: PrometheusCheckManifest = {
    ...TIMES, kind: 'prometheus', url: `${prometheus.url}/metrics/`, query: QUERY, operator: '<', value: 0.01, secretRequestHeaders: {}, ...changes,
  };
  return lookOnce(check, rest);
}

type Series = [labels: Record<string, string>, value: string];

/** As Prometheus responds to an instant query. */
function vector(...series: Series[]): Behaviour {
  return json({ status: 'success', data: { resultType: 'vector', result: series.map(([metric, value]) => ({ metric, value: [1_790_000_000.123, value] })) } });
}

const one = (value: string): Behaviour => vector([{ job: 'api' }, value]);

test('requests the value of the query at this moment, below the path of its URL', async () => {
  await look(one('0.001'));
  const { pathname, searchParams } = new URL(prometheus.received[0].url, prometheus.url);
  expect(pathname).toBe('/metrics/api/v1/query');
  expect(Object.fromEntries(searchParams)).toEqual({ query: QUERY, timeout: '5000ms' });
});

describe('a number', () => {
  test.each<[PrometheusCheckManifest['operator'], string, string]>([
    ['<', '0.0099', '0.01'], ['<=', '0.01', '0.0101'], ['>', '0.011', '0.01'], ['>=', '0.01', '0.00999'], ['>', '+Inf', '-Inf'], ['<', '1e-3', '1e3'],
  ])('%s 0.01: %s is healthy, %s is not', async (operator, good, bad) => {
    expect(await look(one(good), { operator })).toMatchObject({ outcome: 'healthy', saw: `{job=api} ${good} ${operator} 0.01` });
    expect(await look(one(bad), { operator })).toMatchObject({ outcome: 'unhealthy', saw: `{job=api} ${bad}, not ${operator} 0.01` });
  });

  test('may have no labels', async () => {
    const scalar = (value: string) => json({ status: 'success', data: { resultType: 'scalar', result: [1_790_000_000, value] } });
    expect(await look(scalar('0'))).toMatchObject({ outcome: 'healthy', saw: '0 < 0.01' });
    expect(await look(scalar('1'))).toMatchObject({ outcome: 'unhealthy', saw: '1, not < 0.01' });
  });
});

describe('of several series', () => {
  test('all must hold', async () => {
    expect(await look(vector([{ job: 'api' }, '0'], [{ job: 'web' }, '0.005']))).toMatchObject({ outcome: 'healthy', saw: '2 series, all < 0.01' });
    expect(await look(vector([{ job: 'api' }, '0'], [{ job: 'web' }, '0.5']))).toMatchObject({ outcome: 'unhealthy', saw: '{job=web} 0.5, not < 0.01' });
  });

  test('one that is NaN says nothing, and the others decide', async () => {
    expect(await look(vector([{ job: 'api' }, 'NaN'], [{ job: 'web' }, '0']))).toMatchObject({ outcome: 'healthy', saw: '{job=web} 0 < 0.01, 1 series NaN' });
    expect(await look(vector([{ job: 'api' }, 'NaN'], [{ job: 'web' }, '0'], [{ job: 'db' }, '0'], [{ job: 'idle' }, 'NaN'])))
      .toMatchObject({ outcome: 'healthy', saw: '2 series, all < 0.01, 2 series NaN' });
    expect(await look(vector([{ job: 'api' }, 'NaN'], [{ job: 'web' }, '1']))).toMatchObject({ outcome: 'unhealthy', saw: '{job=web} 1, not < 0.01' });
  });

  test('where all are NaN, nothing is known', async () => {
    expect(await look(vector([{ job: 'api' }, 'NaN'], [{ job: 'web' }, 'NaN']))).toMatchObject({ outcome: 'blind' });
  });

  test('the first three bad ones are named', async () => {
    const series = ['a', 'b', 'c', 'd', 'e'].map((job): Series => [{ job }, '1']);
    expect(await look(vector(...series))).toMatchObject({ saw: '{job=a} 1, {job=b} 1, {job=c} 1 and 2 more, not < 0.01' });
  });
});

describe('says nothing about the service, so is inconclusive and never unhealthy:', () => {
  test.each<[string, Behaviour, string]>([
    ['no data', vector(), 'no data'],
    ['NaN, a rate over nothing', one('NaN'), 'NaN'],
    ['an empty value', one(''), 'NaN'],
    ['a query that Prometheus refuses', json({ status: 'error', errorType: 'bad_data', error: 'invalid parameter "query": 1:1: parse error' }, 400), 'parse error'],
    ['a query that takes too long', json({ status: 'error', errorType: 'timeout', error: 'query timed out' }, 503), 'query timed out'],
    ['a range', json({ status: 'success', data: { resultType: 'matrix', result: [] } }), 'returns a matrix'],
    ['native histograms', json({ status: 'success', data: { resultType: 'vector', result: [{ metric: {}, histogram: [1, {}] }] } }), 'NaN'],
    ['a missing permission', respond(401, 'no'), '(401)'],
    ['a redirect, to a login page for example', redirect('/login'), '(302)'],
    ['what is not JSON', respond(200, '<html>'), '(200)'],
    ['what is not Prometheus\'s JSON', json([1]), '(200)'],
    ['null', json(null), '(200)'],
    ['a series that is null', json({ status: 'success', data: { resultType: 'vector', result: [null] } }), 'NaN'],
    ['a reset', reset, 'connection reset'],
  ])('%s', async (_, behaviour, saw) => {
    const seen = await look(behaviour);
    expect(seen.outcome).toBe('blind');
    expect(seen.saw).toContain(saw);
  });

  test('silence', async () => {
    expect(await look(hang, { timeoutMs: 150 })).toMatchObject({ outcome: 'blind', saw: 'cannot probe: Prometheus does not respond in time' });
  });

  test('unreachable', async () => {
    await prometheus.stop();
    expect(await look(hang)).toMatchObject({ outcome: 'blind', saw: 'cannot probe: Prometheus does not respond (connection refused)' });
  });
});

describe('a secret header', () => {
  const secretRequestHeaders = { Authorization: 'PROMETHEUS_TOKEN' };

  test('is sent, and never shown', async () => {
    const error = json({ status: 'error', error: 'Bearer abc-123-def is not allowed' }, 403);
    const { saw } = await look(error, { secretRequestHeaders }, { target: { env: { PROMETHEUS_TOKEN: 'Bearer abc-123-def' } } });
    expect(prometheus.received[0].headers.authorization).toBe('Bearer abc-123-def');
    expect(saw).not.toContain('abc-123-def');
  });

  test('without a value is not sent', async () => {
    expect(await look(one('0'), { secretRequestHeaders })).toMatchObject({ outcome: 'blind', saw: 'cannot probe: the secret PROMETHEUS_TOKEN has no value' });
    expect(prometheus.received).toEqual([]);
  });
});

test('a process that receives a signal to stop does not wait', async () => {
  const stop = new AbortController();
  const looking = look(hang, {}, { signal: stop.signal });
  stop.abort();
  await expect(looking).rejects.toBeInstanceOf(InterruptedError);
});
