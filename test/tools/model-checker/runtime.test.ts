/** What place.ts says of the commands where the outcomes depend on it, checked with the bundled runtime. All of it: runtime.ci.ts. */
import { confirm, goBack } from './release-runs';
import { World } from '../../runtime/world';

let world: World;

beforeEach(async () => {
  world = await World.create();
});

afterEach(() => world.destroy());

test('the confirmation, run again, does not report as stable a release that a person rolled back since', async () => {
  await world.ship('v1');
  world.release('v2');
  const run = { id: world.newRun(), tag: 'v2' };
  await world.step(run, 'deploy', 'production');
  expect((await confirm(world, { ...run, env: { DELIVERY_STATE: 'confirming' } })).outputs.state).toBe('stable');
  await goBack(world, 'production');
  expect((await confirm(world, { ...run, attempt: 2, env: { DELIVERY_STATE: 'confirming' } })).outputs.state).not.toBe('stable');
});
