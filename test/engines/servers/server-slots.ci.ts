/** Target.servers with slots, with the bundled runtime as a real process and the stand-ins for ssh and HAProxy. */
import { readFileSync } from 'node:fs';
import { HAPROXY, ServerSlotsWorld } from './server-slots-world';
import { machine } from './servers-world';
import { FaultyCall, HOST_ROOT } from '../../../tools/ssh-stand-in/stand-in';

const STATE_FILE = `${HOST_ROOT}/srv/server-state`;
let servers: ServerSlotsWorld;
afterEach(() => servers.world.destroy());

async function shipped(...given: Parameters<typeof ServerSlotsWorld.create>): Promise<void> {
  servers = await ServerSlotsWorld.create(...given);
  const { code, output } = await servers.ship('v1');
  expect([code, output]).toEqual([0, expect.stringContaining('users are on green with v1')]);
}

/** Called on hosts that changes something there. */
const CHANGES = /(claim|upload|unpack|switch|restart|runs|remove|weigh)$/;
const changes = () => servers.aws.calls.filter((call) => CHANGES.test(call));
const afterwards = async () => (await servers.status()).last?.state;

describe('blue/green', () => {
  it('deploys to the slot without users, and moves them with one call', async () => {
    await shipped();
    await servers.standsOn('green', 'v1');
    servers.aws.fails();
    const ended = await servers.ship('v2');
    expect(ended.code).toBe(0);
    await servers.standsOn('blue', 'v2');
    expect(changes().filter((call) => call.endsWith('weigh'))).toEqual(['proxy weigh']);
    expect(servers.aws.restarts).toEqual(['restart web-1 blue', 'restart web-2 blue']);
    // green is as it was
    expect(readFileSync(servers.aws.path('web-2', 'srv/shop/green/current/index.html'), 'utf8')).toBe('v1');
  });

  it('a release that is bad for users goes back with one call', async () => {
    await shipped();
    servers.aws.fails();
    expect((await servers.ship('v2', 'bad')).code).toBe(1);
    await servers.standsOn('green', 'v1');
    expect(changes().filter((call) => call.endsWith('weigh'))).toEqual(['proxy weigh', 'proxy weigh']);
    expect(servers.aws.restarts).toEqual(['restart web-1 blue', 'restart web-2 blue']);
  });

  it('keeps the weights for a reload, also where they are right already', async () => {
    await shipped('blueGreen', { proxy: { ...HAPROXY, stateFile: STATE_FILE } });
    const kept = () => readFileSync(servers.aws.path('proxy', 'srv/server-state'), 'utf8');
    expect(kept()).toContain('web-1-green 100');
    // killed between the change and the file
    servers.aws.fails({ how: 'lostAfter', on: 'weigh' });
    expect((await servers.ship('v2')).code).toBe(0);
    expect(kept()).toContain('web-1-blue 100');
  });

  it('waits until HAProxy reaches the services, and does not move users to one that is down', async () => {
    await shipped();
    servers.aws.weigh({ blue: 0, green: 100 }, { 'web-2-blue': 'DOWN' });
    servers.limitCommands(12_000);
    const ended = await servers.ship('v2');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('HAProxy finds 1 of 2 servers of blue ready (web-2-blue is DOWN), so users were not sent to them')]);
    await servers.standsOn('green', 'v1');
    servers.aws.weigh({ blue: 0, green: 100 }, { 'web-1-blue': 'MAINT', 'web-2-blue': 'MAINT' });
    expect((await servers.ship('v3')).output).toContain('HAProxy finds 0 of 2 servers of blue ready');
    await servers.standsOn('green', 'v1');
  });

  it('restarts Stable where HAProxy reaches none of its services, and then moves users', async () => {
    await shipped();
    servers.aws.fails();
    let isPromoted = false;
    const ended = await servers.ship('v2', 'bad', (line) => {
      if (line.includes('promote succeeded')) {
        isPromoted = true;
        servers.aws.weigh({ blue: 100, green: 0 }, { 'web-1-green': 'DOWN', 'web-2-green': 'DOWN' });
      } else if (isPromoted && line.includes('current leads to')) {
        servers.aws.weigh({ blue: 100, green: 0 });
      }
    });
    expect([ended.code, ended.output]).toEqual([1, expect.any(String)]);
    expect(servers.aws.restarts.slice(2).sort()).toEqual(['restart web-1 green', 'restart web-2 green']);
    await servers.standsOn('green', 'v1');
  });

  it('restarts Stable on the hosts that are reached, and moves users to them', async () => {
    await shipped();
    let isPromoted = false;
    const ended = await servers.ship('v2', 'bad', (line) => {
      if (line.includes('promote succeeded')) {
        isPromoted = true;
        servers.aws.weigh({ blue: 100, green: 0 }, { 'web-1-green': 'DOWN', 'web-2-green': 'DOWN' });
        servers.aws.fails({ how: 'denied', host: 'web-2', times: 60 });
      } else if (isPromoted && line.includes('web-1: current leads to')) {
        servers.aws.weigh({ blue: 100, green: 0 }, { 'web-2-green': 'DOWN' });
      }
    });
    expect([ended.code, servers.aws.shares]).toEqual([3, { blue: 0, green: 100 }]);
    expect(ended.output).toMatch(/web-2: it does not accept the key for this user\. Now .*; users are on green with v1/);
  });

  it('an older release, by hand, is verified in its slot before it gets users', async () => {
    servers = await ServerSlotsWorld.create();
    servers.world.manifest = { ...servers.world.manifest, artifact: { paths: ['machine/site'] } };
    servers.world.change({});
    for (const version of ['v1', 'v2', 'v3']) expect((await servers.ship(version)).code).toBe(0);
    const ended = await servers.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a customer found a fault');
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('users are on blue with v1')]);
    expect(ended.output).not.toContain('users are on blue already');
    await servers.standsOn('blue', 'v1');
  });

  it('a rollback by hand goes to the slot without users', async () => {
    await shipped();
    expect((await servers.ship('v2')).code).toBe(0);
    const ended = await servers.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a customer found a fault');
    expect(ended.code).toBe(0);
    await servers.standsOn('green', 'v1');
  });
});

