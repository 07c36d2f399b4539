/** `plan --out` and `deploy --plan`: what a person read is what runs. Through the bundled runtime as a real process. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ended, World } from '../world';

const FILE = 'machine/plan.json';
let world: World;

beforeEach(async () => {
  world = await World.create('redeploy');
});
afterEach(() => world.destroy());

const plan = (...more: string[]) => world.delivery('plan', 'production', '--out', FILE, ...more);
/** Of the release that the plan names, checked out. */
function deploy(...more: string[]): Promise<Ended> {
  const [, version] = /"release": \{\s*"version": "([^"]+)"/.exec(existsSync(join(world.root, FILE)) ? readFileSync(join(world.root, FILE), 'utf8') : '') ?? [];
  if (version !== undefined && world.git('tag', '--list', version) !== '') checkOut(version);
  return world.delivery('deploy', 'production', '--plan', FILE, ...more);
}

const checkOut = (version: string) => world.git('checkout', '--quiet', '--detach', version);
const planFile = () => JSON.parse(readFileSync(join(world.root, FILE), 'utf8')) as Record<string, unknown>;

async function planned(version: string): Promise<void> {
  world.release(version);
  const { code, output } = await plan('--release', version);
  expect([code, output]).toEqual([0, expect.stringContaining(`deploy exactly it: npx projen delivery deploy production --plan ${FILE}`)]);
  world.forgetCommands();
}

/** Nothing ran, and the message has the reason. */
function isRefused({ code, output }: Ended, why: string | RegExp): void {
  expect(output).toMatch(why);
  expect([code, world.commands]).toEqual([2, []]);
}

describe('--plan-sha256', () => {
  const sha256 = () => createHash('sha256').update(readFileSync(join(world.root, FILE))).digest('hex');

  it('deploys the file that plan printed the SHA-256 of', async () => {
    world.release('v1');
    const { output } = await plan();
    expect(output.replace(/\s+/g, ' ')).toContain(`--plan ${FILE} --plan-sha256 ${sha256()}`);
    expect((await deploy('--plan-sha256', sha256())).code).toBe(0);
  });

  it('refuses a file that was changed since, also to a commit that is checked out', async () => {
    await planned('v1');
    const digest = sha256();
    const other = world.release('v2');
    writeFileSync(join(world.root, FILE), JSON.stringify({ ...planFile(), release: { version: 'v2', sha: other } }));
    isRefused(await deploy('--plan-sha256', digest), 'the file is not the plan with this SHA-256');
  });

  it('is refused without a file', async () => {
    isRefused(await world.delivery('deploy', 'production', '--plan-sha256', 'a'.repeat(64)), 'add --plan FILE');
  });
});

describe('the checkout since the plan', () => {
  it('another commit is refused', async () => {
    await planned('v1');
    world.release('v2');
    isRefused(await world.delivery('deploy', 'production', '--plan', FILE), /v1 \(\w{7}\) is not what is checked out/);
  });

  it('another change that is not committed is refused', async () => {
    world.release('v1');
    writeFileSync(join(world.root, 'deploy.sh'), 'as planned');
    expect((await plan('--allow-dirty')).code).toBe(0);
    writeFileSync(join(world.root, 'deploy.sh'), 'changed');
    isRefused(await world.delivery('deploy', 'production', '--plan', FILE, '--allow-dirty'), /checkout\.files\.deploy\.sh: "\w{64}" in the plan/);
    writeFileSync(join(world.root, 'deploy.sh'), 'as planned');
    expect((await world.delivery('deploy', 'production', '--plan', FILE, '--allow-dirty')).code).toBe(0);
  });
});

