/** Metric.haproxy against servers that respond as HAProxy does. metric-sources.ci.ts reads the real one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricContext, UNSTOPPED } from './metric-context';
import { HaproxyMetricOptions, Metric } from '../../../src';
import { HaproxyMetricManifest } from '../../../src/contract/metric-manifest';
import { InterruptedError } from '../../../src/runtime/errors';
import { MetricContext, MetricSource } from '../../../src/runtime/metrics/metric-source';
import { metricSourceOf } from '../../../src/runtime/metrics/open-metric-source';
import { hang, MisbehavingServer, respond } from '../../misbehaving-server';

let page: MisbehavingServer;
beforeEach(async () => { page = await MisbehavingServer.start(); });
afterEach(() => page.stop());

const COLUMNS = ['stot', 'econ', 'eresp', 'mode', 'last_chk', 'hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other', 'req_tot'];

interface Row {
  readonly px?: string;
  readonly server: string;
  readonly values?: Record<string, string | number>;
}

function csv(...rows: Row[]): string {
  const line = ({ px = 'shop', server, values = {} }: Row) => [px, server, ...COLUMNS.map((name) => values[name] ?? (name === 'mode' ? 'http' : '0')), ''].join(',');
  return `${['# pxname', 'svname', ...COLUMNS, ''].join(',')}\n${rows.map(line).join('\n')}\n\n`;
}

const GREEN: Row = {
  server: 'green', values: { stot: 99, req_tot: 60, hrsp_1xx: 7, hrsp_2xx: 50, hrsp_3xx: 4, hrsp_4xx: 3, hrsp_5xx: 2, hrsp_other: 1, econ: 10, eresp: 20, last_chk: '"L4OK, fine"' },
};
const BLUE: Row = { server: 'blue', values: { hrsp_2xx: 900, hrsp_5xx: 1 } };
const OTHER: Row = { px: 'admin', server: 'green', values: { hrsp_2xx: 5 } };

type Changes = Partial<MetricContext> & { readonly manifest?: Partial<HaproxyMetricManifest> };

function sourceOf(options: Partial<HaproxyMetricOptions> = {}, { manifest, ...context }: Changes = {}): MetricSource {
  const place = options.socket === undefined ? { url: `${page.url}/stats` } : {};
  return metricSourceOf({ ...Metric.haproxy({ backend: 'shop', ...place, ...options })._manifest as HaproxyMetricManifest, ...manifest }, metricContext(context));
}

describe('the statistics page', () => {
  test('has the counters of the servers by their slots', async () => {
    page.behave(respond(200, csv({ server: 'FRONTEND', px: 'shop' }, OTHER, GREEN, BLUE, { server: 'BACKEND' })));
    const found = await sourceOf().scrape(UNSTOPPED);
    expect(found).toEqual({
      atMs: found.atMs,
      canary: { requests: 90, errors: 32, measuredAtMs: found.atMs },
      stable: { requests: 901, errors: 1, measuredAtMs: found.atMs },
    });
    expect(page.received[0].url).toBe('/stats;csv');
  });

  test('adds up several servers', async () => {
    page.behave(respond(200, csv(GREEN, { ...GREEN, server: 'green-2' }, BLUE)));
    expect(await sourceOf({ canaryServers: ['{slot}', '{slot}-2'], stableServers: ['{slot}'] }).scrape(UNSTOPPED)).toMatchObject({ canary: { requests: 180, errors: 64 } });
  });

  test('gets a secret header', async () => {
    page.behave(respond(200, csv(GREEN, BLUE)));
    await sourceOf({ secretRequestHeaders: { authorization: 'STATS' } }, { processEnv: { STATS: 'Basic YWRtaW46c2VjcmV0' } }).scrape(UNSTOPPED);
    expect(page.received[0].headers.authorization).toBe('Basic YWRtaW46c2VjcmV0');
  });

  test.each<[string, number, string, string]>([
    ['asks for credentials', 401, 'no', 'HAProxy does not accept the credentials (401). Check the value of the secret in secretRequestHeaders'],
    ['is not there', 404, 'no', 'HAProxy responds with 404 instead of its statistics'],
    ['is no CSV', 200, '<html>\n::error::x', 'this is no CSV of HAProxy\'s statistics: "<html>"'],
    ['is empty', 200, '', 'this is no CSV of HAProxy\'s statistics: ""'],
    ['has no such backend', 200, csv(OTHER), 'HAProxy has no backend "shop"'],
    ['has no such server', 200, csv(BLUE), 'HAProxy has no server "green" in the backend "shop"'],
    ['is of a backend of TCP', 200, csv({ server: 'green', values: { mode: 'tcp' } }, BLUE), 'the backend "shop" is in mode tcp: HAProxy counts responses in mode http'],
    ['has a counter that is empty', 200, csv({ server: 'green', values: { econ: '' } }, BLUE), 'the statistics of HAProxy have no econ ()'],
    ['has a counter that is no number', 200, csv({ server: 'green', values: { eresp: '1e3' } }, BLUE), 'the statistics of HAProxy have no eresp (1e3)'],
    ['lacks a column', 200, '# pxname,svname,stot,\nshop,green,1,\n', 'the statistics of HAProxy have no hrsp_2xx (no such column)'],
  ])('that %s says nothing about the release', async (_, status, body, problem) => {
    page.behave(respond(status, body));
    const found = await sourceOf().scrape(UNSTOPPED);
    expect(found).toEqual({ atMs: found.atMs, problem });
  });

  test('that hangs says nothing about the release', async () => {
    page.behave(hang);
    expect(await sourceOf({}, { manifest: { timeoutMs: 200 } }).scrape(UNSTOPPED)).toMatchObject({ problem: 'HAProxy does not respond within 200 ms' });
  });
});

describe('the runtime API', () => {
  let folder: string;
  let api: Server;
  let said: string[];
  let reply: (socket: Socket) => void;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'delivery-haproxy-'));
    said = [];
    api = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (text) => {
        said.push(String(text));
        reply(socket);
      });
    });
    await new Promise<void>((resolve) => void api.listen(join(folder, 'socket'), resolve));
  });
  afterEach(() => {
    api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is read on a UNIX socket', async () => {
    reply = (socket) => socket.end(csv(GREEN, BLUE));
    expect(await sourceOf({ socket: join(folder, 'socket') }).scrape(UNSTOPPED)).toMatchObject({ canary: { requests: 90, errors: 32 }, stable: { requests: 901, errors: 1 } });
    expect(said).toEqual(['show stat\n']);
  });

  test('that is not there, hangs, or breaks off says nothing about the release', async () => {
    expect(await sourceOf({ socket: join(folder, 'another') }).scrape(UNSTOPPED)).toMatchObject({ problem: expect.stringMatching(/^HAProxy does not respond \(.*ENOENT/) });
    expect(await sourceOf({ socket: '127.0.0.1:1' }).scrape(UNSTOPPED)).toMatchObject({ problem: 'HAProxy does not respond (connection refused)' });
    reply = () => undefined;
    expect(await sourceOf({ socket: join(folder, 'socket') }, { manifest: { timeoutMs: 200 } }).scrape(UNSTOPPED)).toMatchObject({ problem: 'HAProxy does not respond within 200 ms' });
    reply = (socket) => socket.end(csv(GREEN, BLUE).slice(0, 150));
    expect(await sourceOf({ socket: join(folder, 'socket') }).scrape(UNSTOPPED)).toMatchObject({ problem: expect.stringMatching(/^(HAProxy has no|the statistics of HAProxy have no|this is no CSV)/) });
  });

  test('that never stops is left', async () => {
    reply = (socket) => {
      const more = () => { while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 'x'))); };
      socket.on('drain', more);
      more();
    };
    expect(await sourceOf({ socket: join(folder, 'socket') }).scrape(UNSTOPPED)).toMatchObject({ problem: 'the response of HAProxy is longer than 8 MiB' });
  });

  test('is left at once when the scrape is interrupted', async () => {
    const end = new AbortController();
    reply = () => end.abort();
    await expect(sourceOf({ socket: join(folder, 'socket') }).scrape(end.signal)).rejects.toThrow(InterruptedError);
  });
});
