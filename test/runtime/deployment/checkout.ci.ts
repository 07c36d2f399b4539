/** What is deployed is what is named: the files in the checkout are compared with the release before the first change. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../world';

let world: World;
beforeEach(async () => {
  world = await World.create('redeploy');
  await world.ship('v1');
});
afterEach(() => world.destroy());

const production = (...args: string[]) => world.run([args[0]!, 'production', ...args.slice(1)], {});

test.each(['plan', 'deploy'])('%s of a release that is not checked out is refused, and nothing is changed', async (command) => {
  const named = world.release('v7');
  const head = world.release('v8');
  const before = world.commands;
  const { code, output } = await production(command, '--release', 'v7');
  expect(output).toContain(`v7 (${named.slice(0, 7)}) is not what is checked out: HEAD is ${head.slice(0, 7)}`);
  expect(output).toContain(`git checkout ${named.slice(0, 7)}`);
  expect([code, world.commands]).toEqual([2, before]);
  world.git('checkout', '--quiet', named.slice(0, 7));
  expect((await production(command, '--release', 'v7')).code).toBe(0);
});

describe('changes that are not committed', () => {
  beforeEach(() => {
    world.release('v2');
    writeFileSync(join(world.root, 'notes.txt'), 'new');
  });

  test.each(['plan', 'deploy'])('%s refuses them, and names them', async (command) => {
    const before = world.commands;
    const { code, output } = await production(command);
    expect(output).toMatch(/1 file differs from the commit \w{7}, which v2 names: notes\.txt\..*--allow-dirty/);
    expect([code, world.commands]).toEqual([2, before]);
  });

  test('--allow-dirty deploys them, and each message names them; the commit is another release', async () => {
    const deployed = await production('deploy', '--allow-dirty');
    expect([deployed.code, world.served]).toEqual([0, 'v2+with-local-changes']);
    expect((await production('status')).output).toContain('v2+with-local-changes');
    // other changes under the same name
    expect((await production('deploy', '--allow-dirty')).output).not.toContain('already live');
    rmSync(join(world.root, 'notes.txt'));
    const clean = await production('deploy');
    expect([clean.code, world.served]).toEqual([0, 'v2']);
    const back = await production('rollback', '--release', 'v2+with-local-changes', '--reason', 'why');
    expect([back.code, world.served]).toEqual([0, 'v2+with-local-changes']);
  });

  test('what was rolled back with them does not block the commit', async () => {
    world.behaviours['v2+with-local-changes'] = 'error';
    expect((await production('deploy', '--allow-dirty')).code).toBe(1);
    rmSync(join(world.root, 'notes.txt'));
    expect((await production('deploy')).code).toBe(0);
  });

  test('the file of a plan is none', async () => {
    rmSync(join(world.root, 'notes.txt'));
    expect((await production('plan', '--out', 'plan.json')).code).toBe(0);
    expect((await production('plan', '--out', 'plan.json')).code).toBe(0);
    expect((await production('deploy', '--plan', 'plan.json')).code).toBe(0);
  });
});

test('a job whose checkout is not its commit is refused', async () => {
  const sha = world.release('v2');
  const other = world.release('v3');
  const job = { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: String(world.newRun()), GITHUB_RUN_ATTEMPT: '1', GITHUB_SHA: sha, GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v2', GITHUB_REPOSITORY: 'acme/shop' };
  const { code, output } = await world.run(['deploy', 'production'], job);
  expect(output).toContain(`HEAD is ${other.slice(0, 7)}`);
  expect([code, world.served]).toEqual([2, 'v1']);
  // files without git are those of the job's commit
  rmSync(join(world.root, '.git'), { recursive: true });
  expect((await world.run(['deploy', 'production'], job)).code).toBe(0);
  expect(world.served).toBe('v2');
});
