import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { HttpCheckManifest } from '../../../src/contract/manifest';
import { SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { InterruptedError } from '../../../src/runtime/errors';
import { Observation } from '../../../src/runtime/probing/observation';
import { probe, ProbeTarget } from '../../../src/runtime/probing/probe';
import { Release } from '../../../src/runtime/release';
import {
  respond, breakOff, CertificateName, flood, hang, hangUp, json, MisbehavingServer, raw, redirect, reset, slow, trickle,
} from '../../misbehaving-server';
import { healthCheck } from '../health-check-manifest';

const release: Release = { version: 'v1.2.3', sha: '0123456789abcdef0123456789abcdef01234567' };
const byJson = { kind: 'json', path: 'version' } as const;
const MiB = 1024 * 1024;

const servers: MisbehavingServer[] = [];
let server: MisbehavingServer;

async function start(certificate?: CertificateName): Promise<MisbehavingServer> {
  const started = await MisbehavingServer.start({ certificate });
  servers.push(started);
  return started;
}

beforeEach(async () => {
  server = await start();
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((each) => each.stop()));
});

function look(check: Partial<HttpCheckManifest> = {}, target: Partial<ProbeTarget> = {}, signal?: AbortSignal): Promise<Observation> {
  return probe(healthCheck({ url: `${server.url}/health`, ...check }), { release, env: {}, ...target }, SYSTEM_CLOCK, signal);
}

/** A busy machine needs it for the beginning of a response; what does not end takes all of it. */
const BEGINS_WITHIN_MS = 2_000;

describe('a probe of a service that responds', () => {
  test('is healthy when the status is one of those accepted', async () => {
    expect(await look()).toMatchObject({ outcome: 'healthy', status: 200, saw: expect.stringMatching(/^200 in \d+ ms$/) });
  });

  test('says when it began and ended', async () => {
    server.behave(slow(50, respond(200)));
    const before = Date.now();
    const { startedAt, endedAt, latencyMs } = await look();
    expect(startedAt).toBeGreaterThanOrEqual(before);
    expect(endedAt).toBeLessThanOrEqual(Date.now());
    expect(endedAt - startedAt).toBeGreaterThanOrEqual(45);
    expect(latencyMs).toBeGreaterThanOrEqual(45);
  });

  test.each([500, 404, 401, 418, 199 + 200])('is unhealthy when the status is %i', async (status) => {
    server.behave(respond(status));
    expect(await look()).toMatchObject({ outcome: 'unhealthy', status, saw: expect.stringMatching(new RegExp(`^${status} in \\d+ ms$`)) });
  });

  test.each([502, 503, 504])('counts a gateway that responds with %i as unreachable', async (status) => {
    server.behave(respond(status));
    expect(await look()).toMatchObject({ outcome: 'unreachable', status });
  });

  test('takes 503 for a response when that is the status the check wants', async () => {
    server.behave(respond(503));
    expect(await look({ status: [{ first: 503, last: 503 }] })).toMatchObject({ outcome: 'healthy' });
  });

  test('accepts several ranges of status, both ends included', async () => {
    const status = [{ first: 200, last: 204 }, { first: 401, last: 401 }];
    server.behave(respond(204), respond(401), respond(205));
    expect([await look({ status }), await look({ status }), await look({ status })].map(({ outcome }) => outcome)).toEqual(['healthy', 'healthy', 'unhealthy']);
  });

  test('is unhealthy when the response takes longer than allowed', async () => {
    server.behave(slow(80, respond(200)));
    expect(await look({ maxLatencyMs: 30 })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringMatching(/, slower than 30 ms$/) });
    expect(await look({ maxLatencyMs: 4_000 })).toMatchObject({ outcome: 'healthy' });
  });
});

