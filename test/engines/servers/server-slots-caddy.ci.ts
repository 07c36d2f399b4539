/** Target.servers with slots behind Caddy, with the bundled runtime as a real process and the stand-ins for ssh and Caddy. What HAProxy has in common is in server-slots.ci.ts. */
import { readFileSync } from 'node:fs';
import { CADDY, ServerSlotsWorld } from './server-slots-world';
import { CaddySlotsStandIn } from '../../../tools/caddy-stand-in/stand-in';
import { FaultyCall, HOST_ROOT } from '../../../tools/ssh-stand-in/stand-in';

const WEIGHTS_FILE = `${HOST_ROOT}/srv/weights`;
let servers: ServerSlotsWorld<CaddySlotsStandIn>;
afterEach(() => servers.world.destroy());

async function shipped(...given: Parameters<typeof ServerSlotsWorld.behindCaddy>): Promise<void> {
  servers = await ServerSlotsWorld.behindCaddy(...given);
  const { code, output } = await servers.ship('v1');
  expect([code, output]).toEqual([0, expect.stringContaining('users are on green with v1')]);
}

const weighed = () => servers.aws.calls.filter((call) => call.endsWith('weigh'));
const afterwards = async () => (await servers.status()).last?.state;

describe('blue/green', () => {
  it('moves users with one call, and back with one', async () => {
    await shipped();
    servers.aws.fails();
    expect((await servers.ship('v2')).code).toBe(0);
    await servers.standsOn('blue', 'v2');
    expect([weighed(), servers.aws.restarts]).toEqual([['proxy weigh'], ['restart web-1 blue', 'restart web-2 blue']]);
    servers.aws.fails();
    expect((await servers.ship('v3', 'bad')).code).toBe(1);
    await servers.standsOn('blue', 'v2');
    expect([weighed(), servers.aws.restarts]).toEqual([['proxy weigh', 'proxy weigh'], ['restart web-1 green', 'restart web-2 green']]);
  });

  it('keeps the weights for a reload, also where they are right already', async () => {
    await shipped('blueGreen', { proxy: { ...CADDY, handler: 'shop', weightsFile: WEIGHTS_FILE } });
    const kept = () => readFileSync(servers.aws.path('proxy', 'srv/weights'), 'utf8');
    expect(kept()).toBe('lb_policy weighted_round_robin 0 0 1 1\n');
    // killed between the change and the file
    servers.aws.fails({ how: 'lostAfter', on: 'weigh' });
    expect((await servers.ship('v2')).code).toBe(0);
    expect(kept()).toBe('lb_policy weighted_round_robin 1 1 0 0\n');
  });

  it('waits until the services respond, and does not move users to one that fails', async () => {
    await shipped();
    servers.aws.weigh({ blue: 0, green: 1 }, { 'web-1-blue': 'DOWN', 'web-2-blue': '503' });
    servers.limitCommands(12_000);
    const ended = await servers.ship('v2');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining(
      'Caddy finds 0 of 2 servers of blue ready (web-1-blue:3000 is not reached (curl ends with 7), web-2-blue:3000 is HTTP 503), so users were not sent to them')]);
    await servers.standsOn('green', 'v1');
  });
});

describe('a canary', () => {
  it('gets its weights one after the other, as small as they can be', async () => {
    await shipped('canary');
    servers.aws.fails();
    const shares: unknown[] = [];
    const ended = await servers.ship('v2', 'good', (line) => {
      if (/\d+ % of the users are on blue, and/.test(line)) shares.push(servers.aws.shares);
    });
    expect([ended.code, shares, weighed()]).toEqual([0, [{ blue: 1, green: 9 }, { blue: 1, green: 1 }], Array(3).fill('proxy weigh')]);
    await servers.standsOn('blue', 'v2');
  });

  it('is recovered where it was killed in the middle, and status names the shares until then', async () => {
    await shipped('canary');
    await servers.ship('v2', 'good', (line, stop) => {
      if (line.includes('10 % of the users are on blue')) stop('SIGKILL');
    });
    expect((await servers.status()).live).toBe('blue with 10 % and green with 90 %');
    await servers.deliver('rollback', 'production', '--recover');
    expect(await afterwards()).toBe('rolledBack');
    await servers.standsOn('green', 'v1');
  });
});

describe('changed by hand', () => {
  it('weights that a person or a reload sets are shown, stop a deployment, and are restored', async () => {
    await shipped();
    servers.aws.weigh({ blue: 1, green: 1 });
    expect((await servers.status()).changedByHand).toContain('Caddy serves blue with 50 % and green with 50 %, and the ledger says v1');
    servers.aws.fails();
    const refused = await servers.ship('v2');
    expect([refused.code, refused.output, weighed()]).toEqual([2, expect.stringContaining('slots: Caddy sends users to blue with 50 % and green with 50 %, and a deployment needs a slot without users'), []]);
    expect((await servers.deliver('rollback', 'production', '--release', 'v1', '--reason', 'weights were changed')).code).toBe(0);
    await servers.standsOn('green', 'v1');
  });
});