describe('a canary', () => {
  it('gets its weights one after the other, and all users in the end', async () => {
    await shipped('canary');
    servers.aws.fails();
    const ended = await servers.ship('v2');
    expect(ended.code).toBe(0);
    for (const said of ['no users are on blue already', '10 % of the users are on blue, and the rest on green with v1', '50 % of the users are on blue', 'users are on blue with v2']) expect(ended.output).toContain(said);
    expect(changes().filter((call) => call.endsWith('weigh'))).toEqual(Array(3).fill('proxy weigh'));
    await servers.standsOn('blue', 'v2');
  });

  it('loses its weight first when it is bad', async () => {
    await shipped('canary');
    servers.aws.fails();
    const ended = await servers.ship('v2', 'bad');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('no users are on blue, and the rest on green with v1')]);
    expect(changes().filter((call) => call.endsWith('weigh'))).toEqual(['proxy weigh', 'proxy weigh']);
    await servers.standsOn('green', 'v1');
  });

  it('is recovered where it was killed in the middle, also while one host is down, and status names the shares until then', async () => {
    await shipped('canary');
    await servers.ship('v2', 'good', (line, stop) => {
      if (line.includes('10 % of the users are on blue')) stop('SIGKILL');
    });
    expect(servers.aws.shares).toEqual({ blue: 10, green: 90 });
    expect((await servers.status()).live).toBe('blue with 10 % and green with 90 %');
    servers.aws.fails({ how: 'unreachable', host: 'web-2', times: 40 });
    await servers.deliver('rollback', 'production', '--recover');
    servers.aws.fails();
    expect(await afterwards()).toBe('rolledBack');
    await servers.standsOn('green', 'v1');
  });
});

describe('changed by hand', () => {
  it('weights that a person or a reload sets are shown, stop a deployment, and are restored', async () => {
    await shipped();
    for (const [weights, shown] of [[{ blue: 50, green: 50 }, 'blue with 50 % and green with 50 %'], [{ blue: 100, green: 0 }, 'no release on blue, which no delivery published']] as const) {
      servers.aws.weigh(weights);
      expect((await servers.status()).changedByHand).toContain(`the backend shop of HAProxy serves ${shown}, and the ledger says v1`);
    }
    servers.aws.weigh({ blue: 50, green: 50 });
    servers.aws.fails();
    const refused = await servers.ship('v2');
    expect([refused.code, refused.output, changes()]).toEqual([2, expect.stringContaining('slots: HAProxy sends users to blue with 50 % and green with 50 %, and a deployment needs a slot without users. Restore v1: rollback production --release v1'), []]);
    expect((await servers.deliver('rollback', 'production', '--release', 'v1', '--reason', 'weights were changed')).code).toBe(0);
    await servers.standsOn('green', 'v1');
  });

  it('a pointer that a person moved in the slot of Stable: a person can go back to the other slot, also with a canary', async () => {
    await shipped('canary');
    expect((await servers.ship('v2')).code).toBe(0);
    for (const host of ['web-1', 'web-2']) servers.aws.movePointer(host, 'releases', 'srv/shop/blue');
    const ended = await servers.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a pointer was moved');
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('set the weight to 0 % failed: ')]);
    await servers.standsOn('green', 'v1');
  });

  it('a pointer that a person moved in the live slot is shown; in the other one it stops the rollback point', async () => {
    await shipped();
    expect((await servers.ship('v2')).code).toBe(0);
    servers.aws.movePointer('web-2', 'releases', 'srv/shop/blue');
    expect((await servers.status()).changedByHand).toMatch(/web-1 serves v2 \(\w+\); web-2 serves releases/);
  });

  it('weights that change during a deployment: the deployment gives way, and Stable is restored', async () => {
    await shipped();
    const moved = await servers.ship('v2', 'good', (line) => {
      if (line.includes('deploy succeeded')) servers.aws.weigh({ blue: 0, green: 0 });
    });
    expect([moved.code, moved.output]).toEqual([1, expect.stringContaining('someone else changed the weights of HAProxy meanwhile: users are on neither slot (all weights are 0)')]);
    expect(await servers.aftermath()).toMatchObject({ state: 'rolledBack', cause: expect.stringContaining('someone else changed the weights'), blocked: [] });
    await servers.standsOn('green', 'v1');
  });

  it.each<[string, FaultyCall, RegExp]>([
    ['HAProxy is not reached', { how: 'unreachable', on: 'weigh', host: 'proxy', times: 200 }, /promote failed: proxy: (?:ssh: connect to host proxy port 22: Connection refused|\w+ (?:was not begun|did not end in time))/],
    ['HAProxy does not accept the key any more', { how: 'denied', on: 'weigh', host: 'proxy' }, /proxy: it does not accept the key for this user/],
    ['no right on a host', { how: 'denied', on: 'unpack', host: 'web-1' }, /web-1: it does not accept the key for this user/],
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
});

