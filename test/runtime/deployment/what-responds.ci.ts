/** Records that do not know what is live: nothing is changed, and users notice nothing. Real processes and HTTP, with a client all the time. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { World } from '../world';

interface Client {
  stop(): Promise<{ readonly failed: number; readonly releases: readonly string[] }>;
}

const EVERY_MS = 20;

/** Sends 50 requests a second, each over a new connection. */
function client(url: string): Client {
  let failed = 0;
  const releases = new Set<string>();
  const open = new Set<Promise<void>>();
  const send = () => new Promise<void>((done) => {
    get(`${url}/health`, { agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        if (response.statusCode === 200) releases.add((JSON.parse(body) as { version: string }).version);
        else failed++;
        done();
      });
    }).on('error', () => {
      failed++;
      done();
    });
  });
  const timer = setInterval(() => {
    const sent = send().finally(() => open.delete(sent));
    open.add(sent);
  }, EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
      return { failed, releases: [...releases] };
    },
  };
}

/** A process of a laptop, with its records where they are without a variable: in the clone. */
function laptop(root: string, ...args: string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [join(root, '.projen/delivery.cjs'), ...args], { cwd: root, env: { PATH: process.env.PATH, HOME: root, USER: 'engineer' } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((done) => child.on('close', (code) => done({ code, output })));
}

/** Runs the command that a message prints. */
function printed(root: string, output: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const [, line = ''] = /npx projen delivery (adopt .*)/.exec(output) ?? [];
  return laptop(root, ...line.trim().split(' '));
}

describe.each(['blueGreen', 'canary', 'redeploy'] as const)('with %s', (strategy) => {
  let world: World;
  let users: Client | undefined;
  const root = () => world.root;
  const ship = (version: string) => {
    world.release(version);
    return laptop(root(), 'deploy', 'production', '--release', version);
  };
  const slotOption = (slot: string) => (strategy === 'redeploy' ? '' : ` --slot ${slot}`);
  const unchanged = (): string => JSON.stringify([world.commands, world.served, ['blue', 'green', 'only'].map((slot) => (
    existsSync(join(root(), 'machine', slot)) ? readFileSync(join(root(), 'machine', slot), 'utf8') : ''))]);
  beforeEach(async () => {
    users = undefined;
    world = await World.create(strategy);
  });
  afterEach(async () => {
    // a test that failed
    await users?.stop();
    await world.destroy();
  });

  /** v1 is live, deployed from here. */
  const begin = async () => {
    expect(await ship('v1')).toMatchObject({ code: 0 });
    users = client(world.manifest.environments[0].url);
  };
  const ends = async (...releases: string[]) => expect(await users?.stop()).toEqual({ failed: 0, releases });

  /** Each command refuses and changes nothing; after the printed command, v2 is deployed. */
  const refuses = async (at: string, live: string, slot: string, next: string) => {
    const before = unchanged();
    world.release(next);
    if (at !== root()) {
      world.git('push', '--quiet', '--tags', at, 'HEAD:refs/heads/next');
      world.git('-C', at, 'checkout', '--quiet', next);
    }
    for (const command of ['plan', 'deploy']) {
      const refused = await laptop(at, command, 'production', '--release', next);
      expect(refused).toMatchObject({ code: 2 });
      expect(refused.output).toContain(`adopt production --release ${live}${slotOption(slot)} --local`);
      expect(unchanged()).toBe(before);
    }
    const { output } = await laptop(at, 'deploy', 'production', '--release', next);
    expect(await printed(at, output)).toMatchObject({ code: 0 });
    expect(await laptop(at, 'deploy', 'production', '--release', next)).toMatchObject({ code: 0 });
    expect(world.served).toBe(next);
  };

  it('a second clone', async () => {
    await begin();
    const clone = join(root(), 'machine/clone');
    world.git('clone', '--quiet', root(), clone);
    symlinkSync(join(root(), 'machine'), join(clone, 'machine'));
    // the world does not commit it
    cpSync(join(root(), '.projen'), join(clone, '.projen'), { recursive: true });
    await refuses(clone, 'v1', 'blue', 'v2');
    await ends('v1', 'v2');
  });

  it('lost records', async () => {
    await begin();
    rmSync(join(root(), '.git/delivery'), { recursive: true });
    await refuses(root(), 'v1', 'blue', 'v2');
    await ends('v1', 'v2');
  });

  it('an older copy of the records; a rollback and a drill change nothing, either', async () => {
    await begin();
    const [kept, records] = [join(root(), 'machine/kept'), join(root(), '.git/delivery')];
    cpSync(records, kept, { recursive: true });
    expect(await ship('v2')).toMatchObject({ code: 0 });
    rmSync(records, { recursive: true });
    cpSync(kept, records, { recursive: true });
    const before = unchanged();
    for (const command of [['drill', 'production'], ['rollback', 'production', '--release', 'v1', '--reason', 'slow', '--local']]) {
      const refused = await laptop(root(), ...command);
      expect([refused.code, refused.output]).toEqual([2, expect.stringContaining(`adopt production --release v2${slotOption('green')} --local`)]);
      expect(unchanged()).toBe(before);
    }
    await refuses(root(), 'v2', 'green', 'v3');
    await ends('v1', 'v2', 'v3');
  });

  it('a laptop beside CI', async () => {
    world.release('v1');
    expect(await world.step({ id: 1, tag: 'v1' }, 'deploy', 'production')).toMatchObject({ code: 0 });
    expect(await world.step({ id: 1, tag: 'v1' }, 'monitor', 'production')).toMatchObject({ code: 0 });
    users = client(world.manifest.environments[0].url);
    await refuses(root(), 'v1', 'blue', 'v2');
    await ends('v1', 'v2');
  });

  it('a service that nobody adopted', async () => {
    world.release('v0');
    const slot = strategy === 'redeploy' ? 'only' : 'blue';
    writeFileSync(join(root(), 'machine', slot), 'v0\n');
    writeFileSync(join(root(), 'machine/live'), `${slot}\n`);
    users = client(world.manifest.environments[0].url);
    await refuses(root(), 'v0', 'blue', 'v1');
    await ends('v0', 'v1');
  });
});
