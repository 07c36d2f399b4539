/** The help: all commands, and examples that work in this repository. */
import { World } from './world';
import { withEnvironments } from '../../src/runtime/help-examples';

describe('an example', () => {
  it.each([
    ['delivery deploy production --release v1', ['staging', 'production'], 'delivery deploy production --release v1'],
    ['delivery deploy production --release v1', ['live'], 'delivery deploy live --release v1'],
    ['delivery deploy staging', ['test', 'live'], 'delivery deploy test'],
    ['delivery deploy production', ['test', 'live'], 'delivery deploy live'],
    ['delivery deploy staging', ['production'], 'delivery deploy production'],
    ['delivery start-drills --environments staging,production', ['test', 'live'], 'delivery start-drills --environments test,live'],
    ['delivery start-drills --environments staging,production', ['live'], 'delivery start-drills --environments live'],
    ['delivery preview preview-12', ['live'], 'delivery preview preview-12'],
    ['delivery plan production', [], 'delivery plan production'],
  ])('%s of %j: %s', (example, environments, expected) => {
    expect(withEnvironments(example, environments)).toBe(expected);
  });
});

describe('the help', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.create('redeploy', { name: 'live' });
  });
  afterAll(() => world.destroy());

  it('of a command has examples with an environment that exists', async () => {
    for (const command of ['deploy', 'rollback', 'plan', 'adopt', 'start-drills']) {
      const { code, output } = await world.delivery(command, '--help');
      expect([code, output]).toEqual([0, expect.stringMatching(new RegExp(`Examples:\\n {2}npx projen delivery ${command} .*\\blive\\b`))]);
      expect(output).not.toMatch(/\b(staging|production)\b/);
    }
    expect((await world.delivery('deploy')).output).toContain('which environment? Try: npx projen delivery deploy live');
  });

  it('works where the manifest cannot be read', async () => {
    const manifest = world.manifest;
    world.manifest = { ...manifest, schema: 999 as never };
    world.change({});
    expect(await world.delivery('deploy', '--help')).toMatchObject({ code: 0, output: expect.stringContaining('delivery deploy staging') as string });
    world.manifest = manifest;
    world.change({});
  });

  it('lists every command, also those that are not in this runtime', async () => {
    const { output } = await world.delivery('--help');
    for (const command of ['plan', 'deploy', 'status', 'rollback', 'rehearse', 'page', 'plan-merge', 'preview']) expect(output).toMatch(new RegExp(`^ {2}${command} {2,}`, 'm'));
  });
});
