/** A deployment deploys no lower version than the one that is Stable: checked with the bundled runtime, in its plan and after the approval. */
import { World } from '../world';

jest.setTimeout(300_000);

let world: World;

beforeEach(async () => {
  world = await World.create();
});

afterEach(() => world.destroy());

/** A run on a tag, of which only the plan was made. */
async function planned(tag: string) {
  const run = { id: world.newRun(), tag };
  return { run, plan: await world.step(run, 'plan', 'production') };
}

test('a patch of an old major version is rejected in its plan and by deploy, and nothing is changed', async () => {
  await world.ship('v2.0.0');
  world.release('v1.9.1');
  world.forgetCommands();
  const { run, plan } = await planned('v1.9.1');
  expect(plan).toMatchObject({ code: 2, outputs: { go: 'false' } });
  const message = 'v1.9.1 is a lower version than v2.0.0, which is Stable on production: a deployment never lowers the version. To go back to a release that was verified there: '
    + 'npx projen delivery rollback production --release v1.9.1 --reason why. If lower versions are intended, set allowDowngrade: true on the environment production.';
  expect(plan.output).toContain(message);
  expect(plan.summary).toContain('lower version');
  const deployed = await world.step(run, 'deploy', 'production');
  expect(deployed).toMatchObject({ code: 2, output: expect.stringContaining(message) as unknown });
  expect(world.commands).toEqual([]);
  expect(world.served).toBe('v2.0.0');
});

test('what became Stable while the run waited for its approval counts', async () => {
  await world.ship('v1.0.0');
  for (const tag of ['v3.0.0', 'v2.0.0']) world.release(tag);
  const newer = { id: world.newRun(), tag: 'v3.0.0' };
  const { run, plan } = await planned('v2.0.0');
  expect(plan).toMatchObject({ code: 0, outputs: { go: 'true' } });
  await world.step(newer, 'deploy', 'production');
  const { code, output } = await world.step(run, 'deploy', 'production');
  // the judge of the other run had not spoken: what it left is confirmed first
  expect(output).toContain('v2.0.0 is a lower version than v3.0.0');
  expect([code, world.served]).toEqual([2, 'v3.0.0']);
});

test('a prerelease of what is Stable is rejected, the next version\'s is not, nor is its release', async () => {
  await world.ship('v2.0.0');
  world.release('v2.0.0-beta.3');
  expect(await world.delivery('plan', 'production', '--release', 'v2.0.0-beta.3')).toMatchObject({ code: 2, output: expect.stringContaining('v2.0.0-beta.3 is a lower version') as unknown });
  expect((await world.ship('v2.1.0-beta.0')).code).toBe(0);
  expect((await world.ship('v2.1.0')).code).toBe(0);
  expect(world.served).toBe('v2.1.0');
});

test('what a release workflow releases is no prerelease, unless that is said: whatever chose the version', async () => {
  world.change({ trigger: { kind: 'release' } });
  await world.ship('v2.0.0');
  world.release('v2.1.0-beta.0');
  const rejected = await world.delivery('deploy', 'production', '--release', 'v2.1.0-beta.0');
  expect(rejected).toMatchObject({ code: 2, output: expect.stringContaining('v2.1.0-beta.0 is a prerelease, and production takes none') as unknown });
  world.change({ trigger: { kind: 'release', prereleases: true } });
  expect((await world.delivery('deploy', 'production', '--release', 'v2.1.0-beta.0')).code).toBe(0);
  expect(world.served).toBe('v2.1.0-beta.0');
});

test('a release workflow that a person started on another branch deploys nothing', async () => {
  world.change({ trigger: { kind: 'release', branches: ['main'] } });
  world.release('v2.0.0');
  const on = (branch: string) => world.step({ id: world.newRun(), tag: 'v2.0.0', env: { GITHUB_REF_TYPE: 'branch', GITHUB_REF_NAME: branch, DELIVERY_RELEASE: 'v2.0.0' } }, 'plan', 'production');
  expect(await on('1.x')).toMatchObject({ code: 0, outputs: { go: 'false' }, output: expect.stringContaining('the branch 1.x does not deploy to production') as unknown });
  expect(await on('main')).toMatchObject({ code: 0, outputs: { go: 'true' } });
});

test('allowDowngrade lets it pass', async () => {
  await world.ship('v2.0.0');
  world.change({ allowDowngrade: true });
  expect((await world.ship('v1.9.1')).code).toBe(0);
  expect(world.served).toBe('v1.9.1');
});

test('a rollback by hand goes down, and from there it goes up again', async () => {
  await world.ship('v1.9.0');
  await world.ship('v2.0.0');
  expect((await world.delivery('rollback', 'production', '--release', 'v1.9.0', '--reason', 'slow')).code).toBe(0);
  expect(world.served).toBe('v1.9.0');
  expect((await world.ship('v1.9.1')).code).toBe(0);
  expect(world.served).toBe('v1.9.1');
});

test('short shas are not compared, and the live release under a lower name is nothing to do', async () => {
  const first = world.release('v2.0.0');
  await world.delivery('deploy', 'production', '--release', 'v2.0.0');
  world.git('tag', 'v1.0.0', first);
  expect(await world.step({ id: world.newRun(), tag: 'v1.0.0' }, 'deploy', 'production')).toMatchObject({ code: 0, outputs: { state: 'unchanged' } });
  const sha = world.commit('pushed').slice(0, 7);
  world.behaviours[sha] = 'good';
  expect((await world.delivery('deploy', 'production', '--release', sha)).code).toBe(0);
  expect((await world.ship('v0.1.0')).code).toBe(0);
  expect(world.served).toBe('v0.1.0');
});
