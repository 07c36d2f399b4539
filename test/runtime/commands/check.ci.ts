/** Which health checks can fail, through the bundled runtime as a real process, against a real service on loopback. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { GroupCheckManifest, HealthCheckManifest, HttpCheckManifest, TcpCheckManifest } from '../../../src/contract/manifest';
import { healthCheck } from '../health-check-manifest';
import { World } from '../world';

interface PrintedCheck {
  readonly name: string;
  readonly notRehearsed?: string;
  readonly faults?: Readonly<Record<string, { readonly outcome: string }>>;
}

interface Printed {
  readonly environment: string;
  readonly checks: readonly PrintedCheck[];
  readonly findings: readonly { readonly check: string; readonly fault: string; readonly fix: string }[];
}

const HEALTH = JSON.stringify({ status: 'ok', build: [{ version: 'v1' }] });
const RESPONSES: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  '/health': (_, response) => response.setHeader('content-type', 'application/json').end(HEALTH),
  '/packed': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(HEALTH)),
  '/header': (_, response) => response.setHeader('x-release', 'v1').writeHead(204).end(),
  '/moved': (_, response) => response.writeHead(302, { location: '/health' }).end(),
  '/secret': ({ headers }, response) => response.writeHead(headers.authorization === 'opensesame' ? 200 : 401).end(HEALTH),
  '/page': (_, response) => response.end('<h1>The shop is healthy</h1>'),
  '/down': (_, response) => response.writeHead(503).end(),
};

const RELEASE: HttpCheckManifest['release'] = { kind: 'json', path: 'build[0].version' };
// for a busy machine: a response that does not come takes as long
const http = (name: string, path: string, given: Partial<HttpCheckManifest> = {}) => healthCheck({ name, url: `${url}${path}`, timeoutMs: 15_000, ...given });
const good = () => http('api', '/health', { release: RELEASE, maxLatencyMs: 14_000 });
const tcp = (): TcpCheckManifest => ({ ...http('port', ''), kind: 'tcp', address: { host: '127.0.0.1', port: Number(new URL(url).port) } });
const group = (kind: GroupCheckManifest['kind'], name: string, ...checks: HealthCheckManifest[]): GroupCheckManifest => ({ ...http(name, '', { timeoutMs: 20_000 }), kind, checks });

let url = '';

/** By the name of an environment: its health checks. All are rehearsed at the same time. */
const ENVIRONMENTS: Readonly<Record<string, () => HealthCheckManifest[]>> = {
  fine: () => [
    good(), http('packed', '/packed', { release: RELEASE }), http('header', '/header', { release: { kind: 'header', name: 'X-Release' } }),
    http('moved', '/moved', { release: RELEASE }), http('secret', '/secret', { release: RELEASE, secretRequestHeaders: { authorization: 'TOKEN' } }),
    group('allOf', 'both', good(), http('moved', '/moved', { release: RELEASE })),
  ],
  unnamed: () => [http('api', '/health', { json: [{ path: 'status', equals: 'ok' }] })],
  beside: () => [http('home', '/page', { bodyPattern: 'The shop is' }), good()],
  weak: () => [http('any', '/health', { status: [{ first: 200, last: 599 }], release: RELEASE }), http('word', '/page', { bodyPattern: 'healthy' }), http('status', '/page')],
  other: () => [good(), tcp(), group('anyOf', 'either', good(), tcp()), group('allOf', 'all', good(), tcp())],
  down: () => [http('api', '/down', { release: RELEASE })],
  watched: () => [good()],
  group: () => [group('anyOf', 'either', good(), http('any', '/health', { status: [{ first: 200, last: 599 }], release: RELEASE }))],
};

interface Rehearsed {
  readonly code: number | null;
  readonly text: string;
  readonly printed: Printed;
}

const rehearsed: Record<string, Rehearsed> = {};

beforeAll(async () => {
  const service = createServer((request, response) => RESPONSES[request.url!](request, response)).listen(0, '127.0.0.1');
  await once(service, 'listening');
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const world = await World.create('redeploy');
  const [environment] = world.manifest.environments;
  const environments = Object.entries(ENVIRONMENTS).map(([name, healthChecks]) => (
    { ...environment, name, healthChecks: healthChecks(), ...(name === 'watched' && { watchChecks: [http('home', '/page'), tcp()] }) }
  ));
  writeFileSync(join(world.root, '.projen/delivery.json'), JSON.stringify({ ...world.manifest, environments }));
  const run = (...args: string[]) => world.run(['check', ...args], { TOKEN: 'opensesame' });
  const [all] = await Promise.all([run('--json'), ...Object.keys(ENVIRONMENTS).map(async (name) => {
    const { code, output } = await run(name);
    rehearsed[name] = { code, text: output, printed: { environment: name, checks: [], findings: [] } };
  })]);
  expect(all.code).toBe(1);
  for (const printed of JSON.parse(all.output) as Printed[]) rehearsed[printed.environment] = { ...rehearsed[printed.environment], printed };
  await world.destroy();
  service.close();
});

