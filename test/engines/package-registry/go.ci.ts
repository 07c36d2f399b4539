/** Target.registry with a module of Go through the bundled runtime: the module proxy over HTTP, and a stand-in for go as a real process. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GoWorld } from './go-world';
import { REMEDY } from './package-world';
import { MODULE } from '../../../tools/package-registry-stand-in/go-stand-in';
import { PageFault, ToolFault } from '../../../tools/package-registry-stand-in/registry-stand-in';

let go: GoWorld;
afterEach(() => go.destroy());

const smoke = 'shop > "$REGISTRY_STAND_IN/smoked"; echo "token=${SHOP_TOKEN:-} $GONOSUMDB $GOFLAGS" >> "$REGISTRY_STAND_IN/smoked"; [ -f go.mod ]';

async function stable(settings: Parameters<typeof GoWorld.create>[0] = {}): Promise<void> {
  go = await GoWorld.create(settings);
  expect((await go.ship('1.0.0')).code).toBe(0);
  go.aws.forget();
}

async function isHalted({ code, output }: { readonly code: number | null; readonly output: string }, why: string): Promise<void> {
  expect(output).toContain(why);
  expect(output).toContain(`The target cannot take a release back. ${REMEDY}.`);
  expect([code, await go.lastState()]).toEqual([3, 'halted']);
}

async function isRefused({ code, output }: { readonly code: number | null; readonly output: string }, why: string): Promise<void> {
  expect(output).toContain(why);
  expect(output).toContain('Nothing was changed.');
  expect([code, await go.lastState()]).toEqual([2, 'stable']);
}

it('a version is got into an empty module and tested there, without secrets and without a trace; its sum is recorded', async () => {
  go = await GoWorld.create({ smoke });
  const { code, output } = await go.ship('1.0.0');
  expect(code).toBe(0);
  expect(output).toContain(`${MODULE} v1.0.0 (h1:1.0.0) is served by ${MODULE} on 127.0.0.1`);
  expect(go.aws.calls).toEqual(['version', 'download', 'get']);
  expect(readFileSync(join(go.world.root, 'machine/smoked'), 'utf8')).toBe('shop 1.0.0\ntoken= example.com/* -mod=mod -modcacherw\n');
  expect(go.aws.toolEnv).not.toContain('a-secret-of-the-shop');
  expect(go.aws.toolEnv).toContain(`GOPROXY=${go.aws.index.replace(/\/$/, '')}\0`);
  expect(readdirSync(go.temporary)).toEqual([]);
  await go.stands('v1.0.0');
});

it('a version is waited for until the proxy has it, which says why it does not, and until go finds it', async () => {
  await stable();
  const { code, output } = await go.shipLate('1.1.0');
  expect(code).toBe(0);
  expect(output).toContain(`the registry does not serve ${MODULE} v1.1.0 yet (not found: ${MODULE}@v1.1.0.info: invalid version: unknown revision); read the registry again in 1 s`);
  const next = await go.ship('1.2.0', 'good', { installs: null }, (line) => {
    if (line.includes('404 Not Found')) go.aws.installable('1.2.0');
  });
  expect(next.output).toContain('server response: not found');
  expect(next.code).toBe(0);
  await go.stands('v1.2.0');
});

it('a version that the list does not name yet is found by its name', async () => {
  await stable();
  go.aws.unlisted.add('1.1.0');
  expect((await go.ship('1.1.0')).code).toBe(0);
  await go.stands('v1.1.0');
});

it('a version that fails its smoke command is halted, and the next one rolls forward', async () => {
  await stable({ smoke: '[ "$DELIVERY_VERSION" != v1.1.0 ]' });
  await isHalted(await go.ship('1.1.0'), `the smoke command failed with ${MODULE} v1.1.0: exit code 1`);
  expect((await go.ship('1.2.0')).code).toBe(0);
  await go.stands('v1.2.0');
});

it('a version that differs from the checksum database is halted at once', async () => {
  await stable();
  go.aws.failTool('get', 'fails');
  await isHalted(await go.ship('1.1.0'), 'go get: ');
  expect(go.aws.calls.filter((call) => call === 'get')).toHaveLength(1);
});

it('a version that imports what is not there is halted with the name of it', async () => {
  await stable();
  go.aws.failTool('get', 'imports');
  await isHalted(await go.ship('1.1.0'), 'go get: go: example.com/Acme/shop imports example.com/Acme/missing: cannot find module providing package example.com/Acme/missing');
});

it('a version that the proxy made of another commit is halted before anything is installed', async () => {
  go = await GoWorld.create({ fromThisRepository: true });
  go.world.release('v1.0.0');
  go.aws.commits['1.0.0'] = 'b'.repeat(40);
  go.aws.publish('1.0.0');
  const { code, output } = await go.deploy('v1.0.0');
  expect(output).toContain(`${MODULE} v1.0.0 is in the registry with the commit bbbbbbbbbbbb..., and the release is the commit `);
  expect([code, await go.lastState(), go.aws.calls]).toEqual([3, 'halted', ['version']]);
  go.aws.commits['1.1.0'] = go.world.release('v1.1.0');
  go.aws.publish('1.1.0');
  expect((await go.deploy('v1.1.0')).code).toBe(0);
});

it('a version that its author retracted is halted, and one that is retracted later is reported', async () => {
  await stable();
  go.aws.goMods['1.1.0'] = 'retract v1.1.0 // it deletes files\n';
  await isHalted(await go.ship('1.1.0'), `${MODULE} v1.1.0 was withdrawn from the registry: it deletes files`);
  go.aws.goMods['1.2.0'] = 'retract [v1.0.0, v1.1.0]\n';
  expect((await go.ship('1.2.0')).code).toBe(0);
  await go.stands('v1.2.0');
  go.aws.goMods['1.3.0'] = 'retract (\n\t[v1.0.0, v1.2.0] // broken\n\tv1.3.0 // only retracts\n)\n';
  go.aws.publish('1.3.0');
  const { changedByHand, live } = await go.status();
  expect(live).toContain('no version');
  expect(changedByHand).toContain(`${MODULE} on 127.0.0.1`);
});

it('a process that is killed at go get leaves a release that is halted; the same one again is verified', async () => {
  await stable();
  go.aws.failTool('get', 'kills');
  await go.ship('1.1.0');
  expect((await go.deliver('rollback', 'production', '--recover')).code).toBe(3);
  expect((await go.deploy('v1.1.0')).code).toBe(0);
  await go.stands('v1.1.0');
});

it.each<[PageFault, PageFault, ToolFault]>([[429, 'resets', 'throttled'], [500, 503, 'unavailable']])('a proxy that responds with %s and %s, and go with %s, ends as without', async (first, second, how) => {
  await stable();
  go.aws.failPages(first, second);
  go.aws.failTool('get', how);
  expect((await go.ship('1.1.0')).code).toBe(0);
  await go.stands('v1.1.0');
});

it.each<[ToolFault, RegExp]>([['full', /no space left on device/], ['denied', /403 Forbidden/]])('what is not the release\'s fault (%s) halts and blocks nothing, and the same release is verified later', async (how, cause) => {
  await stable();
  go.aws.failTool('get', how);
  expect((await go.ship('1.1.0')).code).toBe(3);
  expect(await go.aftermath()).toMatchObject({ state: 'halted', cause: expect.stringMatching(cause), blocked: [] });
  expect((await go.deliver('deploy', 'production', '--release', 'v1.1.0')).code).toBe(0);
  await go.stands('v1.1.0');
});

it('nothing begins with a go that is too old, or with a proxy that needs a sign-in', async () => {
  await stable();
  go.aws.toolVersion = 'go version go1.20.14 linux/amd64';
  await isRefused(await go.ship('1.1.0'), 'Target.registry: Go 1.20.14 is too old. Install Go 1.21 or later in setupSteps (actions/setup-go)');
  go.aws.toolVersion = 'go version go1.24.3 linux/amd64';
  go.aws.failPages(...Array.from({ length: 30 }, () => 401));
  await isRefused(await go.deploy('v1.1.0'), 'must be readable without a sign-in');
  expect(go.aws.calls).toEqual(['version', 'version']);
});

it('nothing begins with a release that is named by another major version, or by its commit', async () => {
  await stable();
  await isRefused(await go.ship('2.0.0'), `which is no version of ${MODULE}. v2.0.0 is of the module ${MODULE}/v2: name it in Registry.go, and in go.mod`);
  const sha = go.world.commit('a change');
  await isRefused(await go.deploy(sha.slice(0, 7)), `which is no version of ${MODULE}. Name releases by their version`);
});

it('the highest version that is not retracted is live, prereleases only among prereleases', async () => {
  await stable();
  go.aws.publish('1.1.0-beta.0');
  expect((await go.status()).changedByHand).toBeUndefined();
  go.aws.publish('1.10.0');
  go.aws.publish('1.9.0');
  const { changedByHand, live } = await go.status();
  expect(live).toContain('v1.10.0, which no delivery published');
  expect(changedByHand).toContain('To keep what is live');
});
