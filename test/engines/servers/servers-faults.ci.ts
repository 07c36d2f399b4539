/** Target.servers with hosts that are not reached, are lost in the middle, refuse, fill up, or do not start the service any more. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServersWorld } from './servers-world';
import { FaultyCall } from '../../../tools/ssh-stand-in/stand-in';

let shop: ServersWorld;
afterEach(() => shop.world.destroy());

async function stable(): Promise<void> {
  shop = await ServersWorld.create();
  expect((await shop.ship('v1.0.0')).code).toBe(0);
}

it('connections that are lost at each change, before, in the middle and after it: the release ends as without', async () => {
  await stable();
  const calls = ['claim', 'upload', 'unpack', 'switch', 'restart', 'runs'];
  shop.aws.fails(...calls.flatMap((on): FaultyCall[] => [{ how: 'unreachable', on }, { how: 'lostHalfway', on }, { how: 'lostAfter', on }]));
  expect((await shop.ship('v1.1.0')).code).toBe(0);
  await shop.stands('v1.1.0');
});

it.each<[FaultyCall['how'], string, string]>([
  ['diskFull', 'upload', 'web-2: upload: write error: No space left on device'],
  ['diskFull', 'unpack', 'web-2: unpack: write error: No space left on device'],
])('%s at %s of one host: no host is switched', async (how, on, message) => {
  await stable();
  shop.aws.fails({ how, on, host: 'web-2' });
  const ended = await shop.ship('v1.1.0');
  expect([ended.code, ended.output]).toEqual([1, expect.stringContaining(message)]);
  expect(shop.aws.restarts).toEqual([]);
  expect(await shop.aftermath()).toEqual({ state: 'rolledBack', cause: expect.stringContaining(message), blocked: [], users: 'v1.0.0' });
  await shop.stands('v1.0.0');
});

it.each<[string, FaultyCall, string, RegExp]>([
  ['a host is not reached', { how: 'unreachable', on: 'unpack', host: 'web-2', times: 200 }, 'rolledBack', /web-2: ssh: connect to host web-2 port 22: Connection refused/],
  ['a host does not accept the key any more', { how: 'denied', on: 'unpack', host: 'web-2' }, 'rolledBack', /web-2: it does not accept the key for this user/],
  ['no space left on a host', { how: 'diskFull', on: 'switch', host: 'web-2' }, 'rolledBack', /web-2: switch: write error: No space left on device/],
])('is not the release\'s fault: %s', async (_, fault, state, cause) => {
  await stable();
  shop.aws.fails(fault);
  expect((await shop.ship('v1.1.0')).code).toBe(1);
  expect(await shop.aftermath()).toEqual({ state, cause: expect.stringMatching(cause), blocked: [], users: 'v1.0.0' });
});

it.each<[string, (aws: ServersWorld['aws'], host: string) => void, RegExp]>([
  ['someone moves the pointers', (aws, host) => aws.movePointer(host, 'releases/by-hand'), /web-1: current leads to releases\/by-hand meanwhile.*which is left alone/],
  ['another delivery takes over', (aws, host) => writeFileSync(aws.path(host, 'srv/shop/.delivery/claim'), 'theirs\n'), /web-1: another delivery has taken over.*what the other delivery does there is left alone/],
])('is not the release\'s fault, and is left alone: %s', async (_, change, cause) => {
  await stable();
  const ended = await shop.ship('v1.1.0', 'good', (printed) => {
    if (printed.includes('web-1: current leads to')) for (const host of shop.aws.hosts) change(shop.aws, host);
  });
  expect([ended.code, ended.output]).toEqual([3, expect.stringMatching(cause)]);
  expect(await shop.aftermath()).toMatchObject({ state: 'halted', cause: expect.stringMatching(cause), blocked: [] });
});

it('a switch that is refused on the second host takes the first one back', async () => {
  await stable();
  shop.aws.fails({ how: 'deniedThere', on: 'switch', host: 'web-2' });
  const ended = await shop.ship('v1.1.0');
  expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('web-2: switch: mkdir: cannot create directory: Permission denied. Now web-1 serves v1.1.0')]);
  expect(shop.aws.restarts).toEqual(['restart web-1', 'restart web-1']);
  await shop.stands('v1.0.0');
});

it('a host that does not come back is named, the others go back, and the next release puts all on one', async () => {
  await stable();
  shop.aws.fails();
  shop.build('v1.1.0', 'bad');
  shop.configure({ restart: 'shop-restart; touch ../../../../../broken' });
  const ended = await shop.deploy('v1.1.0');
  expect(ended.code).toBe(3);
  expect(ended.output).toContain('web-1: restart: web-1 cannot start the shop');
  expect((await shop.status()).last?.state).toBe('halted');
  for (const host of shop.aws.hosts) shop.aws.repair(host);
  shop.configure({ restart: 'shop-restart' });
  expect((await shop.ship('v1.2.0')).code).toBe(0);
  await shop.stands('v1.2.0');
});

it('a host that is down stops a release before any change, and does not stop a rollback of the others', async () => {
  await stable();
  expect((await shop.ship('v1.1.0')).code).toBe(0);
  shop.aws.fails({ how: 'unreachable', host: 'web-2', times: 200 });
  shop.build('v1.2.0');
  const refused = await shop.deploy('v1.2.0');
  expect(refused.code).not.toBe(0);
  expect(refused.output).toContain('web-2: ssh: connect to host web-2 port 22: Connection refused');
  expect(shop.pointers[0]).toBe(`releases/${shop.nameOf('v1.1.0')}`);
  const back = await shop.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test');
  expect(back.code).toBe(3);
  expect(back.output).toContain('web-1 serves v1.0.0');
  expect(back.output).toContain('web-2 could not be read');
  shop.aws.fails();
  expect((await shop.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test')).code).toBe(0);
  await shop.stands('v1.0.0');
});

it('a host that is lost while users see a bad release does not delay the others', async () => {
  await stable();
  shop.limitCommands(20_000);
  const lines: string[] = [];
  const ended = await shop.ship('v1.1.0', 'bad', (line) => {
    lines.push(line);
    if (line.includes('deploy succeeded')) shop.aws.fails({ how: 'unreachable', host: 'web-2', times: 200 });
  });
  expect([ended.code, ended.output]).toEqual([3, expect.stringContaining('Now web-1 serves v1.0.0')]);
  const back = lines.findIndex((line) => line.includes(`web-1: current leads to releases/${shop.nameOf('v1.0.0')}`));
  expect(back).toBeGreaterThan(0);
  expect(back).toBeLessThan(lines.findIndex((line) => /web-2: .*; retry in 8 s/.test(line)));
  shop.aws.fails();
  expect((await shop.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'web-2 is back')).code).toBe(0);
  await shop.stands('v1.0.0');
});

it('a host that lost Stable, whose files are nowhere else, does not keep the others on a bad release', async () => {
  await stable();
  const ended = await shop.ship('v1.1.0', 'bad', (line) => {
    if (!line.includes('deploy succeeded')) return;
    rmSync(shop.aws.path('web-2', `srv/shop/releases/${shop.nameOf('v1.0.0')}`), { recursive: true });
    rmSync(join(shop.world.root, '.git/delivery/artifacts'), { recursive: true });
  });
  expect([ended.code, ended.output]).toEqual([3, expect.stringContaining('web-2 has no files of v1.0.0')]);
  expect(ended.output).toContain('Now web-1 serves v1.0.0');
  expect(shop.pointers[0]).toBe(`releases/${shop.nameOf('v1.0.0')}`);
});
