/** A tag that moves to another commit: a response with its name says nothing. */
import { STRATEGIES, StrategyKind } from '../../../src/contract/strategies';
import { World } from '../world';

const KINDS = STRATEGIES.map(({ kind }) => kind);

/** What its deploy command does, beside that of the world: nothing, or the release responds with its commit. */
type Service = 'unchanged' | 'named by its commit' | 'named by its version';

async function worldWith(strategy: StrategyKind, service: Service): Promise<World> {
  const world = await World.create(strategy);
  serve(world, service);
  return world;
}

function serve(world: World, service: Service): void {
  const { target } = world.manifest.environments[0];
  const { deploy } = target;
  if (deploy.kind !== 'bash') throw new Error('the deploy command is a line');
  const writes = /echo "\$DELIVERY_(VERSION|SHA)" > machine\/new; mv machine\/new machine\/\$slot;|true;/;
  const written = (name: string) => `echo "$DELIVERY_${name}" > machine/new; mv machine/new machine/$slot;`;
  const by = { 'unchanged': 'true;', 'named by its commit': written('SHA'), 'named by its version': written('VERSION') }[service];
  world.change({ target: { ...target, deploy: { kind: 'bash', line: deploy.line.replace(writes, by) } } });
  world.git('add', '.');
  world.commit(service);
}

/** The tag on a new commit. */
function move(world: World, tag: string): string {
  const sha = world.commit('what the tag moves to');
  world.git('tag', '--force', tag);
  return sha;
}

const deploy = (world: World) => world.delivery('deploy', 'production', '--release', 'v1');

describe.each(KINDS)('%s: the tag of Stable moves', (kind) => {
  let world: World;
  afterEach(() => world.destroy());

  test('a service that says only its version: plan and deploy refuse it, and nothing is changed', async () => {
    world = await worldWith(kind, 'named by its version');
    await world.ship('v1');
    const before = world.commands;
    const [stable, moved] = [world.git('rev-parse', 'v1'), move(world, 'v1')];
    for (const command of ['plan', 'deploy']) {
      const { code, output } = await world.delivery(command, 'production', '--release', 'v1');
      expect(output).toContain(`v1 (${moved.slice(0, 7)}) has the name of another commit that was deployed to production before: ${stable.slice(0, 7)}. The service says only v1`);
      expect(code).toBe(2);
    }
    expect(world.commands).toEqual(before);
    const named = await world.delivery('deploy', 'production', '--release', moved.slice(0, 7));
    expect([named.code, world.served]).toEqual([0, moved.slice(0, 7)]);
  });

  test('a service that names its commit: it is deployed, and rolled back by hand', async () => {
    world = await worldWith(kind, 'named by its commit');
    await world.ship('v1');
    const [stable, moved] = [world.git('rev-parse', 'v1'), move(world, 'v1')];
    const deployed = await deploy(world);
    expect([deployed.code, world.served]).toEqual([0, moved]);
    const back = await world.delivery('rollback', 'production', '--release', 'v1', '--reason', 'why');
    expect([back.code, back.output]).toEqual([2, expect.stringContaining(`--release v1 may mean v1 (${moved.slice(0, 7)}) and v1 (${stable.slice(0, 7)})`)]);
    expect((await world.delivery('rollback', 'production', '--release', stable.slice(0, 7), '--reason', 'why')).code).toBe(0);
    expect(world.served).toBe(stable);
  });

  test('a release that no longer names its commit is taken back, and Stable is verified by its commit', async () => {
    world = await worldWith(kind, 'named by its commit');
    await world.ship('v1');
    const stable = world.git('rev-parse', 'v1');
    serve(world, 'named by its version');
    move(world, 'v1');
    const { code, output } = await deploy(world);
    expect(output).toContain('no health check names the commit');
    // with redeploy Stable is deployed again by the same command, so it is not verified either
    expect(code).toBe(kind === 'redeploy' ? 3 : 1);
    if (kind !== 'redeploy') expect(world.served).toBe(stable);
  });
});

test('the deploy command of the moved tag changes nothing: it is not verified', async () => {
  const world = await worldWith('redeploy', 'named by its commit');
  try {
    await world.ship('v1');
    const stable = world.git('rev-parse', 'v1');
    serve(world, 'unchanged');
    world.shortenDeadline();
    move(world, 'v1');
    const { code } = await deploy(world);
    expect([code, world.served]).toEqual([1, stable]);
  } finally {
    await world.destroy();
  }
});

test('the tag of a release that was rolled back moves to the fix', async () => {
  const world = await worldWith('redeploy', 'named by its version');
  try {
    await world.ship('v0');
    expect((await world.ship('v1', 'error')).code).toBe(1);
    const bad = world.git('rev-parse', 'v1');
    move(world, 'v1');
    const { code, output } = await deploy(world);
    expect([code, output]).toEqual([2, expect.stringContaining(`another commit that was deployed to production before: ${bad.slice(0, 7)}. The service says only v0`)]);
  } finally {
    await world.destroy();
  }
});
