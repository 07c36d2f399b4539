/** `--release` names a release that exists, whether its `v` is written or not; it is never a guess. */
import { World } from '../world';

let world: World;
beforeEach(async () => {
  world = await World.create('redeploy');
});
afterEach(() => world.destroy());

function recorded(): Promise<{ version: string; sha: string }> {
  return world.delivery('status', '--json').then(({ output }) => (JSON.parse(output) as { stable: { version: string; sha: string } }[])[0].stable);
}

test('adopt of 1.2.3 where only the tag v1.2.3 exists records the commit of that tag, not HEAD', async () => {
  await world.ship('v1.2.3');
  const sha = world.git('rev-parse', 'v1.2.3');
  world.commit('later');
  expect((await world.delivery('adopt', 'production', '--release', '1.2.3')).code).toBe(0);
  expect(await recorded()).toMatchObject({ version: 'v1.2.3', sha });
});

test.each(['adopt', 'deploy', 'plan', 'unblock'])('%s rejects a release that does not exist, and names those that do', async (command) => {
  world.release('v1.2.3');
  const { code, output } = await world.delivery(command, 'production', '--release', 'v1.2.4');
  expect(code).toBe(2);
  expect(output).toMatch(/v1\.2\.4 is neither a tag nor a commit that is known here.*v1\.2\.3/);
});

test.each([
  ['adopt'], ['deploy'], ['plan'], ['unblock'],
])('%s refuses a version whose two spellings are different commits, and names both', async (command) => {
  world.release('v1.2.3');
  world.release('1.2.3');
  const { code, output } = await world.delivery(command, 'production', '--release', '1.2.3');
  expect(code).toBe(2);
  expect(output).toMatch(/1\.2\.3 \(\w{7}\) and v1\.2\.3 \(\w{7}\), which are different commits/);
});

test.each(['rollback', 'hold'])('%s goes to the verified release whose v was left out, unless that is a tag of another commit', async (command) => {
  await world.ship('v1.2.3');
  await world.ship('v1.2.4');
  world.git('tag', '1.2.3', 'HEAD');
  const rejected = await world.delivery(command, 'production', '--release', '1.2.3');
  expect(rejected).toMatchObject({ code: 2, output: expect.stringContaining('which are different commits') as string });
  world.git('tag', '--delete', '1.2.3');
  expect((await world.delivery(command, 'production', '--release', '1.2.3')).code).toBe(0);
});

test('in a job without history a name is rejected, not taken for the commit that is checked out', async () => {
  world.release('v1.2.3');
  const sha = world.commit('later');
  const env = { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: '1', GITHUB_SHA: sha, GITHUB_REF_TYPE: 'branch', GITHUB_REF_NAME: 'main', GITHUB_REPOSITORY: 'acme/shop' };
  world.git('tag', '--delete', 'v1.2.3');
  const { code, output } = await world.run(['adopt', 'production', '--release', '1.2.3'], env);
  expect(code).toBe(2);
  expect(output).toContain('Name a tag of the repository, or a full commit sha');
});
