/** Releases with the same bytes: what is said of one of them, and what is not said of the others. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../world';

let world: World;
beforeEach(async () => {
  world = await World.create('redeploy');
  mkdirSync(join(world.root, 'dist'));
  writeBytes('the same bytes');
  world.manifest = { ...world.manifest, artifact: { paths: ['dist'] } };
  world.change({});
  // built, so not committed
  writeFileSync(join(world.root, '.gitignore'), '.projen\nmachine\ndist\n');
  world.git('add', '.');
  world.commit('an artifact');
});
afterEach(() => world.destroy());

function writeBytes(text: string): void {
  writeFileSync(join(world.root, 'dist/app.txt'), text);
}

/** Releases a commit whose deploy command fails once. */
async function failOnce(version: string): Promise<void> {
  const { target } = world.manifest.environments[0];
  const { deploy } = target;
  const line = deploy.kind === 'bash' ? deploy.line : '';
  world.change({ target: { ...target, deploy: { kind: 'bash', line: `if [ "$DELIVERY_VERSION" = ${version} ]; then exit 1; fi; ${line}` } } });
  expect((await world.ship(version)).code).toBe(1);
  world.change({ target });
}

test('a deploy command that fails once does not block the live Stable, which has the same files', async () => {
  await world.ship('v1');
  await failOnce('v2');
  const again = await world.delivery('deploy', 'production', '--release', 'v1');
  expect(again).toMatchObject({ code: 0, output: expect.stringContaining('v1 is already live') as string });
});

test('a release with the same files that was never deployed is not "rolled back before"', async () => {
  await world.ship('v1');
  await failOnce('v2');
  const third = await world.ship('v3');
  expect(third.output).not.toContain('rolled back');
  expect([third.code, world.served]).toEqual([0, 'v3']);
});

test('a tag on Stable of another environment is verified there, whatever became of the same files in between', async () => {
  const [production] = world.manifest.environments;
  // nothing responds there yet
  const healthChecks = production.healthChecks.map((check) => ({ ...check, url: 'http://127.0.0.1:9/health' }));
  const live = { ...production, name: 'live', healthChecks, trigger: { kind: 'tag' as const, pattern: 'v*', requires: 'production' } };
  world.manifest = { ...world.manifest, environments: [production, live] };
  const all = world.manifest;
  writeFileSync(join(world.root, '.projen/delivery.json'), JSON.stringify(all));
  world.release('v1');
  await world.delivery('deploy', 'production', '--release', 'v1');
  world.release('v2', 'error');
  expect((await world.delivery('deploy', 'production', '--release', 'v2')).code).toBe(1);
  const { code, output } = await world.delivery('plan', 'live', '--release', 'v1');
  expect(output).not.toContain('was not verified');
  expect(code).toBe(0);
});

test('files that a health verdict rolled back are blocked under every commit, until unblock', async () => {
  await world.ship('v1');
  writeBytes('bad bytes');
  expect((await world.ship('v2', 'error')).code).toBe(1);
  // going back has placed the files of v1
  writeBytes('bad bytes');
  const rejected = await world.ship('v3');
  expect(rejected.code).toBe(2);
  expect(rejected.output).toMatch(/v3 \(\w{7}\) has the same files as v2 \(\w{7}\), which was rolled back on production before/);
  // it was never attempted under that name
  expect((await world.delivery('unblock', 'production', '--release', 'v3', '--reason', 'it was the database')).code).toBe(0);
  expect(await world.delivery('deploy', 'production', '--release', 'v3')).toMatchObject({ code: 0 });
  expect((await world.delivery('unblock', 'production', '--release', 'v1')).output).toContain('v1 is not blocked');
});