const found = ({ findings }: Printed) => findings.map(({ check, fault }) => `${check}: ${fault}`);

test('checks that see each fault: nothing to do', () => {
  const { code, text, printed } = rehearsed.fine;
  const outcomes = (faults: Printed['checks'][number]['faults']) => Object.entries(faults ?? {}).map(([fault, { outcome }]) => `${fault}: ${outcome}`);
  // a response without a body ends with its headers, so its connection is reset
  expect(Object.fromEntries(printed.checks.map(({ name, faults }) => [name, outcomes(faults)]))).toEqual(Object.fromEntries(['api', 'packed', 'header', 'moved', 'secret', 'both'].map((name) => [name, [
    'stale: stale', 'another release: unhealthy', 'slow: unreachable', 'status 500: unhealthy', `truncated: ${name === 'header' ? 'unreachable' : 'unhealthy'}`, 'error page: unhealthy',
  ]])));
  expect(found(printed)).toEqual([]);
  expect(text.trim().split('\n').at(-1)).toBe('Nothing stays green: each check fails in each of these ways. Nothing to do.');
  expect(text).not.toContain('opensesame');
  expect(code).toBe(0);
});

test('a check without a release identity is named, unless another one of the environment has one', () => {
  const { unnamed: alone, beside } = rehearsed;
  expect(found(alone.printed)).toEqual(['api: stale', 'api: another release']);
  expect(alone.text).toContain('stays green: api, stale: it has no release identity. Set `release`');
  expect(alone.text.trim().split('\n').at(-1)).toBe('Next: change the checks of unnamed that stay green in .projenrc, run npx projen, and run this again.');
  expect(alone.code).toBe(1);
  expect(found(beside.printed)).toEqual([]);
  expect(beside.text).toContain('note: home does not see which release responds; api does.');
  expect(beside.code).toBe(0);
});

test('a check that accepts any status, one whose pattern fits an error page, and one with a status alone are named', () => {
  const { code, text, printed } = rehearsed.weak;
  expect(found(printed)).toEqual(['any: status 500', 'word: error page', 'status: error page']);
  expect(text).toContain('stays green: any, status 500: it accepts status 500.');
  expect(text).toContain('stays green: word, error page: its body pattern /healthy/ fits an error page, too.');
  expect(text).toContain('stays green: status, error page: it has no condition on the response but the status.');
  expect(code).toBe(1);
});

test('what no HTTP response changes is named, with what to do by hand', () => {
  const { code, text, printed } = rehearsed.other;
  expect(printed.checks.map(({ name, faults }) => [name, faults !== undefined])).toEqual([['api', true], ['port', false], ['either', false], ['all', true]]);
  expect(text).toContain('other: 2 of 4 health checks rehearsed');
  expect(text).toContain('not rehearsed: port (tcp): its bytes are no HTTP response: stop the service, or connect to a closed port.');
  expect(text.trim().split('\n').at(-1)).toBe('Nothing stays green. Next: try the 2 not rehearsed by hand, as described above.');
  expect(code).toBe(0);
});

test('what only the watch probes is rehearsed, too, and identifies no release for a deployment', () => {
  const { code, printed, text } = rehearsed.watched;
  expect(printed.checks.map(({ name, faults }) => [name, faults !== undefined])).toEqual([['api', true], ['home', true], ['port', false]]);
  expect(found(printed)).toEqual(['home: error page']);
  expect(text).toContain('note: home does not see which release responds; api does.');
  expect(code).toBe(1);
});

test('a service that is not healthy now is not rehearsed', () => {
  const { code, text } = rehearsed.down;
  expect(text).toContain('not rehearsed: api (http): it is not healthy now: 503 in ');
  expect(text.trim().split('\n').at(-1)).toMatch(/^Next: run this again when down is healthy\. If it is healthy, the check or its URL is wrong: api \(http.*\)\.$/);
  expect(code).toBe(1);
});

test('a group in which another member stays healthy is named', () => {
  const { printed } = rehearsed.group;
  expect(found(printed)).toEqual(['either: status 500']);
});
