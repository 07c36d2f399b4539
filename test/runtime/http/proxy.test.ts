/** Probes through real proxies on loopback, which lead made-up hosts to real services. */
import { HttpCheckManifest, PrometheusCheckManifest } from '../../../src/contract/manifest';
import { SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { streamRequest } from '../../../src/runtime/http/http-exchange';
import { proxyCredentials } from '../../../src/runtime/http/proxy';
import { controlled } from '../../../src/runtime/probing/control';
import { Observation } from '../../../src/runtime/probing/observation';
import { probe, ProbeTarget } from '../../../src/runtime/probing/probe';
import { probePrometheus } from '../../../src/runtime/probing/prometheus';
import { Release } from '../../../src/runtime/release';
import { LoopbackProxy, ProxyOptions } from '../../loopback-proxy';
import { respond, hang, json, MisbehavingServer, redirect } from '../../misbehaving-server';
import { healthCheck } from '../health-check-manifest';

const release: Release = { version: 'v1.2.3', sha: '0123456789abcdef0123456789abcdef01234567' };
const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
/** Names that no resolver knows: what responds there came through the proxy. */
const PLAIN = 'http://shop.invalid';
/** The name in a certificate of test/fixtures. */
const SECURE = 'https://elsewhere.example';

const before = { ...process.env };
let plain: MisbehavingServer;
let secure: MisbehavingServer;
let proxy: LoopbackProxy;

async function start(options: ProxyOptions = {}): Promise<LoopbackProxy> {
  const started = await LoopbackProxy.start({ hosts: { 'shop.invalid': plain.port, 'elsewhere.example': secure.port }, ...options });
  use(started.url);
  return started;
}

function use(url: string): void {
  process.env.HTTP_PROXY = url;
  process.env.HTTPS_PROXY = url;
}

beforeEach(async () => {
  for (const name of VARIABLES) delete process.env[name];
  [plain, secure] = await Promise.all([MisbehavingServer.start(), MisbehavingServer.start({ certificate: 'elsewhere' })]);
  proxy = await start();
});

afterEach(async () => {
  process.env = { ...before };
  await Promise.all([plain, secure, proxy].map((each) => each.stop()));
});

function look(url: string, check: Partial<HttpCheckManifest> = {}, target: Partial<ProbeTarget> = {}): Promise<Observation> {
  return probe(healthCheck({ url, timeoutMs: 5_000, ...check }), { release, env: {}, ca: MisbehavingServer.authority, ...target }, SYSTEM_CLOCK);
}

describe('a service that only a proxy reaches', () => {
  it.each([[`${PLAIN}/health?a=1`, `GET ${PLAIN}/health?a=1`], [`${SECURE}/health`, 'CONNECT elsewhere.example:443']])('%s is healthy', async (url, expected) => {
    expect(await look(url)).toMatchObject({ outcome: 'healthy', status: 200 });
    expect(proxy.requests).toEqual([expected]);
    const [service] = [plain, secure].filter(({ received }) => received.length > 0);
    expect(service!.received).toMatchObject([{ url: new URL(url).pathname + new URL(url).search, headers: { host: new URL(url).host } }]);
  });

  it.each(VARIABLES.filter((name) => !/no_proxy/i.test(name)))('is found by %s', async (name) => {
    for (const other of VARIABLES) delete process.env[other];
    process.env[name] = proxy.url;
    expect(await look(/https/i.test(name) ? SECURE : PLAIN)).toMatchObject({ outcome: 'healthy' });
  });

  it('is reached where the proxy has no scheme', async () => {
    use(proxy.name);
    expect(await look(SECURE)).toMatchObject({ outcome: 'healthy' });
    expect(await look(PLAIN)).toMatchObject({ outcome: 'healthy' });
  });

  it('its redirects go through the proxy, and each certificate is seen', async () => {
    secure.behave(redirect('/there'), respond(200));
    expect(await look(SECURE, { certificateExpiryMs: 1_000 })).toMatchObject({ outcome: 'healthy' });
    expect(proxy.requests).toEqual(['CONNECT elsewhere.example:443', 'CONNECT elsewhere.example:443']);
  });

  it.each([PLAIN, SECURE])('the proxy gets its credentials, and the service does not: %s', async (url) => {
    await proxy.stop();
    proxy = await start({ credentials: 'ci:p%40ss word'.replace(' ', '%20') });
    expect(await look(url)).toMatchObject({ outcome: 'healthy' });
    expect([...plain.received, ...secure.received].map(({ headers }) => headers['proxy-authorization'])).toEqual([undefined]);
  });
});

describe('what goes past the proxy', () => {
  it.each([
    ['*', 'shop.invalid'], ['shop.invalid', 'shop.invalid'], ['.invalid', 'shop.invalid'], ['*.invalid', 'shop.invalid'],
    ['other.example, shop.invalid:80', 'shop.invalid'], ['SHOP.INVALID', 'shop.invalid'],
  ])('NO_PROXY=%s names %s', async (names, host) => {
    process.env.NO_PROXY = names;
    expect(await look(`http://${host}`)).toMatchObject({ outcome: 'unreachable', saw: 'no such host' });
    expect(proxy.requests).toEqual([]);
  });

  it.each(['shop.invalid:8080', 'invalid', '.shop.invalid', '10.0.0.0/8', 'p.invalid'])('NO_PROXY=%s does not name shop.invalid', async (names) => {
    process.env.no_proxy = names;
    expect(await look(PLAIN)).toMatchObject({ outcome: 'healthy' });
  });

  it('loopback, also for candidates, unless it is configured', async () => {
    expect(await look(plain.url)).toMatchObject({ outcome: 'healthy' });
    expect(await look(PLAIN, {}, { url: plain.url })).toMatchObject({ outcome: 'healthy' });
    expect(await look(`http://localhost:${plain.port}`)).toMatchObject({ outcome: 'healthy' });
    expect(proxy.requests).toEqual([]);
    expect(await look(plain.url, { useProxy: true })).toMatchObject({ outcome: 'healthy' });
    expect(proxy.requests).toEqual([`GET ${plain.url}/`]);
  });

  it('a check with useProxy: false', async () => {
    expect(await look(PLAIN, { useProxy: false })).toMatchObject({ outcome: 'unreachable', saw: 'no such host' });
    expect(proxy.requests).toEqual([]);
  });
});

describe.each([PLAIN, SECURE])('a fault on the way to %s', (url) => {
  it('is no fault of the service where the proxy is not there, and the message names the proxy', async () => {
    await proxy.stop();
    expect(await look(url)).toMatchObject({ outcome: 'blind', saw: `cannot probe: the proxy ${proxy.name} cannot be reached (ECONNREFUSED)` });
  });

  it('is no fault of the service where the proxy wants other credentials, which are never shown', async () => {
    await proxy.stop();
    proxy = await start({ credentials: 'ci:right' });
    use(`http://ci:wrong-password@${proxy.name}`);
    const seen = await look(url);
    expect(seen).toMatchObject({ outcome: 'blind', saw: `cannot probe: the proxy ${proxy.name} requires other credentials (HTTP 407)` });
    expect(JSON.stringify(seen)).not.toContain('wrong-password');
  });

  it('counts as unreachable where the proxy gets no connection to the service', async () => {
    proxy.fault = { status: 502 };
    expect(await look(url)).toMatchObject({ outcome: 'unreachable' });
    proxy.fault = undefined;
    await Promise.all([plain, secure].map((each) => each.stop()));
    expect(await look(url)).toMatchObject({ outcome: 'unreachable' });
  });

  it('counts as unreachable if the proxy never responds; nothing lingers', async () => {
    proxy.fault = 'hang';
    expect(await look(url, { timeoutMs: 300 })).toMatchObject({ outcome: 'unreachable', saw: `no response within 300 ms through the proxy ${proxy.name}` });
    await proxy.deserted();
  });

  it('counts as unreachable where the connection is reset once the proxy has taken it', async () => {
    proxy.fault = 'reset';
    expect(await look(url)).toMatchObject({ outcome: 'unreachable', saw: 'connection reset' });
  });

  it.each(['socks5://127.0.0.1:1080', 'http://', 'http://%:x@127.0.0.1'])('is no fault of the service where the proxy is %s', async (named) => {
    use(named);
    const variable = url === PLAIN ? 'HTTP_PROXY' : 'HTTPS_PROXY';
    expect(await look(url)).toMatchObject({ outcome: 'blind', saw: expect.stringContaining(`cannot be used: set ${variable} to an address such as http://`) as string });
  });
});

it('a tunnel that the proxy forbids is no fault of the service', async () => {
  proxy.fault = { status: 403 };
  expect(await look(SECURE)).toMatchObject({ outcome: 'blind', saw: `cannot probe: the proxy ${proxy.name} refuses the connection (HTTP 403)` });
});

it('a response in the tunnel is that of the service', async () => {
  secure.behave(respond(407));
  expect(await look(SECURE)).toMatchObject({ outcome: 'unhealthy', status: 407 });
});

it('the control URL is probed through the proxy', async () => {
  plain.behave(hang);
  const prober = () => controlled((check, target) => probe(check, { env: {}, ...target }, SYSTEM_CLOCK), SECURE, SYSTEM_CLOCK);
  // its certificate is unknown, but something responded
  expect(await prober()(healthCheck({ url: PLAIN, timeoutMs: 500 }), { release })).toMatchObject({ outcome: 'unreachable' });
  expect(proxy.requests).toContain('CONNECT elsewhere.example:443');
  await secure.stop();
  expect(await prober()(healthCheck({ url: PLAIN, timeoutMs: 500 }), { release })).toMatchObject({ outcome: 'blind', saw: expect.stringContaining('the control URL does not respond either') as string });
});

it.each([PLAIN, SECURE])('a download comes through the proxy as it comes, and a proxy that refuses is named: %s', async (url) => {
  plain.behave(respond(200, 'the files'));
  secure.behave(respond(200, 'the files'));
  const question = { url: new URL(url), headers: {}, addressAttemptMs: 1_000, ca: MisbehavingServer.authority, signal: new AbortController().signal };
  const fetched = () => streamRequest(question, async ({ status }, body) => {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return `${status} ${Buffer.concat(chunks).toString()}`;
  });
  expect(await fetched()).toBe('200 the files');
  expect(proxy.requests).toEqual([url === PLAIN ? `GET ${PLAIN}/` : 'CONNECT elsewhere.example:443']);
  proxy.fault = { status: 407 };
  await expect(fetched()).rejects.toThrow(`the proxy ${proxy.name} requires other credentials (HTTP 407)`);
});

it('Prometheus is queried through the proxy, unless its check says otherwise', async () => {
  plain.behave(json({ status: 'success', data: { resultType: 'scalar', result: [0, '1'] } }));
  const check: PrometheusCheckManifest = {
    kind: 'prometheus',
    name: 'up',
    url: PLAIN,
    query: 'up',
    operator: '>',
    value: 0,
    secretRequestHeaders: {},
    intervalMs: 1_000,
    timeoutMs: 5_000,
    successThreshold: 1,
    failureThreshold: 1,
    deadlineMs: 5_000,
  };
  const { signal } = new AbortController();
  const probeOnce = (changes: Partial<PrometheusCheckManifest>) => probePrometheus({ ...check, ...changes }, { release, env: {} }, signal);
  expect(await probeOnce({})).toMatchObject({ outcome: 'healthy' });
  expect(await probeOnce({ useProxy: false })).toMatchObject({ outcome: 'blind', saw: expect.stringContaining('no such host') as string });
});

it('what stands before the @ of a proxy is a secret', () => {
  expect(proxyCredentials({ HTTPS_PROXY: 'http://ci:p%40ss@proxy:3128', http_proxy: 'token@proxy', ALL_PROXY: 'http://proxy:3128', NO_PROXY: 'a@b' }))
    .toEqual(['ci:p%40ss', 'ci:p@ss', 'p%40ss', 'p@ss', 'token', 'token', 'token', 'token']);
});
