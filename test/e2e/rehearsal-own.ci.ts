/**
 * A rehearsal with the project's own commands: the bundled program executes the synthesized workflow of the shop, and its tasks really deploy
 * to a router and two slots on this machine. In its manifest production is elsewhere; the options lead it here.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shortenTimes } from './short-times';
import { Manifest, MANIFEST_FILE } from '../../src/contract/manifest';
import { prepareShop, ShopWorkspace } from '../examples/workspace';

const CANDIDATE = 'https://candidate.example.com';

let root: string;
let shop: ShopWorkspace;
let there: string[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-rehearsals-'));
  shop = await prepareShop({ root });
  shortenTimes(shop.repository);
  const { candidateUrl, url } = shop.machine('production');
  moveProduction(url, candidateUrl);
  await shop.commitRelease('good');
  await shop.start('production');
  there = ['production', '--no-dry', '--url', url, '--replace', `${CANDIDATE}=${candidateUrl}`];
});
afterAll(async () => {
  await shop.stop();
  rmSync(root, { recursive: true, force: true });
});

// The tests are one story: what one of them leaves, the next finds.

test('without a place to deploy to nothing is executed', async () => {
  const { url } = shop.machine('production');
  for (const [args, message] of [
    [['--no-dry', '--url', url], 'name the environment'],
    [['production', '--no-dry'], 'set --url to where users reach what they deploy'],
    [['production', '--no-dry', '--url', 'https://www.example.com'], 'is an address of a real environment of this delivery'],
    [['production', '--no-dry', '--url', url], `its candidate URL leads to candidate.example.com, which is neither --url nor on this machine. Set what takes its place: --replace ${CANDIDATE}=`],
    [['production', '--url', url], 'Add --no-dry'],
    [[...there, '--release', 'bad'], 'with --no-dry the release is the one of your checkout'],
  ] as const) {
    const { code, output } = await rehearse(...args);
    expect(output).toContain(message);
    expect(code).toBe(2);
  }
  expect(await served()).toBe('503');
});

test('the tasks build, ship and switch: users really get the release of the checkout, and the checkout is not changed', async () => {
  const { code, output } = await rehearse(...there);
  expect(output).toContain('Ends deployed');
  expect(code).toBe(0);
  expect(output).toContain('These commands of production are executed on this machine');
  expect(output).toContain('node scripts/run-task.cjs switch-traffic');
  expect(output).toMatch(/Commands\n {2}deploy v1\.0\.2 in slot green\n {2}promote v1\.0\.2 in slot green\n/);
  expect(output).toMatch(/\n {2}0 of \d+ requests failed\. They end on v1\.0\.2\./);
  expect(output).toContain('Users are on the slot green: add --slot green to the next rehearsal.');
  expect(await served()).toBe('v1.0.2');
  expect(await shop.git('status', '--porcelain')).toBe('');
  expect(await shop.git('tag')).toBe('');
});

test('a change of the checkout that breaks the service for users is taken back by the tasks', async () => {
  const file = join(shop.repository, 'service/behaviour.json');
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, JSON.stringify({ behaviour: 'error', port: 'users' }));
  const { code, output } = await rehearse(...there, '--slot', 'green');
  writeFileSync(file, good);
  expect(output).toContain('Ends rolled back');
  expect(code).toBe(0);
  expect(output).toMatch(/\n {2}[1-9]\d* of \d+ requests failed\. They end on v1\.0\.3, the release before\./);
  expect(await served()).toBe('v1.0.3');
});

test('a runner that is lost after the switch: another one switches back with the tasks', async () => {
  const { code, output } = await rehearse(...there, '--slot', 'blue', '--fault', 'lost-runner');
  expect(output).toContain('Ends rolled back');
  expect(code).toBe(0);
  expect(output).toMatch(/rollback_production +failure/);
  expect(await served()).toBe('v1.0.4');
});

test('a promotion that the rehearsal lets fail: the task is not executed, and users keep the release before', async () => {
  const { output } = await rehearse(...there, '--slot', 'green', '--fault', 'promote-fails');
  expect(output).toMatch(/promote v1\.0\.6 in slot \w+: fails/);
  expect(output).toMatch(/0 of \d+ requests failed\. They end on v1\.0\.5, the release before\./);
  expect(await served()).toBe('v1.0.5');
});

/** As if production were deployed elsewhere. */
function moveProduction(url: string, candidateUrl: string): void {
  const file = join(shop.repository, MANIFEST_FILE);
  const { environments, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const moved = environments.map((one) => (
    one.name === 'production' ? JSON.parse(JSON.stringify(one).replaceAll(candidateUrl, CANDIDATE).replaceAll(url, 'https://www.example.com')) as unknown : one
  ));
  writeFileSync(file, JSON.stringify({ ...rest, environments: moved }, undefined, 2));
}

/** The version, or the status of the router. */
async function served(): Promise<string> {
  const response = await fetch(`${shop.machine('production').url}/health`, { headers: { connection: 'close' } });
  return response.ok ? ((await response.json()) as { version: string }).version : String(response.status);
}

function rehearse(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const { PATH, HOME } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, [join(shop.repository, '.projen/delivery.cjs'), 'rehearse', ...args], {
      cwd: shop.repository, env: { PATH, HOME }, timeout: 280_000,
    }, (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 99) : 0, output: stdout + stderr }));
  });
}
