import { HttpCheckManifest } from '../../../src/contract/manifest';
import { LocalService } from '../../../tools/rehearsal/local-service';
import { ReleaseKind } from '../../../tools/rehearsal/scenario';

const CHECK: HttpCheckManifest = {
  kind: 'http',
  name: 'health',
  url: 'http://127.0.0.1/check/0',
  intervalMs: 1,
  timeoutMs: 1,
  successThreshold: 1,
  failureThreshold: 1,
  deadlineMs: 1,
  status: [{ first: 200, last: 299 }],
  json: [{ path: 'checks.database', equals: 'up' }],
  headers: [{ name: 'x-app', pattern: '^rehearsed$' }],
  requestHeaders: {},
  secretRequestHeaders: {},
  maxRedirects: 0,
  release: { kind: 'json', path: 'build.version' },
};

let service: LocalService;

beforeEach(async () => {
  service = await LocalService.start('production');
  service.checks = new Map([['/check/0', CHECK]]);
});
afterEach(() => service.stop());

test('nothing responds to users until something is deployed', async () => {
  expect(await users()).toBe('reset');
});

test('without slots a deployed release is live at once', async () => {
  deploy('v1');
  expect(await users()).toBe('v1');
  deploy('v2');
  expect(await users()).toBe('v2');
});

test('a response has what the health check looks for', async () => {
  deploy('v1');
  const response = await fetch(`${service.usersUrl}/check/0`);
  expect(response.headers.get('x-app')).toBe('rehearsed');
  expect(await response.json()).toEqual({ rehearsed: true, build: { version: 'v1' }, checks: { database: 'up' } });
});

test('a check that identifies the release by a header gets it there', async () => {
  service.checks = new Map([['/check/0', { ...CHECK, release: { kind: 'header', name: 'x-version' } }]]);
  deploy('v1');
  expect((await fetch(`${service.usersUrl}/check/0`)).headers.get('x-version')).toBe('v1');
});

test('a slot is probed as a candidate, and users reach it once it is promoted', async () => {
  promote('v1', 'blue');
  deploy('v2', 'green');
  expect([await users(), await candidate('green'), await candidate('blue')]).toEqual(['v1', 'v2', 'v1']);
  promote('v2', 'green');
  expect(await users()).toBe('v2');
});

test('slots respond in the proportion of their weights', async () => {
  promote('v1', 'blue');
  deploy('v2', 'green');
  service.call('setWeight', { DELIVERY_VERSION: 'v2', DELIVERY_SLOT: 'green', DELIVERY_WEIGHT: '25' });
  const seen = [];
  for (let i = 0; i < 8; i++) seen.push(await users());
  expect(seen.filter((version) => version === 'v2')).toHaveLength(2);
  expect(service.commanded).toBe('v1');
});

test.each<[ReleaseKind, string, string]>([
  ['good', 'v2', 'v2'],
  ['bad', '500', 'v2'],
  ['stale', 'v1', 'v1'],
  ['crash', 'reset', 'reset'],
])('a release that is %s: users get %s, a probe of the candidate %s', async (kind, seen, probed) => {
  promote('v1', 'blue');
  service.setKind('v2', kind);
  deploy('v2', 'green');
  expect(await candidate('green')).toBe(probed);
  promote('v2', 'green');
  expect(await users()).toBe(seen);
});

test('a release that flaps: each third response is a fault', async () => {
  service.setKind('v1', 'flapping');
  deploy('v1');
  expect([await users(), await users(), await users(), await users()]).toEqual(['v1', 'v1', '500', 'v1']);
});

test('requests of users do not decide which responses a health check gets of a release that flaps', async () => {
  service.setKind('v1', 'flapping');
  deploy('v1');
  const probed = [];
  for (let i = 0; i < 3; i++) {
    probed.push(await users());
    await fetch(`${service.usersUrl}/`);
    await fetch(`${service.usersUrl}/`);
  }
  expect(probed).toEqual(['v1', 'v1', '500']);
});

test('a call that fails changes nothing', async () => {
  deploy('v1');
  service.onCall = () => 'fails';
  expect(service.call('deploy', { DELIVERY_VERSION: 'v2' }).ok).toBe(false);
  expect(await users()).toBe('v1');
  expect(service.calls.map(({ failed, version }) => [version, failed])).toEqual([['v1', false], ['v2', true]]);
});

function deploy(version: string, slot?: string): void {
  service.call('deploy', { DELIVERY_VERSION: version, ...(slot && { DELIVERY_SLOT: slot }) });
}

function promote(version: string, slot: string): void {
  if (!service.calls.some((call) => call.version === version)) deploy(version, slot);
  service.call('promote', { DELIVERY_VERSION: version, DELIVERY_SLOT: slot });
}

const users = () => servedBy(`${service.usersUrl}/check/0`);
const candidate = (slot: string) => servedBy(`${service.candidateUrl}/slot-${slot}/check/0`);

/** The version, or what came instead of it. */
async function servedBy(url: string): Promise<string> {
  const response = await fetch(url, { headers: { connection: 'close' } }).catch(() => undefined);
  if (!response) return 'reset';
  return response.ok ? ((await response.json()) as { build: { version: string } }).build.version : String(response.status);
}