describe('a probe with conditions on the body', () => {
  test('is unhealthy when a 200 carries an error', async () => {
    server.behave(respond(200, 'Error: no database'));
    expect(await look({ bodyPattern: '^ok$' })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('the body does not match /^ok$/') });
  });

  test('is healthy when the body matches', async () => {
    server.behave(respond(200, 'all is ok here'));
    expect(await look({ bodyPattern: '\\bok\\b' })).toMatchObject({ outcome: 'healthy' });
  });

  test('gives up a pattern that would take years', async () => {
    server.behave(respond(200, `${'a'.repeat(100)}b`));
    expect(await look({ bodyPattern: '^(a+)+$' })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('the body pattern took longer than 250 ms') });
  });

  test.each([
    ['an own value', 'status', 'up', 'healthy', ''],
    ['a nested value', 'checks.database', true, 'healthy', ''],
    ['an element of a list', 'nodes.1.load', 0.5, 'healthy', ''],
    ['an element in brackets', 'nodes[1].load', 0.5, 'healthy', ''],
    ['another value', 'status', 'down', 'unhealthy', 'status is "up", not "down"'],
    ['a value of another type', 'checks.database', 'true', 'unhealthy', 'checks.database is true, not "true"'],
    ['a value that is not there', 'checks.cache', true, 'unhealthy', 'the body has no checks.cache'],
    ['what every list has', 'nodes.length', 2, 'unhealthy', 'the body has no nodes.length'],
    ['what every object inherits', 'constructor.name', 'Object', 'unhealthy', 'the body has no constructor.name'],
    ['what every object can', 'toString', 'x', 'unhealthy', 'the body has no toString'],
    ['a whole object', 'checks', 'up', 'unhealthy', 'checks is an object, not "up"'],
    ['null', 'nothing', 'up', 'unhealthy', 'nothing is null, not "up"'],
  ] as const)('holds %s against its JSON condition', async (_, path, equals, outcome, saw) => {
    server.behave(json({ status: 'up', checks: { database: true }, nodes: [{ load: 1 }, { load: 0.5 }], nothing: null }));
    expect(await look({ json: [{ path, equals }] })).toMatchObject({ outcome, saw: expect.stringContaining(saw) });
  });

  test.each([['HTML', '<html>'], ['nothing', ''], ['half a document', '{"status":']])('is unhealthy when the body is %s instead of JSON', async (_, body) => {
    server.behave(respond(200, body));
    expect(await look({ json: [{ path: 'status', equals: 'up' }] })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('the body is not JSON') });
  });

  test.each([['lists', '[', ']'], ['objects', '{"a":', '}']])('survives JSON of 100,000 %s in one another', async (_, open, close) => {
    server.behave(respond(200, `${open.repeat(100_000)}1${close.repeat(100_000)}`));
    expect(await look({ json: [{ path: 'a.b', equals: 1 }] })).toMatchObject({ outcome: 'unhealthy' });
  });

  test('reads a body with a byte order mark and characters beyond ASCII', async () => {
    server.behave(respond(200, '\uFEFF{"status":"läuft 🚀"}'));
    expect(await look({ json: [{ path: 'status', equals: 'läuft 🚀' }] })).toMatchObject({ outcome: 'healthy' });
  });

  test('requests a body that is not compressed', async () => {
    await look();
    expect(server.received[0].headers['accept-encoding']).toBe('identity');
  });

  test.each([
    ['gzip', gzipSync], ['deflate', deflateSync], ['br', brotliCompressSync],
  ] as const)('reads a body that is compressed with %s nevertheless', async (encoding, compress) => {
    server.behave(respond(200, compress('{"status":"up"}'), { 'content-encoding': encoding }));
    expect(await look({ json: [{ path: 'status', equals: 'up' }] })).toMatchObject({ outcome: 'healthy' });
  });

  test('does not unpack a small body into more than it would read', async () => {
    server.behave(respond(200, gzipSync(Buffer.alloc(50 * MiB)), { 'content-encoding': 'gzip' }));
    expect(await look({ bodyPattern: '.' })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('longer than 1 MiB') });
  });

  test('is unhealthy if the body does not match its header, or has an unexpected encoding', async () => {
    server.behave(respond(200, 'plain', { 'content-encoding': 'gzip' }), respond(200, 'plain', { 'content-encoding': 'zstd' }));
    expect(await look({ bodyPattern: 'plain' })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('the body is not gzip') });
    expect(await look({ bodyPattern: 'plain' })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('the body is encoded as "zstd"') });
  });
});