describe('the preflight', () => {
  it.each<[string, (world: ServerSlotsWorld) => void, string]>([
    ['a socket for reading', ({ aws }) => aws.limitSocket('operator'), 'slots: the socket /run/haproxy/admin.sock of HAProxy on proxy has the level "operator". Give it the level admin'],
    ['a machine that is not reached', ({ aws }) => aws.fails({ how: 'denied', host: 'proxy', times: 9 }), 'proxy: it does not accept the key for this user'],
    ['another host key', ({ aws }) => aws.changeHostKey('proxy'), 'proxy: its host key is none of hostKeys'],
  ])('%s: nothing begins', async (_, change, message) => {
    await shipped();
    servers.aws.fails();
    change(servers);
    const { code, output } = await servers.ship('v2');
    expect([code, output, changes()]).toEqual([2, expect.stringContaining(message), []]);
  });

  it('names a backend, servers and a socket that are not there', async () => {
    await shipped();
    const [{ target }] = servers.world.manifest.environments;
    if (target.driver?.kind !== 'serverSlots') throw new Error('another driver');
    for (const [proxy, message] of [
      [{ backend: 'web' }, 'proxy: HAProxy has no backend web. Correct backend or servers of ServerSlots'],
      [{ servers: ['web-3-{slot}'] }, 'the backend shop of HAProxy has no server web-3-blue'],
      [{ stateFile: '/no/such/folder/state' }, 'cannot create files in /no/such/folder on proxy, and the weights are kept in /no/such/folder/state. Make the folder'],
      [{ socket: '/run/other.sock' }, 'No such file or directory. Let the user reach the socket /run/other.sock'],
    ] as const) {
      servers.world.change({ target: { ...target, driver: { ...target.driver, proxy: { ...target.driver.proxy, ...proxy } } } });
      const { code, output } = await servers.ship(`v2-${Object.keys(proxy)[0]!}`);
      expect([code, output]).toEqual([2, expect.stringContaining(message)]);
    }
  });
});

describe('a connection that fails', () => {
  it.each<[FaultyCall['how'], string]>([
    ['unreachable', 'weigh'], ['lostAfter', 'weigh'], ['lostHalfway', 'weigh'], ['unreachable', 'weights'], ['busy', 'weights'], ['lostAfter', 'switch'], ['lostHalfway', 'restart'],
  ])('%s once at %s: the deployment ends as without', async (how, on) => {
    await shipped();
    servers.aws.fails({ how, on });
    expect((await servers.ship('v2')).code).toBe(0);
    await servers.standsOn('blue', 'v2');
  });

  it('to HAProxy in the rollback, for good: halted; and the next rollback restores Stable', async () => {
    await shipped();
    servers.limitCommands(20_000);
    const ended = await servers.ship('v2', 'bad', (line) => {
      if (line.includes('promote succeeded')) servers.aws.fails({ how: 'denied', host: 'proxy', times: 40 });
    });
    expect([ended.code, await afterwards()]).toEqual([3, 'halted']);
    servers.aws.fails();
    expect((await servers.deliver('rollback', 'production', '--release', 'v1', '--reason', 'HAProxy is back')).code).toBe(0);
    await servers.standsOn('green', 'v1');
  });
});

describe('two HAProxys', () => {
  it('one that is not reached does not keep the users of the other on a bad release', async () => {
    await shipped('blueGreen', { proxy: { ...HAPROXY, hosts: ['proxy', 'web-1'].map(machine) } });
    const ended = await servers.ship('v2', 'bad', (line) => {
      if (line.includes('promote succeeded')) servers.aws.fails({ how: 'denied', host: 'proxy', times: 40 });
    });
    expect([ended.code, servers.aws.shares]).toEqual([3, { blue: 0, green: 100 }]);
    expect(ended.output).toContain('proxy: it does not accept the key for this user');
    servers.aws.fails();
    expect((await servers.deliver('rollback', 'production', '--release', 'v1', '--reason', 'the other one is back')).code).toBe(0);
    await servers.standsOn('green', 'v1');
  });
});
