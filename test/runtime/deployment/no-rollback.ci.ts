/** A target that cannot take a release back: a bad release is halted, and says what a person does; nothing is rolled back. */
import { killAt, World } from '../world';

const REMEDY = 'Yank the version, and release a higher one';
let world: World;

beforeEach(async () => {
  world = await World.create('redeploy');
  world.change({ target: { ...world.manifest.environments[0].target, noRollback: REMEDY } });
  expect((await world.ship('v1')).code).toBe(0);
  world.forgetCommands();
});

afterEach(() => world.destroy());

test('a bad release is halted with the remedy, and the next one rolls forward', async () => {
  const { code, output } = await world.ship('v2', 'error');
  expect([code, world.commands]).toEqual([3, ['deploy v2 to only']]);
  expect(output).toContain(`The target cannot take a release back. ${REMEDY}.`);
  expect(output).not.toContain('delivery rollback production');
  expect((await world.ship('v3')).code).toBe(0);
  expect(world.served).toBe('v3');
});

test('the plan says so before anything is deployed', async () => {
  world.release('v2');
  const { code, output } = await world.delivery('plan', 'production', '--release', 'v2');
  expect(code).toBe(0);
  expect(output).toContain(`If any step fails, there is nothing to go back to: the target cannot take a release back, so a bad release is halted, and a person must act. ${REMEDY}`);
});

test.each([[['rollback', 'production', '--release', 'v1']], [['hold', 'production', '--release', 'v1']], [['drill', 'production']], [['rollback', 'production', '--release', 'v1', '--even-if-irreversible']]])('%s is refused', async (args) => {
  await world.ship('v2');
  world.forgetCommands();
  const { code, output } = await world.delivery(...args);
  expect([code, world.commands]).toEqual([2, []]);
  expect(output).toContain(`the target cannot take a release back, so there is no rollback. ${REMEDY}.`);
});

test('a deployment whose run dies is halted by the next command, also if the manifest does not say it any more', async () => {
  world.release('v2');
  const run = { id: world.newRun(), tag: 'v2' };
  await world.step({ ...run, onLine: killAt('Verify') }, 'deploy', 'production');
  const { noRollback: _, ...target } = world.manifest.environments[0].target;
  world.change({ target });
  expect((await world.step(run, 'rollback', 'production', '--recover')).code).toBe(3);
  expect(world.commands).toEqual(['deploy v2 to only']);
});
