/** Every kind of check in a deployment: the bundle, as a real process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckManifest, CommandCheckManifest, HealthCheckManifest, TcpCheckManifest } from '../../../src/contract/manifest';
import { Talk, TalkingServer } from '../../talking-server';
import { check, World } from '../world';

let world: World;
const servers: TalkingServer[] = [];
afterEach(async () => {
  await Promise.all([world.destroy(), ...servers.splice(0).map((server) => server.stop())]);
});

const TIMES: Omit<CheckManifest, 'name' | 'url'> = { intervalMs: 20, timeoutMs: 10_000, successThreshold: 2, failureThreshold: 2, deadlineMs: 60_000 };

function command(line: string, changes: Partial<CommandCheckManifest> = {}): CommandCheckManifest {
  return { ...TIMES, kind: 'command', name: 'smoke', url: line, command: { kind: 'bash', line }, secrets: [], ...changes };
}

async function begin(strategy: 'redeploy' | 'blueGreen', more: HealthCheckManifest[]): Promise<void> {
  world = await World.create(strategy);
  world.change({ healthChecks: [check(`${world.manifest.environments[0].url}/health`), ...more] });
  world.git('add', '.');
  world.commit('checks');
}

async function port(talk: Talk = (socket) => socket.end()): Promise<TcpCheckManifest> {
  const server = await TalkingServer.start(talk);
  servers.push(server);
  return { ...TIMES, kind: 'tcp', name: 'database', url: `tcp://127.0.0.1:${server.port}`, address: { host: '127.0.0.1', port: server.port }, liveOnly: true };
}

/** What curl would do, with what every runner has. */
const PROBE = 'node -e "fetch(process.env.DELIVERY_URL + \'/health\').then((a) => a.json()).then((a) => process.exit(a.version === process.env.DELIVERY_VERSION ? 0 : 1), () => process.exit(75))"';

test('a command verifies the candidate in its slot, and then what users see', async () => {
  await begin('blueGreen', [command(`echo "$DELIVERY_VERSION \${DELIVERY_SLOT-users}" >> machine/probed; ${PROBE}`)]);
  const { code, output } = await world.ship('v1');
  expect(output).toContain('v1 is live on production, verified and Stable');
  const probed = new Set(readFileSync(join(world.root, 'machine/probed'), 'utf8').trim().split('\n'));
  expect([...probed]).toEqual(['v1 users', `v1 ${world.live}`]);
  expect(code).toBe(0);
});

test('a command that finds the release bad takes it back', async () => {
  await begin('redeploy', [command(`${PROBE} && test "$DELIVERY_VERSION" != v2 || { echo the basket is empty; exit 1; }`)]);
  await world.ship('v1');
  const { code, output } = await world.ship('v2');
  expect(output).toContain('smoke: exit code 1: the basket is empty (2 in a row)');
  expect(output).toContain('v2 was bad on production and was rolled back: v1 is live again, verified');
  expect([code, world.served]).toEqual([1, 'v1']);
});

test('a check that cannot probe a candidate counts only after the promotion', async () => {
  const database = await port((socket) => socket.end(world.served === 'v2' ? 'corrupt' : 'fine'));
  await begin('blueGreen', [{ ...database, expect: '^fine' }]);
  await world.ship('v1');
  const { code, output } = await world.ship('v2');
  expect(output).toContain('Promote v2');
  expect(output.indexOf('Promote v2')).toBeLessThan(output.indexOf('database: said "'));
  expect(output).toContain('database: said "corrupt", which does not match /^fine/ (2 in a row)');
  expect([code, world.served]).toEqual([1, 'v1']);
});

test('a group is one check, for which any of its members is enough', async () => {
  const down = await port();
  await servers[0].stop();
  await begin('redeploy', [{ ...TIMES, kind: 'anyOf', name: 'either', url: '', checks: [down, command('true')] }]);
  const { code, output } = await world.ship('v1');
  expect(output).toContain('either: smoke is healthy');
  expect(code).toBe(0);
});

test('config shows what is probed', async () => {
  await begin('redeploy', [command('./smoke.sh'), await port()]);
  const { output } = await world.delivery('config', 'production');
  expect(output).toMatch(/smoke: \.\/smoke\.sh every 20 ms/);
  expect(output).toMatch(/database: tcp:\/\/127\.0\.0\.1:\d+ every/);
});