describe('a probe of a body of 1 GB', () => {
  test('checks the status, and does not read the body', async () => {
    server.behave(flood(1024 * MiB));
    const before = process.memoryUsage().rss;
    expect((await look()).outcome).toBe('healthy');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MiB);
    await server.deserted();
  });

  test('is unhealthy when a condition would need the whole of it', async () => {
    server.behave(flood(1024 * MiB));
    const saw = expect.stringContaining('the body is longer than 1 MiB, too long for a condition on it');
    expect(await look({ bodyPattern: '^x' })).toMatchObject({ outcome: 'unhealthy', saw });
    expect(await look({ json: [{ path: 'status', equals: 'up' }] })).toMatchObject({ outcome: 'unhealthy', saw });
    expect(await look({ release: byJson })).toMatchObject({ outcome: 'unhealthy', saw });
  });

  test('takes a body of exactly 1 MiB for a whole one', async () => {
    server.behave(flood(MiB));
    expect(await look({ bodyPattern: 'x$' })).toMatchObject({ outcome: 'healthy' });
  });
});

describe('a probe with conditions on the headers', () => {
  test('is healthy when every header matches, whatever its case', async () => {
    server.behave(respond(200, '', { 'Content-Type': 'text/html', 'X-Ready': 'yes' }));
    const headers = [{ name: 'content-type', pattern: '^text/' }, { name: 'X-READY', pattern: '^yes$' }];
    expect(await look({ headers })).toMatchObject({ outcome: 'healthy' });
  });

  test('is unhealthy when one is missing or does not match', async () => {
    server.behave(respond(200, '', { 'X-Ready': 'no' }));
    expect(await look({ headers: [{ name: 'X-Ready', pattern: '^yes$' }] })).toMatchObject({
      outcome: 'unhealthy', saw: expect.stringContaining('header X-Ready is "no", which does not match /^yes$/'),
    });
    expect(await look({ headers: [{ name: 'X-Other', pattern: '' }] })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('no header X-Other') });
  });
});