it('a change of someone else is not overwritten unseen: the state is read again', async () => {
  await shipped();
  servers.aws.fails();
  servers.aws.weighMeanwhile({ blue: 0, green: 2 });
  const same = await servers.ship('v2');
  expect([same.code, same.output]).toEqual([0, expect.stringContaining('someone else changed the configuration of Caddy meanwhile; read the state again')]);
  await servers.standsOn('blue', 'v2');
  expect(weighed()).toEqual(['proxy weigh', 'proxy weigh']);
});

it.each<[string, FaultyCall, RegExp]>([
  ['Caddy is not reached', { how: 'unreachable', on: 'weigh', host: 'proxy', times: 200 }, /promote failed: proxy: (?:ssh: connect to host proxy port 22: Connection refused|\w+ (?:was not begun|did not end in time))/],
  ['Caddy does not accept the key any more', { how: 'denied', on: 'weigh', host: 'proxy' }, /proxy: it does not accept the key for this user/],
  ['no space left on a host', { how: 'diskFull', on: 'unpack', host: 'web-2' }, /web-2: unpack: write error: No space left on device/],
])('is not the release\'s fault: %s', async (_, fault, cause) => {
  await shipped();
  servers.limitCommands(20_000);
  servers.aws.fails(fault);
  expect((await servers.ship('v2', 'good', (line) => {
    if (line.includes('promote failed')) servers.aws.fails();
  })).code).toBe(1);
  expect(await servers.aftermath()).toMatchObject({ state: 'rolledBack', cause: expect.stringMatching(cause), blocked: [] });
  await servers.standsOn('green', 'v1');
});

it('is not the release\'s fault: someone else changes the weights', async () => {
  await shipped();
  const moved = await servers.ship('v2', 'good', (line) => {
    if (line.includes('deploy succeeded')) servers.aws.weigh({ blue: 0, green: 0 });
  });
  expect([moved.code, moved.output]).toEqual([1, expect.stringContaining('someone else changed the weights of Caddy meanwhile')]);
  expect(await servers.aftermath()).toMatchObject({ state: 'rolledBack', cause: expect.stringContaining('someone else changed the weights'), blocked: [] });
  await servers.standsOn('green', 'v1');
});

describe('the preflight', () => {
  it.each<[string, (standIn: CaddySlotsStandIn) => void, string]>([
    ['a policy without weights', (standIn) => standIn.choose('random'), 'proxy: the reverse_proxy handler of Caddy has the policy random, which has no weights. Correct blue, green or handler of ServerSlots, or give'],
    ['an admin API that is not reached', (standIn) => standIn.failWith(7), 'proxy: weights: curl: (7) as the test says. Let the user reach the admin API localhost:2019'],
    ['a version that does not know the weight 0', (standIn) => standIn.install('v2.8.4'), 'slots: Caddy v2.8.4 on proxy does not know the weight 0. Install Caddy 2.9 or later'],
  ])('%s: nothing begins', async (_, change, message) => {
    await shipped();
    servers.aws.fails();
    change(servers.aws);
    const { code, output } = await servers.ship('v2');
    expect([code, output, weighed(), servers.aws.restarts]).toEqual([2, expect.stringContaining(message), [], []]);
  });

  it('names upstreams, a handler, an address and a folder that are not there', async () => {
    await shipped();
    const [{ target }] = servers.world.manifest.environments;
    if (target.driver?.kind !== 'serverSlots') throw new Error('another driver');
    for (const [proxy, message] of [
      [{ green: ['web-1-green:3000', 'web-9:3000'] }, 'no reverse_proxy handler of Caddy has the upstreams of both slots (web-9:3000 is missing). Correct blue, green or handler'],
      [{ handler: 'web' }, 'proxy: Caddy says: unknown object ID \'web\' (HTTP 404). Correct blue, green or handler'],
      [{ admin: '/run/caddy.sock' }, 'Failed to connect to /run/caddy.sock: Connection refused. Let the user reach the admin API /run/caddy.sock'],
      [{ weightsFile: '/no/such/folder/weights' }, 'cannot create files in /no/such/folder on proxy, and the weights are kept in /no/such/folder/weights. Make the folder'],
    ] as const) {
      servers.world.change({ target: { ...target, driver: { ...target.driver, proxy: { ...CADDY, ...proxy } } } });
      const { code, output } = await servers.ship(`v2-${Object.keys(proxy)[0]!}`);
      expect([code, output]).toEqual([2, expect.stringContaining(message)]);
    }
  });
});

it.each<[FaultyCall['how'], string]>([
  ['lostAfter', 'weigh'], ['lostHalfway', 'weigh'],
])('a connection that fails (%s) once at %s: the deployment ends as without', async (how, on) => {
  await shipped();
  servers.aws.fails({ how, on });
  expect((await servers.ship('v2')).code).toBe(0);
  await servers.standsOn('blue', 'v2');
});