describe('where nothing changed since the plan', () => {
  it('its release is deployed, and a second time there is nothing to do', async () => {
    await planned('v1');
    world.release('v2');
    const first = await deploy();
    expect([first.code, world.served]).toEqual([0, 'v1']);
    expect(first.output).toContain('nothing changed since the plan of 20');
    expect(await deploy()).toMatchObject({ code: 0, output: expect.stringContaining('v1 is already live') });
  });

  it('of an environment with files, these are the files that were planned', async () => {
    world.manifest = { ...world.manifest, artifact: { paths: ['machine/dist'] } };
    world.change({});
    writeFileSync(join(world.root, 'machine/dist'), 'as planned');
    await planned('v1');
    writeFileSync(join(world.root, 'machine/dist'), 'built again, and different');
    isRefused(await deploy(), /release\.digest: "\w{64}" in the plan, "\w{64}" now/);
    writeFileSync(join(world.root, 'machine/dist'), 'as planned');
    const { manifest } = world;
    world.manifest = { ...manifest, artifact: { paths: ['machine/live', 'machine/dist'] } };
    world.change({});
    writeFileSync(join(world.root, 'machine/live'), '');
    isRefused(await deploy(), 'configuration.artifact.paths.0: "machine/dist" in the plan, "machine/live" now');
    rmSync(join(world.root, 'machine/live'));
    world.manifest = manifest;
    world.change({});
    expect((await deploy()).code).toBe(0);
  });

  it('in a run, the release is that of the run', async () => {
    world.release('v1');
    const run = { id: world.newRun(), tag: 'v1' };
    expect((await world.step(run, 'plan', 'production', '--out', FILE)).code).toBe(0);
    world.release('v2');
    isRefused(await world.step({ id: world.newRun(), tag: 'v2' }, 'deploy', 'production', '--plan', FILE), 'release.version: "v1" in the plan, "v2" now');
    expect(await world.step(run, 'deploy', 'production', '--plan', FILE)).toMatchObject({ code: 0, outputs: { state: 'confirming' } });
  });
});

describe('nothing is changed where', () => {
  it.each<[string, () => Promise<unknown> | void, RegExp]>([
    ['the tag was moved', () => { world.commit('another'); world.git('tag', '--force', 'v2'); }, /release\.sha: "\w{40}" in the plan, "\w{40}" now/],
    ['the configuration changed', () => world.change({ secrets: [], variables: { GREETING: 'hi' } }), /configuration\.environments\.0\.variables\.GREETING: "hello; \$\(id\)" in the plan, "hi" now/],
    ['another release was deployed', () => world.ship('v1.5').then(() => world.forgetCommands()), /stable\.version: "v1" in the plan, "v1.5" now/],
    ['the same release was deployed by someone and was bad', async () => {
      world.behaviours.v2 = 'error';
      await world.delivery('deploy', 'production', '--release', 'v2');
      await world.delivery('unblock', 'production', '--release', 'v2');
      world.forgetCommands();
    }, /newest\.state: "stable" in the plan, "rolledBack" now/],
  ])('%s', async (_, change, why) => {
    await world.ship('v1');
    await planned('v2');
    await change();
    const ended = await deploy();
    isRefused(ended, why);
    expect(ended.output).toContain('Read a new plan: npx projen delivery plan production --release v2 --out FILE');
  });

  it('another release is named', async () => {
    await planned('v1');
    world.release('v2');
    isRefused(await deploy('--release', 'v2'), 'release.version: "v1" in the plan, "v2" now');
  });

  it.each<[string, string | undefined, string]>([
    ['is missing', undefined, `--plan ${FILE}: the file cannot be read: ENOENT`],
    ['is no plan', '{"format": 2}', 'the file is no plan of this version of delivery. Make it with delivery plan production --out'],
    ['is no JSON', 'plan', 'the file is no plan of this version of delivery'],
    ['has fields of another shape', '{"format":2,"environment":"production","plannedAt":7,"release":{}}', 'the file is no plan of this version'],
    ['is for another environment', '{"format":2,"environment":"staging","plannedAt":"","release":{"version":"v1","sha":"0"},"checkout":{"files":{}}}', 'the plan is for staging, not for production'],
  ])('the file %s', async (_, text, why) => {
    world.release('v1');
    if (text === undefined) rmSync(join(world.root, FILE), { force: true });
    else writeFileSync(join(world.root, FILE), text);
    isRefused(await deploy(), why);
  });

  it('the file tries to write a line of the log', async () => {
    await planned('v1');
    writeFileSync(join(world.root, FILE), JSON.stringify({ ...planFile(), slot: 'x\n::error::forged', plannedAt: '::notice::2026' }));
    const ended = await world.step({ id: world.newRun(), tag: 'v1' }, 'deploy', 'production', '--plan', FILE);
    isRefused(ended, 'slot: ');
    expect(ended.output).not.toMatch(/^::error::forged|^::notice::2026/m);
  });
});

it('a plan with a fault, or a file that cannot be written, is not kept', async () => {
  world.release('v1', 'error');
  await world.delivery('deploy', 'production', '--release', 'v1');
  await world.ship('v2');
  world.release('v3', 'error');
  await world.delivery('deploy', 'production', '--release', 'v3');
  expect((await plan('--release', 'v3')).code).toBe(2);
  expect(() => planFile()).toThrow('ENOENT');
  world.release('v4');
  const ended = await world.delivery('plan', 'production', '--out', 'no/such/folder/plan.json');
  expect([ended.code, ended.output]).toEqual([2, expect.stringContaining('--out no/such/folder/plan.json: the plan cannot be written: ENOENT')]);
});
