/** As runtime.test.ts: what else place.ts says of the commands. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { confirm, goBack } from './release-runs';
import { World } from '../../runtime/world';

let world: World;

beforeEach(async () => {
  world = await World.create();
});

afterEach(() => world.destroy());

test('a lost deploy job shows the output of its earlier attempt: that it was frozen then recovers nothing now', async () => {
  await world.ship('v1');
  const run = await leftOpen('v2');
  const confirmed = await world.step({ ...run, env: { DELIVERY_DEPLOYED: 'failure', DELIVERY_STATE: 'frozen' } }, 'monitor', 'production');
  expect(confirmed.outputs.completed_attempt).toBeUndefined();
  expect(confirmed.code).toBe(1);
});

test('a freeze stops no deploy job that has something to finish: the plan lets it begin, or is red', async () => {
  await world.ship('v1');
  const run = await leftOpen('v2');
  world.change({ freezes: [{ kind: 'between', from: '2020-01-01T00:00', until: '2099-01-01T00:00', timeZone: 'UTC' }] });
  const { code, outputs } = await world.step({ ...run, attempt: 2 }, 'plan', 'production');
  expect({ isGreen: code === 0, ...outputs }).not.toMatchObject({ isGreen: true, go: 'false' });
});

test('nor what was live already, and is not any more', async () => {
  await world.ship('v1');
  await world.ship('v2');
  const run = { id: world.newRun(), tag: 'v2' };
  expect((await world.step(run, 'deploy', 'production')).outputs.state).toBe('unchanged');
  await goBack(world, 'production');
  expect((await confirm(world, { ...run, attempt: 2, env: { DELIVERY_STATE: 'unchanged' } })).outputs.state).not.toBe('stable');
});

test('a deploy job that is run again alone looks again whether the environment before it still stands', async () => {
  const [production] = world.manifest.environments;
  const environments = [{ ...production, name: 'staging' }, { ...production, trigger: { kind: 'after', environment: 'staging' } }];
  writeFileSync(join(world.root, '.projen/delivery.json'), JSON.stringify({ ...world.manifest, environments }));
  const runs = ['v1', 'v2'].map((tag) => {
    world.release(tag);
    return { id: world.newRun(), tag };
  });
  for (const run of runs) {
    await world.step(run, 'deploy', 'staging');
    await world.step({ ...run, env: { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'confirming' } }, 'monitor', 'staging');
  }
  await goBack(world, 'staging');
  expect((await world.step({ ...runs[1], attempt: 2 }, 'deploy', 'production')).code).toBe(2);
});

/** A deploy whose process is gone in the middle. */
async function leftOpen(tag: string): Promise<{ id: number; tag: string }> {
  world.release(tag);
  const run = { id: world.newRun(), tag };
  const { code } = await world.step({ ...run, onLine: (line, stop) => line.includes(`Deploy ${tag}`) && stop('SIGKILL') }, 'deploy', 'production');
  expect(code).toBeNull();
  return run;
}
