import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Load } from './load';
import { prepareShop, ReleaseKind, ReleaseOptions, ShopMachine, ShopRelease, ShopWorkspace } from './workspace';

/** Needs no slower machine's patience: everything below is bounded by the shop itself. */
const DRAIN_MS = '1000';

describe('the shop', () => {
  let root: string;
  let shop: ShopWorkspace;
  let machine: ShopMachine;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'shop-'));
    shop = await prepareShop({ root });
    machine = shop.machine('production');
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  beforeEach(() => task('start'));
  // every test begins on an empty machine
  afterEach(async () => {
    await task('stop');
    rmSync(machine.home, { recursive: true });
  });

  const task = (name: string, variables: Record<string, string> = {}) => shop.task(name, 'production', { SHOP_DRAIN_MS: DRAIN_MS, ...variables });

  async function release(kind: ReleaseKind, options: ReleaseOptions = {}): Promise<ShopRelease> {
    const made = await shop.commitRelease(kind, options);
    await task('bundle');
    return made;
  }

  const ship = (slot: string, { version, sha }: ShopRelease) => task('ship', { DELIVERY_SLOT: slot, DELIVERY_VERSION: version, DELIVERY_SHA: sha });
  const switchTo = (slot: string, variables: Record<string, string> = {}) => task('switch-traffic', { DELIVERY_SLOT: slot, ...variables });
  const health = async (url: string) => {
    const response = await fetch(`${url}/health`);
    return response.ok ? response.json() : response.status;
  };

  const recordOf = (slot: string) => JSON.parse(readFileSync(join(machine.home, 'slots', slot, 'process.json'), 'utf8')) as { pid: number };

  test('a release responds on the candidate port once it was shipped, and to users once they were switched', async () => {
    const one = await release('good', { tag: 'v1.0.0' });

    expect(await health(machine.url)).toBe(503);
    await ship('blue', one);
    expect(await health(machine.candidateUrl)).toEqual({ status: 'ok', version: 'v1.0.0', sha: one.sha });
    expect(await health(machine.url)).toBe(503);
    await switchTo('blue');
    expect(await health(machine.url)).toEqual({ status: 'ok', version: 'v1.0.0', sha: one.sha });
  });

  test('without a slot it is shipped to the idle one and live at once, under the short sha', async () => {
    const { sha } = await release('good');

    expect(await task('ship')).toContain('users reach slot blue');
    expect(await task('ship')).toContain('slot blue already runs');
    expect(await health(machine.url)).toEqual({ status: 'ok', version: sha.slice(0, 7), sha });
  });

  test('no request fails while users are switched back and forth', async () => {
    await ship('blue', await release('good', { tag: 'v2.0.0' }));
    await ship('green', await release('good', { tag: 'v2.0.1' }));
    await switchTo('blue');

    const load = new Load({ url: machine.url });
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([switchTo('green'), load.next(({ version }) => version === 'v2.0.1')]);
      await Promise.all([switchTo('blue'), load.next(({ version }) => version === 'v2.0.0')]);
    }
    await load.stop();

    expect(load.failed).toEqual([]);
    expect(load.responses.length).toBeGreaterThan(1000);
  });

  test('no request fails while the slot that was left is stopped and gets the next release', async () => {
    await ship('blue', await release('good', { tag: 'v3.0.0' }));
    await switchTo('blue');

    const load = new Load({ url: machine.url });
    await load.next();
    for (const [slot, tag] of [['green', 'v3.0.1'], ['blue', 'v3.0.2'], ['green', 'v3.0.3']]) {
      await ship(slot, await release('good', { tag }));
      await Promise.all([switchTo(slot), load.next(({ version }) => version === tag)]);
    }
    await load.stop();

    expect(load.failed).toEqual([]);
  });

  test('a switch is in effect for every request that begins after it', async () => {
    await ship('blue', await release('good', { tag: 'v4.0.0' }));
    await ship('green', await release('good', { tag: 'v4.0.1' }));
    await switchTo('blue');

    const load = new Load({ url: machine.url });
    await load.next();
    await switchTo('green');
    const switchedAt = Date.now();
    await load.next(({ startedAt }) => startedAt > switchedAt);
    await load.stop();

    const after = load.responses.filter(({ startedAt }) => startedAt > switchedAt);
    expect(new Set(after.map(({ version }) => version))).toEqual(new Set(['v4.0.1']));
  });

  test('shipping and switching twice change nothing', async () => {
    const one = await release('good', { tag: 'v5.0.0' });
    await ship('green', one);
    await switchTo('green');
    const { pid } = recordOf('green');

    expect(await ship('green', one)).toContain('slot green already runs v5.0.0');
    await switchTo('green');

    expect(recordOf('green').pid).toBe(pid);
    expect(await health(machine.url)).toMatchObject({ version: 'v5.0.0' });
  });

  test('users stay where they are when the other slot is not up, or holds another release', async () => {
    const one = await release('good', { tag: 'v6.0.0' });
    await ship('blue', one);
    await switchTo('blue');

    await expect(switchTo('green')).rejects.toThrow('slot green is not up: users stay on blue');
    await ship('green', await release('good', { tag: 'v6.0.1' }));
    await expect(switchTo('green', { DELIVERY_VERSION: 'v6.0.2' })).rejects.toThrow('slot green holds v6.0.1');
    await expect(switchTo('green', { DELIVERY_SHA: one.sha })).rejects.toThrow('slot green holds v6.0.1');
    await expect(task('switch-traffic')).rejects.toThrow('DELIVERY_SLOT is not set');
    await expect(switchTo('red')).rejects.toThrow('a slot is called blue or green');

    expect(await health(machine.url)).toMatchObject({ version: 'v6.0.0' });
  });

  test('a release is never started under users who are well served, nor from the files of another commit', async () => {
    const one = await release('good', { tag: 'v7.0.0' });
    await ship('blue', one);
    await switchTo('blue');
    const two = await release('good', { tag: 'v7.0.1' });

    await expect(ship('blue', two)).rejects.toThrow('slot blue serves users');
    await expect(ship('green', one)).rejects.toThrow(`dist/ holds commit ${two.sha}`);
    expect(await health(machine.url)).toMatchObject({ version: 'v7.0.0' });
  });

  describe('as a canary', () => {
    const setWeight = (slot: string, weight: number | string, variables: Record<string, string> = {}) => (
      task('set-weight', { DELIVERY_SLOT: slot, DELIVERY_WEIGHT: String(weight), ...variables })
    );
    const countersOf = async (canary: string) => {
      const printed = await promisify(execFile)(process.execPath, [join(shop.repository, 'tasks', 'print-counters.js')], {
        env: { PATH: process.env.PATH, ...machine.variables, DELIVERY_SLOT: canary },
      });
      return JSON.parse(printed.stdout) as Record<'canary' | 'stable', { requests: number; errors: number }>;
    };

    beforeEach(async () => {
      await ship('blue', await release('good', { tag: `v7.2.${(number += 1)}` }));
      await switchTo('blue');
    });
    let number = 0;

    test('a slot gets its share of the requests, the router counts them and their errors, and no request fails because of a weight', async () => {
      await ship('green', await release('unreliable', { tag: `v7.3.${number}` }));
      await setWeight('green', 50);
      const load = new Load({ url: machine.url });
      while (load.responses.filter(({ version }) => version === `v7.3.${number}`).length < 400) await load.next();
      await load.stop();

      const [canary, stable] = [`v7.3.${number}`, `v7.2.${number}`].map((version) => load.responses.filter((response) => response.version === version));
      // of 800 draws, six standard deviations
      expect(Math.abs(canary!.length - stable!.length)).toBeLessThan(170);
      const failed = canary!.filter(({ status }) => status === 500).length;
      expect(failed).toBeGreaterThan(0);
      expect(load.failed).toHaveLength(failed);
      expect(await countersOf('green')).toEqual({ canary: { requests: canary!.length, errors: failed }, stable: { requests: stable!.length, errors: 0 } });
      expect((await countersOf('blue')).stable).toEqual({ requests: canary!.length, errors: failed });
    });

    test('with the weights 0 and 100 one slot has all requests, whatever was before', async () => {
      const two = await release('good', { tag: `v7.4.${number}` });
      await ship('green', two);
      const served = async () => {
        const all = await Promise.all(Array.from({ length: 50 }, () => health(machine.url) as Promise<{ version: string }>));
        return [...new Set(all.map(({ version }) => version))];
      };

      await setWeight('green', 0);
      expect(await served()).toEqual([`v7.2.${number}`]);
      await setWeight('green', 30);
      await setWeight('green', 100);
      expect(await served()).toEqual([two.version]);
      await setWeight('green', 30);
      await setWeight('green', 30);
      await setWeight('green', 0);
      expect(await served()).toEqual([`v7.2.${number}`]);
    });

    test('a weight is refused for a slot that is not up, for another release, and if it is no share', async () => {
      await expect(setWeight('green', 10)).rejects.toThrow('slot green is not up');
      const two = await release('good', { tag: `v7.5.${number}` });
      await ship('green', two);
      await expect(setWeight('green', 10, { DELIVERY_VERSION: 'v0' })).rejects.toThrow('slot green holds v7.5');
      await expect(setWeight('green', 101)).rejects.toThrow('a whole number from 0 to 100');
      await expect(setWeight('green', '')).rejects.toThrow('DELIVERY_WEIGHT is ""');
      await setWeight('green', 10);

      await release('good', { tag: `v7.6.${number}` });
      await expect(task('ship', { DELIVERY_SLOT: 'green' })).rejects.toThrow('slot green serves users');
    });
  });

  test('a release that serves users badly may be replaced in its slot', async () => {
    await ship('blue', await release('bad', { tag: 'v7.1.0' }));
    await switchTo('blue');
    expect(await health(machine.url)).toBe(500);

    await ship('blue', await release('good', { tag: 'v7.1.1' }));

    expect(await health(machine.candidateUrl)).toMatchObject({ version: 'v7.1.1' });
    expect(await health(machine.url)).toMatchObject({ version: 'v7.1.1' });
  });

  test('a release that cannot start is reported with the end of its log, and leaves no process', async () => {
    const one = await release('crash');

    await expect(ship('blue', one)).rejects.toThrow('this release cannot start: no catalogue');
    expect(isRunning(recordOf('blue').pid)).toBe(false);
  });

  test('a release that starts too slowly is ended', async () => {
    const one = await release('slow', { delayMs: 60_000 });

    await expect(task('ship', { DELIVERY_SLOT: 'blue', SHOP_START_MS: '300', DELIVERY_SHA: one.sha })).rejects.toThrow('was not ready within 300 ms');
    expect(isRunning(recordOf('blue').pid)).toBe(false);
  });

  test('a slot that stops finishes its responses, closes connections, and ends', async () => {
    await ship('blue', await release('good', { tag: 'v8.0.0' }));
    const { pid } = recordOf('blue');
    const socket = connect(join(machine.home, 'slots', 'blue', 'socket'));
    const said: Buffer[] = [];
    socket.on('data', (data: Buffer) => said.push(data));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // it has begun to read the request when it responds to another that came after
    await new Promise((resolve) => socket.write('GET /health HTTP/1.1\r\nhost: shop\r\n', resolve));
    await health(machine.candidateUrl);
    process.kill(pid, 'SIGTERM');
    await logged(join(machine.home, 'slots', 'blue', 'service.log'), 'draining');

    socket.write('\r\n');
    await closed;

    expect(Buffer.concat(said).toString()).toMatch(/^HTTP\/1.1 200 OK\r\n(.*\r\n)*connection: close\r\n/i);
  });

  test('what was live is live again after everything was stopped, and stopping leaves no process', async () => {
    await ship('blue', await release('good', { tag: 'v9.0.0' }));
    await ship('green', await release('good', { tag: 'v9.0.1' }));
    await switchTo('green');
    const router = JSON.parse(readFileSync(join(machine.home, 'router.json'), 'utf8')) as { pid: number };
    const pids = [recordOf('blue').pid, recordOf('green').pid, router.pid];

    await task('stop');
    expect(pids.map(isRunning)).toEqual([false, false, false]);

    await task('start');
    expect(await health(machine.url)).toMatchObject({ version: 'v9.0.1' });
    await task('stop');
    expect(isRunning(recordOf('green').pid)).toBe(false);
  });

  describe('misbehaves on demand', () => {
    test('bad: healthy as a candidate, 500 to users', async () => {
      await ship('blue', await release('bad', { tag: 'v10.0.0' }));
      await switchTo('blue');
      await ship('green', await release('bad', { tag: 'v10.0.1' }));

      expect(await health(machine.candidateUrl)).toMatchObject({ version: 'v10.0.1' });
      expect(await health(machine.url)).toBe(500);
    });

    test('stale: healthy, but it says it is the good release before it', async () => {
      const before = await release('good', { tag: 'v11.0.0' });
      await release('error');
      const one = await release('stale', { tag: 'v11.0.1' });
      await ship('blue', one);

      expect(await health(machine.candidateUrl)).toEqual({ status: 'ok', version: before.version, sha: before.sha });
      expect(await switchTo('blue', { DELIVERY_VERSION: one.version })).toContain('v11.0.1');
    });

    test('flapping: every third response is bad', async () => {
      await ship('blue', await release('flapping', { tag: 'v12.0.0' }));

      const statuses = [];
      for (let n = 0; n < 6; n += 1) statuses.push((await fetch(`${machine.candidateUrl}/health`)).status);
      expect(statuses).toEqual([200, 200, 500, 200, 200, 500]);
    });

    test('reset, for which the router responds, and hang', async () => {
      await ship('blue', await release('reset', { tag: 'v13.0.0' }));
      expect(await health(machine.candidateUrl)).toBe(502);

      await ship('blue', await release('hang', { tag: 'v13.0.1' }));
      await expect(fetch(machine.candidateUrl, { signal: AbortSignal.timeout(300) })).rejects.toThrow('timeout');
    });

    test('only on one environment, or only after so many responses', async () => {
      await ship('blue', await release('error', { tag: 'v14.0.0', environment: 'staging' }));
      expect(await health(machine.candidateUrl)).toMatchObject({ status: 'ok' });

      await ship('blue', await release('error', { tag: 'v14.0.1', afterRequests: 1 }));
      expect(await health(machine.candidateUrl)).toMatchObject({ status: 'ok' });
      expect(await health(machine.candidateUrl)).toBe(500);
    });
  });
});

/** False for a zombie too: it waits only for its parent. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !existsSync(`/proc/${pid}/stat`) || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}

async function logged(file: string, text: string): Promise<void> {
  while (!readFileSync(file, 'utf8').includes(text)) await new Promise((resolve) => setImmediate(resolve));
}
