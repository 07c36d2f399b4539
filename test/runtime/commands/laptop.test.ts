/** What someone sees who tries the commands on a laptop: through the bundled runtime as a real process. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../world';

let world: World;
afterEach(() => world.destroy());

describe('the plan on a laptop', () => {
  it('refuses changes that are not committed: the record would say a commit that they are not in', async () => {
    world = await World.create('redeploy');
    world.release('v1');
    writeFileSync(join(world.root, 'server.js'), 'new');
    writeFileSync(join(world.root, '.gitignore'), '.projen\nmachine\n# changed\n');
    const { code, output } = await world.delivery('plan', 'production');
    expect(code).toBe(2);
    expect(output.replace(/\s+/g, ' ')).toMatch(/2 files differ from the commit \w{7}, which v1 names: \.gitignore, server\.js\. v1 does not contain them\. Commit them first/);
    expect(await world.delivery('plan', 'production', '--allow-dirty')).toMatchObject({ code: 0, output: expect.stringContaining('v1+with-local-changes') as string });
  });

  it('says nothing of it where everything is committed, and in a job', async () => {
    world = await World.create('redeploy');
    world.release('v1');
    expect((await world.delivery('plan', 'production')).output).not.toMatch(/differ from the commit/);
    writeFileSync(join(world.root, 'server.js'), 'new');
    expect((await world.step({ id: world.newRun(), tag: 'v1' }, 'plan', 'production')).output).not.toMatch(/differ/);
  });

  it('names an artifact that is older than HEAD, with the task that builds it', async () => {
    world = await World.create('redeploy');
    build('dist', 3_600);
    world.manifest = { ...world.manifest, artifact: { paths: ['dist'], buildLine: 'npx projen bundle' } };
    world.change({});
    world.git('add', '.');
    world.release('v1');
    expect((await world.delivery('plan', 'production')).output.replace(/\s+/g, ' ')).toMatch(/dist was built before the commit v1 \([0-9a-f]{7}\), so it may lack what that changed\. Build it again first: npx projen bundle/);
    build('dist', -60);
    expect((await world.delivery('plan', 'production')).output).not.toContain('was built before');
  });

  it('names the task that builds an artifact that is not there', async () => {
    world = await World.create('redeploy');
    world.manifest = { ...world.manifest, artifact: { paths: ['dist'], buildLine: 'npx projen bundle' } };
    world.change({});
    world.release('v1');
    const { code, output } = await world.delivery('plan', 'production');
    expect(code).toBe(2);
    expect(output).toContain('dist does not exist, and the artifact is made of it. Build it first: npx projen bundle');
  });
});

describe('a deployment whose process is dead', () => {
  it('is shown as such in the status, with the command that recovers it', async () => {
    world = await World.create('redeploy');
    await world.ship('v1');
    world.release('v2', 'error');
    await world.run(['deploy', 'production', '--release', 'v2'], {}, (line, stop) => line.includes('Verify') && stop('SIGKILL'));
    const { output } = await world.delivery('status');
    const command = 'npx projen delivery rollback production --recover';
    expect(output.replace(/\s+/g, ' ')).toMatch(/left (deploying|verifying)/);
    expect(output).toMatch(/production: v2 \(of engineer, begun [^)]+\) was left while it was being (deployed|verified), and its process is gone: users have v1 or v2, which is not verified/);
    expect(output).toContain(`The next command recovers it first: it is rolled back to v1. To do only that: ${command}`);
    const [row] = JSON.parse((await world.delivery('status', '--json')).output) as { unfinished?: unknown }[];
    expect(row.unfinished).toMatchObject({ version: 'v2', isAbandoned: true, recover: command });

    const recovered = await world.delivery('rollback', 'production', '--recover');
    expect([recovered.code, recovered.output]).toEqual([0, expect.stringContaining('v1 is live again')]);
    expect((await world.delivery('status')).output).not.toContain('--recover');
  });

  it('has another slot in the plan than its own, which is what the next deployment uses', async () => {
    world = await World.create('blueGreen');
    await world.ship('v1');
    world.change({ strategy: { ...world.manifest.environments[0].strategy, bakeMs: 60_000 } });
    world.release('v2');
    await world.run(['deploy', 'production', '--release', 'v2'], {}, (line, stop) => line.includes('Bake') && stop('SIGKILL'));
    expect(world.served).toBe('v2');
    expect((await world.delivery('status')).output).toContain('users have v2, which is not verified');
    world.change({ strategy: { ...world.manifest.environments[0].strategy, bakeMs: 60 } });
    world.release('v3');
    const { output } = await world.delivery('plan', 'production', '--release', 'v3');
    expect(output).toContain('1. Recover v2: it is rolled back to v1');
    expect(output).toContain('Deploy v3 to the slot green');
    world.forgetCommands();
    expect((await world.delivery('deploy', 'production', '--release', 'v3')).code).toBe(0);
    expect(world.commands).toContain('deploy v3 to green');
  });

  it('was interrupted by a person, who is told what users have', async () => {
    world = await World.create('redeploy');
    await world.ship('v1');
    world.change({ strategy: { ...world.manifest.environments[0].strategy, bakeMs: 60_000 } });
    world.release('v2');
    const { code, output } = await world.run(['deploy', 'production', '--release', 'v2'], {}, (line, stop) => line.includes('Bake') && stop('SIGINT'));
    expect(code).toBe(1);
    expect(output).toContain('Users have v2, which is not verified. The next command recovers it first: it is rolled back to v1.');
  });

  it('is not one whose process is at work', async () => {
    world = await World.create('redeploy');
    await world.ship('v1');
    world.change({ target: { deploy: { kind: 'bash', line: 'echo at work; sleep 30' } } });
    world.release('v2');
    let seen: Promise<string> | undefined;
    await world.run(['deploy', 'production', '--release', 'v2'], {}, (line, stop) => {
      if (line.includes('at work')) seen ??= world.delivery('status').then(({ output }) => (stop('SIGTERM'), output));
    });
    expect(await seen).toMatch(/v2 +deploying/);
    expect(await seen).toContain('is being deployed: users have v1 or v2, which is not verified');
    expect(await seen).not.toContain('--recover');
  });
});

describe('a first release that fails its health checks', () => {
  it.each(['redeploy', 'blueGreen'] as const)('is called bad, with nothing to go back to (%s)', async (strategy) => {
    world = await World.create(strategy);
    const { code, output } = await world.ship('v1', 'bad');
    expect(code).toBe(3);
    expect(output).toContain('v1 is bad on production, with nothing to go back to: production is halted until another release is deployed');
    expect(output).not.toContain('could not be verified');
    expect(output).toContain('Fix it in a new commit, and deploy that');
  });

  it('is not called bad if there was no response to verify', async () => {
    world = await World.create('redeploy');
    world.shortenDeadline();
    const { code, output } = await world.ship('v1', 'reset');
    expect(code).toBe(3);
    expect(output).not.toContain('v1 is bad');
  });
});

/** A file in a folder, with its age in seconds. */
function build(folder: string, age: number): void {
  mkdirSync(join(world.root, folder), { recursive: true });
  writeFileSync(join(world.root, folder, 'main.js'), `v${age}`);
  const at = Date.now() / 1000 - age;
  utimesSync(join(world.root, folder, 'main.js'), at, at);
}