describe('a probe with a release identity', () => {
  test.each([
    ['the version', 'v1.2.3'], ['the version without its v', '1.2.3'], ['the sha', release.sha], ['seven digits of the sha', '0123456'],
  ])('is healthy when the body names %s', async (_, version) => {
    server.behave(json({ version }));
    expect(await look({ release: byJson })).toMatchObject({ outcome: 'healthy', release: version, saw: expect.stringMatching(new RegExp(`^200 in \\d+ ms, ${version}$`)) });
  });

  test('is stale when the release that is replaced responds, and says which', async () => {
    server.behave(json({ version: '1.2.2' }));
    expect(await look({ release: byJson }, { replaced: [{ version: 'v1.2.2', sha: '' }] })).toMatchObject({
      outcome: 'stale', status: 200, release: '1.2.2', saw: expect.stringMatching(/^200 in \d+ ms, 1\.2\.2 responded instead of v1\.2\.3$/),
    });
  });

  test('is unhealthy when a third release responds', async () => {
    server.behave(json({ version: '1.2.1' }));
    for (const replaced of [undefined, [], [{ version: 'v1.2.2', sha: '' }]]) {
      expect(await look({ release: byJson }, { replaced })).toMatchObject({
        outcome: 'unhealthy', release: '1.2.1', saw: expect.stringContaining('1.2.1 responded instead of v1.2.3'),
      });
    }
  });

  test('is stale when any other release responds for a candidate: what its slot held before is not recorded', async () => {
    server.behave(json({ version: '1.2.1' }));
    expect(await look({ release: byJson }, { url: server.url })).toMatchObject({ outcome: 'stale', release: '1.2.1' });
  });

  test('finds the release in a header', async () => {
    server.behave(respond(200, '', { 'x-release': 'v1.2.3' }), respond(200, '', { 'x-release': 'v1.2.2' }));
    const check = { release: { kind: 'header', name: 'X-Release' } as const };
    expect(await look(check)).toMatchObject({ outcome: 'healthy', release: 'v1.2.3' });
    expect(await look(check)).toMatchObject({ outcome: 'unhealthy', release: 'v1.2.2' });
  });

  test('is unhealthy when a response names none', async () => {
    server.behave(json({ name: 'shop' }));
    expect(await look({ release: byJson })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('does not name its release: no version in the body') });
  });

  test('is unhealthy, not stale, when another release responds badly', async () => {
    server.behave(json({ version: '1.2.2' }, 500));
    expect(await look({ release: byJson })).toMatchObject({ outcome: 'unhealthy' });
  });

  test('is stale when the release that is replaced responds badly: that is no fault of the new release', async () => {
    const replaced = [{ version: 'v1.2.2', sha: '' }];
    server.behave(json({ version: '1.2.2' }, 500));
    expect(await look({ release: byJson }, { replaced })).toMatchObject({ outcome: 'stale', release: '1.2.2', saw: expect.stringMatching(/^500 in \d+ ms, 1\.2\.2 responded instead of v1\.2\.3$/) });
    server.behave(json({ version: '1.2.2', status: 'down' }));
    expect(await look({ release: byJson, json: [{ path: 'status', equals: 'up' }] }, { replaced })).toMatchObject({ outcome: 'stale' });
    server.behave(json({ version: '1.2.3' }, 500), json({ version: '1.2.1' }, 500), respond(500, 'no JSON'), json({ version: '1.2.2' }, 503));
    for (const outcome of ['unhealthy', 'unhealthy', 'unhealthy', 'unreachable']) expect(await look({ release: byJson }, { replaced })).toMatchObject({ outcome });
  });

  test('bypasses caches', async () => {
    await look();
    expect(server.received[0].headers).toMatchObject({ 'cache-control': 'no-cache, no-store', 'pragma': 'no-cache', 'user-agent': expect.stringMatching(/^projen-delivery\/\d/) });
  });

  test('opens a connection of its own each time, so that it sees a switch', async () => {
    await look();
    await server.deserted();
    await look();
    expect(server.received.map(({ headers }) => headers.connection)).toEqual(['close', 'close']);
  });
});

describe('a probe of a service that does not respond', () => {
  test('is unreachable when the connection is refused', async () => {
    const url = `${server.url}/health`;
    await server.stop();
    expect(await look({ url })).toMatchObject({ outcome: 'unreachable', saw: 'connection refused' });
  });

  test('is unreachable when every address of the host refuses', async () => {
    const url = `http://localhost:${server.port}/health`;
    await server.stop();
    expect(await look({ url })).toMatchObject({ outcome: 'unreachable', saw: 'connection refused' });
  });

  test.each([['reset', reset, 'connection reset'], ['closed', hangUp, 'connection closed without a response']] as const)(
    'is unreachable when the connection is %s', async (_, behaviour, saw) => {
      server.behave(behaviour);
      expect(await look()).toMatchObject({ outcome: 'unreachable', saw });
    });

  test('is unreachable without a response in time', async () => {
    server.behave(hang);
    expect(await look({ timeoutMs: 100 })).toMatchObject({ outcome: 'unreachable', saw: 'no response within 100 ms' });
    await server.deserted();
  });

  test('counts redirects towards its time', async () => {
    server.behave(slow(80, redirect('/1')), slow(80, redirect('/2')), slow(80, respond(200)));
    expect(await look({ timeoutMs: 200 })).toMatchObject({ outcome: 'unreachable', saw: 'no response within 200 ms' });
  });
});

