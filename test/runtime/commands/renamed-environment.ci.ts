import { killAt, World } from '../world';

/** What a new name of an environment keeps: real processes, with the ledger in a file. */
let world: World;

beforeEach(async () => {
  world = await World.create('blueGreen');
});
afterEach(() => world.destroy());

/** As a person renames it in .projenrc.ts: nothing that is deployed changes. */
function rename(name: string): void {
  world.change({ name });
}

const HISTORY = ['v1', 'v2'] as const;

async function shipBoth(): Promise<void> {
  for (const version of HISTORY) expect(await world.ship(version)).toMatchObject({ code: 0 });
}

test('the way back, the slot and what is blocked are those of the old name', async () => {
  await shipBoth();
  expect(await world.ship('v3', 'bad')).toMatchObject({ code: 1 });
  rename('live');
  const adopted = await world.delivery('adopt', 'live', '--from', 'production');
  expect(adopted).toMatchObject({ code: 0, output: expect.stringContaining('v2 was adopted on live') as string });
  expect((await world.delivery('deploy', 'live', '--release', 'v3')).output).toMatch(/rolled back on live before, so it is blocked/);
  expect(world.served).toBe('v2');
  const back = await world.delivery('rollback', 'live', '--release', 'v1', '--reason', 'slow');
  expect(back).toMatchObject({ code: 0, output: expect.stringContaining('live was rolled back to v1') as string });
  expect(world.served).toBe('v1');
});

test('what a migration made irreversible under the old name stays so', async () => {
  await world.ship('v1');
  const [{ target }] = world.manifest.environments as [typeof world.manifest.environments[number]];
  world.change({ target: { ...target, migrate: { kind: 'bash', line: 'echo irreversible=true > "$DELIVERY_RESULT"' } } });
  expect(await world.ship('v2')).toMatchObject({ code: 0 });
  rename('live');
  expect(await world.delivery('adopt', 'live', '--from', 'production')).toMatchObject({ code: 0 });
  expect(await world.delivery('rollback', 'live', '--release', 'v1', '--reason', 'slow')).toMatchObject({
    code: 2, output: expect.stringContaining('v2 ran a migration that cannot be undone') as string,
  });
});

test.each([
  ['an environment that still exists', ['adopt', 'production', '--from', 'production'], 'production is still an environment'],
  ['a name without records', ['adopt', 'live', '--from', 'prod'], 'prod has no Stable release'],
  ['a release beside it', ['adopt', 'live', '--from', 'production', '--release', 'v1'], 'Leave --release out'],
])('is refused: %s', async (_, args, message) => {
  await shipBoth();
  if (args[1] === 'live') rename('live');
  const { code, output } = await world.delivery(...args);
  expect([code, output]).toEqual([2, expect.stringContaining(message)]);
});

test('is refused where the new name has records of its own, or the old one a deployment in progress', async () => {
  await shipBoth();
  rename('live');
  expect(await world.delivery('adopt', 'live', '--from', 'production')).toMatchObject({ code: 0 });
  expect(await world.delivery('adopt', 'live', '--from', 'production')).toMatchObject({ code: 2, output: expect.stringContaining('live has records of its own') as string });
  rename('production');
  world.release('v3');
  await world.step({ id: world.newRun(), tag: 'v3', onLine: killAt('Bake') }, 'deploy', 'production');
  rename('other');
  expect(await world.delivery('adopt', 'other', '--from', 'production')).toMatchObject({ code: 2, output: expect.stringContaining('v3 is baking on production') as string });
});

test('nothing is adopted that is not live', async () => {
  await shipBoth();
  rename('live');
  world.up = false;
  world.shortenDeadline();
  expect(await world.delivery('adopt', 'live', '--from', 'production')).toMatchObject({ code: 1 });
  world.up = true;
  expect(await world.delivery('adopt', 'live', '--from', 'production')).toMatchObject({ code: 0 });
});