describe('a probe of a response that does not end', () => {
  test('is unhealthy when the body trickles for ever', async () => {
    server.behave(trickle(10));
    expect(await look({ timeoutMs: BEGINS_WITHIN_MS })).toMatchObject({ outcome: 'unhealthy', status: 200, saw: '200, but its body did not end within 2 s' });
    await server.deserted();
  });

  test('is unhealthy when the connection breaks off in the body', async () => {
    server.behave(breakOff);
    expect(await look()).toMatchObject({ outcome: 'unhealthy', status: 200, saw: '200, but the connection broke off in the body' });
  });

  test('counts a gateway whose body does not end as unreachable', async () => {
    server.behave(trickle(10, 503));
    expect(await look({ timeoutMs: BEGINS_WITHIN_MS })).toMatchObject({ outcome: 'unreachable', status: 503 });
  });

  test('is unhealthy when the response is not HTTP', async () => {
    server.behave(raw('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(await look()).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('the response is not HTTP') });
  });

  test('is unhealthy when the headers are too long', async () => {
    server.behave(raw(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(100_000)}\r\n\r\n`));
    expect(await look()).toMatchObject({ outcome: 'unhealthy' });
  });
});

describe('a probe that is redirected', () => {
  test('checks the response after redirects', async () => {
    server.behave(redirect('/there?page=1', 301), respond(200, 'arrived'));
    expect(await look({ bodyPattern: 'arrived' })).toMatchObject({ outcome: 'healthy', status: 200 });
    expect(server.received.map(({ url }) => url)).toEqual(['/health', '/there?page=1']);
  });

  test('takes a redirect for the response when that is the status the check wants', async () => {
    server.behave(redirect('/login'));
    expect(await look({ status: [{ first: 302, last: 302 }] })).toMatchObject({ outcome: 'healthy', status: 302 });
    expect(server.received).toHaveLength(1);
  });

  test('is unhealthy when it is led in a circle', async () => {
    server.behave(redirect('/a'), redirect('/b'), redirect('/a'));
    expect(await look({ maxRedirects: 20 })).toMatchObject({ outcome: 'unhealthy', status: 302, saw: expect.stringContaining('redirects in a circle') });
  });

  test('is unhealthy when it is led on and on', async () => {
    let page = 0;
    server.behave((request, response) => redirect(`/${page += 1}`)(request, response));
    expect(await look({ maxRedirects: 3 })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('redirects more than 3 times') });
    expect(server.received).toHaveLength(4);
  });

  test('is unhealthy when no redirect is allowed', async () => {
    server.behave(redirect('/a'));
    expect(await look({ maxRedirects: 0 })).toMatchObject({ outcome: 'unhealthy' });
    expect(server.received).toHaveLength(1);
  });

  test.each([['file:///etc/passwd', 'redirects to file:'], ['http://', 'redirects to what is no URL']])('is unhealthy when it is led to %s', async (location, saw) => {
    server.behave(redirect(location));
    expect(await look()).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining(saw) });
  });

  test('shows neither the query nor the credentials of where it is led', async () => {
    server.behave(redirect('http://someone:pass-word@127.0.0.1:1/there?token=topsecret#topsecret'));
    const { saw } = await look({ maxRedirects: 0 });
    expect(saw).toContain('http://127.0.0.1:1/there');
    expect(saw).not.toMatch(/pass-word|topsecret/);
  });

  test('sends no credentials that a redirect names', async () => {
    server.behave(redirect(`${server.url.replace('//', '//someone:pass@')}/there`), respond(200));
    await look();
    expect(server.received[1].headers).not.toHaveProperty('authorization');
  });

  test('does not wait for the body of a redirect', async () => {
    server.behave((request, response) => {
      response.setHeader('location', '/there');
      trickle(10, 302)(request, response);
    }, respond(200));
    expect(await look({ timeoutMs: 2_000 })).toMatchObject({ outcome: 'healthy', status: 200 });
  });

  test('does not follow from https to http', async () => {
    const tls = await start('valid');
    tls.behave(redirect(`${server.url}/health`));
    expect(await look({ url: `${tls.url}/health` }, { ca: MisbehavingServer.authority })).toMatchObject({
      outcome: 'unhealthy', saw: `302, redirects from https to ${server.url}/health`,
    });
    expect(server.received).toEqual([]);
  });
});

describe('a probe with request headers', () => {
  const secret = { secretRequestHeaders: { 'X-Probe-Token': 'PROBE_TOKEN' } };
  const env = { PROBE_TOKEN: 'Bearer s3cr3t-value' };

  test('sends them, the secret ones from the environment', async () => {
    await look({ requestHeaders: { 'User-Agent': 'mine', 'X-Who': 'delivery' }, ...secret }, { env: { PROBE_TOKEN: ' Bearer s3cr3t-value\n' } });
    expect(server.received[0].headers).toMatchObject({ 'user-agent': 'mine', 'x-who': 'delivery', 'x-probe-token': 'Bearer s3cr3t-value' });
  });

  test('keeps secrets and identity from another origin, also after it leads back', async () => {
    const other = await start();
    server.behave(redirect(`${other.url}/elsewhere`), respond(200));
    other.behave(redirect(`${server.url}/back`));
    await look({ requestHeaders: { 'Authorization': 'Basic abc', 'Cookie': 'session=1', 'Host': 'shop.example', 'X-Who': 'delivery' }, ...secret }, { env });
    expect(server.received[0].headers).toMatchObject({ 'x-probe-token': 'Bearer s3cr3t-value', 'authorization': 'Basic abc', 'host': 'shop.example' });
    for (const { headers } of [other.received[0], server.received[1]]) {
      expect(headers).toMatchObject({ 'x-who': 'delivery', 'host': expect.stringContaining('127.0.0.1') });
      expect(headers).not.toHaveProperty('x-probe-token');
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('cookie');
    }
  });

  test('sends them along to the same origin', async () => {
    server.behave(redirect('/there'), respond(200));
    await look(secret, { env });
    expect(server.received[1].headers).toMatchObject({ 'x-probe-token': 'Bearer s3cr3t-value' });
  });

  test.each([{}, { PROBE_TOKEN: '' }])('is blind without the value of a secret, and sends no request', async (without) => {
    expect(await look(secret, { env: without })).toMatchObject({ outcome: 'blind', saw: 'cannot probe: the secret PROBE_TOKEN for header X-Probe-Token has no value' });
    expect(server.received).toEqual([]);
  });

  test('cannot probe with a secret that is no header value, and does not show it', async () => {
    const { outcome, saw } = await look(secret, { env: { PROBE_TOKEN: 's3cr3t\r\nX-Forged: 1' } });
    expect({ outcome, saw }).toEqual({ outcome: 'blind', saw: 'cannot probe: the value for request header x-probe-token holds characters that HTTP does not allow' });
  });

  test('shows no secret that a service sends back', async () => {
    const check = { ...secret, json: [{ path: 'token', equals: 'other' }], headers: [] };
    server.behave((request, response) => json({ token: request.headers['x-probe-token'] })(request, response));
    expect((await look(check, { env })).saw).toContain('token is "***", not "other"');
    server.behave(json({ token: 's3cr3t-\u200bvalue' }));
    expect((await look(check, { env })).saw).not.toContain('s3cr3t-value');
    server.behave(json({ version: 's3cr3t-value' }));
    const seen = await look({ ...secret, release: byJson }, { env });
    expect(seen.release).toBe('***');
    expect(JSON.stringify(seen)).not.toContain('s3cr3t');
  });
});

describe('a probe of a candidate', () => {
  test('probes the candidate for the path and query of the check', async () => {
    const candidate = await start();
    await look({ url: 'https://www.example.com/health?deep=1' }, { url: `${candidate.url}/green/` });
    expect(candidate.received.map(({ url }) => url)).toEqual(['/green/health?deep=1']);
  });

  test('is unhealthy when the candidate leads elsewhere: that was not the candidate', async () => {
    const candidate = await start();
    candidate.behave(redirect(`${server.url}/health`));
    expect(await look({}, { url: candidate.url })).toMatchObject({ outcome: 'unhealthy', saw: `302, the candidate redirects to ${server.url}/health, which is not the candidate` });
    expect(server.received).toEqual([]);
  });

  test.each(['green', 'file:///tmp', ''])('is unhealthy when "%s" is named as the candidate', async (url) => {
    expect(await look({}, { url })).toMatchObject({ outcome: 'unhealthy', saw: `the candidate URL "${url}" is no http:// or https:// URL` });
  });
});

describe('a probe over TLS', () => {
  const target = { ca: MisbehavingServer.authority };

  test('is healthy when the certificate is valid', async () => {
    server = await start('valid');
    expect(await look({}, target)).toMatchObject({ outcome: 'healthy' });
  });

  test.each([
    ['has expired', 'expired', 'the certificate has expired'],
    ['is for another host', 'elsewhere', 'the certificate is for another host'],
  ] as const)('is unhealthy when the certificate %s', async (_, certificate, saw) => {
    server = await start(certificate);
    expect(await look({}, target)).toMatchObject({ outcome: 'unhealthy', saw });
  });

  test('is unhealthy with a certificate of an unknown authority', async () => {
    server = await start('valid');
    expect(await look()).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('the certificate') });
  });

  test('is unhealthy when the certificate expires sooner than allowed', async () => {
    server = await start('valid');
    const year = 365 * 24 * 3600 * 1000;
    expect(await look({ certificateExpiryMs: 1_000 * year }, target)).toMatchObject({
      outcome: 'unhealthy', saw: expect.stringMatching(/^200 in \d+ ms, the certificate expires 2999-01-01$/),
    });
    expect(await look({ certificateExpiryMs: 100 * year }, target)).toMatchObject({ outcome: 'healthy' });
  });

  test('is unhealthy if the service does not use TLS', async () => {
    expect(await look({ url: server.url.replace('http:', 'https:') })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringMatching(/^TLS failed/) });
  });
});

describe('a probe of a service that wants to forge the log', () => {
  test.each([
    ['a command', '::set-output name=go::true'],
    ['an end of commands', '::stop-commands::token'],
    ['a command after a line break', 'v9\n::error::forged'],
    ['a carriage return', 'v9\r::error::forged'],
    ['a colour', '\u001b[31mred\u001b[0m'],
    ['an older command', 'x ##[add-mask]v1.2.3'],
    ['an Unicode line break', 'v9\u2028::error::forged'],
    ['a change of direction', 'v9\u202Egnp.exe'],
  ])('shows %s in the body as one harmless line', async (_, version) => {
    server.behave(json({ version }));
    const seen = await look({ release: byJson, json: [] });
    for (const text of [seen.saw, seen.release ?? '']) {
      // eslint-disable-next-line no-control-regex -- control characters are what this is about
      expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]|^\s*::|##\[/);
      expect(text.length).toBeLessThanOrEqual(160);
    }
    expect(seen.outcome).toBe('unhealthy');
  });

  test('shows a header in the same way', async () => {
    server.behave(raw('HTTP/1.1 200 OK\r\nx-ready: ::stop-commands::\u001b[2Jx\r\ncontent-length: 0\r\n\r\n'));
    const { outcome, saw } = await look({ headers: [{ name: 'x-ready', pattern: '^yes$' }] });
    expect(outcome).toBe('unhealthy');
    // eslint-disable-next-line no-control-regex -- control characters are what this is about
    expect(saw).not.toMatch(/[\u0000-\u001f]|^::/);
  });

  test('shows only the beginning of a long one', async () => {
    server.behave(json({ version: 'x'.repeat(500_000) }));
    const { saw } = await look({ release: byJson });
    expect(saw).toMatch(/x…+ responded instead of v1\.2\.3$/);
  });
});

describe('a probe that is interrupted', () => {
  test('rejects at once and closes its connection', async () => {
    const stop = new AbortController();
    server.behave(() => stop.abort());
    await expect(look({}, {}, stop.signal)).rejects.toThrow(InterruptedError);
    await server.deserted();
  });

  test('rejects at once in the middle of a body', async () => {
    const stop = new AbortController();
    server.behave((_, response) => {
      response.writeHead(200);
      response.write('the beginning', () => setImmediate(() => stop.abort()));
    });
    await expect(look({}, {}, stop.signal)).rejects.toThrow(InterruptedError);
    await server.deserted();
  });

  test('sends no probe if it was interrupted before', async () => {
    await expect(look({}, {}, AbortSignal.abort())).rejects.toThrow(InterruptedError);
    expect(server.received).toEqual([]);
  });
});
