/**
 * Releases that are an image and files, with the real runtime: on a laptop, and as steps of GitHub runs, each on a fresh machine, with a registry and
 * GitHub's artifacts on loopback.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from './registry';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { zipOf } from '../../../tools/github-api-stand-in/zip';
import { Behaviour, Ended, World } from '../world';

const digestOf = (version: string) => createHash('sha256').update(version).digest('hex');

let registry: Registry;
let github: GithubStandIn;
let world: World;

beforeEach(async () => {
  registry = await Registry.start();
  github = await GithubStandIn.start({ repository: 'acme/shop' });
  const deploy = 'echo "$DEPLOY_ENV $DELIVERY_VERSION $DELIVERY_IMAGE $(cat dist/page)" >> machine/deployed; cat dist/page > machine/only; echo only > machine/live';
  world = await World.create('redeploy', { target: { deploy: { kind: 'bash', line: deploy } } });
  const [production] = world.manifest.environments;
  world.manifest = {
    ...world.manifest,
    environments: [{ ...production!, name: 'staging' }, { ...production!, trigger: { kind: 'tag', pattern: 'v*', requires: 'staging' } }],
    artifact: { paths: ['dist'], buildLine: 'echo "files $DELIVERY_IMAGE" >> machine/made; mkdir -p dist; git describe --tags > dist/page; [ ! -f machine/page ] || cp machine/page dist/page' },
    image: {
      repository: repository(),
      buildLine: 'echo "contents ${DELIVERY_IMAGE:-of no image yet}" >> machine/made',
      build: { kind: 'command', command: { kind: 'bash', line: 'echo image >> machine/made; echo "sha256:$(printf %s "$(git describe --tags)" | sha256sum | cut -d " " -f 1)" > "$DELIVERY_IMAGE_DIGEST_FILE"' } },
    },
  };
  writeFileSync(join(world.root, '.projen/delivery.json'), JSON.stringify(world.manifest));
  writeFileSync(join(world.root, '.gitignore'), 'machine\ndist\n');
  world.git('add', '.');
  world.commit('an image and files');
});
afterEach(async () => {
  await world.destroy();
  await registry.stop();
  await github.stop();
  expect(github.violations).toEqual([]);
});

const repository = () => `${registry.host}/acme/shop`;
const imageOf = (version: string) => `${repository()}@sha256:${digestOf(version)}`;
const machine = (file: string) => join(world.root, 'machine', file);
const lines = (file: string) => (existsSync(machine(file)) ? readFileSync(machine(file), 'utf8').trim().split('\n') : []);
/** Production's machine, on which nothing was ever deployed: both environments have one URL. */
const anotherMachine = () => rmSync(machine('live'));
/** A release that a command deployed: its image and its files. */
const line = (environment: string, version: string) => `${environment} ${version} ${imageOf(version)} ${version}`;

describe('on a laptop', () => {
  async function build(version: string, behaviour: Behaviour = 'good'): Promise<Ended> {
    world.release(version, behaviour);
    registry.digests.add(digestOf(version));
    return world.delivery('build');
  }

  const deploy = (version: string) => world.delivery('deploy', 'staging', '--release', version);

  it('delivery build makes the files after the image, and a bad release gives way to both of Stable', async () => {
    expect((await build('v1')).code).toBe(0);
    expect(lines('made')).toEqual(['contents of no image yet', 'image', `files ${imageOf('v1')}`]);
    // what is in the work tree later is not what was built
    writeFileSync(join(world.root, 'dist/page'), 'something else\n');
    expect((await deploy('v1')).code).toBe(0);
    await build('v2', 'error');
    const bad = await deploy('v2');
    expect([bad.code, world.served]).toEqual([1, 'v1']);
    expect(lines('deployed')).toEqual(['v1', 'v2', 'v1'].map((version) => line('staging', version)));
  });

  it('production gets what staging verified, also if the commit was built again', async () => {
    await build('v1');
    expect((await deploy('v1')).code).toBe(0);
    writeFileSync(machine('page'), 'another\n');
    expect((await world.delivery('build')).code).toBe(0);
    anotherMachine();
    expect((await world.delivery('deploy', 'production', '--release', 'v1')).code).toBe(0);
    expect(lines('deployed')).toEqual([line('staging', 'v1'), line('production', 'v1')]);
  });

  it('delivery build refuses files that the commit does not have', async () => {
    world.release('v1');
    registry.digests.add(digestOf('v1'));
    writeFileSync(join(world.root, 'forgotten'), 'not committed');
    const built = await world.delivery('build');
    expect([built.code, built.output]).toEqual([2, expect.stringMatching(/1 file differs from the commit .*which v1 names: forgotten/)]);
    expect(lines('made')).toEqual([]);
  });

  it('a rollback by hand restores both', async () => {
    for (const version of ['v1', 'v2']) {
      await build(version);
      expect((await deploy(version)).code).toBe(0);
    }
    const back = await world.delivery('rollback', 'staging', '--release', 'v1', '--local', '--reason', 'test');
    expect([back.code, lines('deployed').at(-1)]).toEqual([0, line('staging', 'v1')]);
  });

  it('files that cannot be made end the build, and nothing is deployed', async () => {
    world.manifest = { ...world.manifest, artifact: { paths: ['dist'], buildLine: 'exit 4' } };
    writeFileSync(join(world.root, '.projen/delivery.json'), JSON.stringify(world.manifest));
    world.git('add', '.');
    const built = await build('v1');
    expect([built.code, built.output]).toEqual([2, expect.stringContaining('exit 4 ended with exit code 4 (see above), so nothing is deployed')]);
    const deployed = await deploy('v1');
    expect([deployed.code, deployed.output]).toEqual([2, expect.stringMatching(/v1 \([0-9a-f]{7}\) was built on this machine/)]);
  });
});

describe('in CI', () => {
  interface Built {
    readonly id: string;
    readonly env: NodeJS.ProcessEnv;
  }

  /** As the build job does. */
  function build(version: string): Built {
    registry.digests.add(digestOf(version));
    const folder = machine('build');
    mkdirSync(join(folder, 'dist'), { recursive: true });
    writeFileSync(join(folder, 'dist/page'), `${version}\n`);
    const tar = execFileSync('tar', ['-c', '-C', folder, 'dist']);
    const digest = createHash('sha256').update(tar).digest('hex');
    const zip = zipOf([{ name: `${digest}.tar`, content: tar }]);
    const id = String(github.addArtifact({ runId: 1, name: 'delivery-release', content: () => zip }).id);
    return { id, env: { DELIVERY_ARTIFACT_ID: id, DELIVERY_ARTIFACT_DIGEST: digest, DELIVERY_IMAGE_DIGEST: digestOf(version) } };
  }

  function step(id: number, tag: string, words: string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
    const temp = machine(`temp-${id}-${words.join('-')}`);
    rmSync(temp, { recursive: true, force: true });
    mkdirSync(temp);
    return world.step({
      id, tag, env: { GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token({ actions: 'read', deployments: 'write' }), RUNNER_TEMP: temp, ...env },
    }, ...words);
  }

  /** Deploys to staging, and lets another job confirm it. */
  async function stage(version: string): Promise<Built> {
    world.release(version);
    const built = build(version);
    await confirmed(version, 'staging', built.env);
    return built;
  }

  async function confirmed(version: string, environment: string, env?: NodeJS.ProcessEnv): Promise<void> {
    const id = world.newRun();
    const deployed = await step(id, version, ['deploy', environment], env);
    expect([deployed.code, deployed.output]).toEqual([0, expect.stringContaining(`image of ${version}: ${imageOf(version)} is in the registry`)]);
    expect((await step(id, version, ['monitor', environment], { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'confirming' })).code).toBe(0);
  }

  const releases = () => (JSON.parse(readFileSync(machine('ledger.json'), 'utf8')) as { deployments?: unknown[] });

  it('production gets the image and the files that staging verified, and the ledger has both', async () => {
    await stage('v1');
    anotherMachine();
    await confirmed('v1', 'production');
    expect(lines('deployed')).toEqual([line('staging', 'v1'), line('production', 'v1')]);
    expect(JSON.stringify(releases())).toContain(`"image":{"digest":"${digestOf('v1')}","image":"${repository()}"}`);
  });

  it('a bad release gives way to both of Stable', async () => {
    await stage('v1');
    world.release('v2', 'error');
    const bad = await step(world.newRun(), 'v2', ['deploy', 'staging'], build('v2').env);
    expect([bad.code, lines('deployed').slice(1)]).toEqual([1, [line('staging', 'v2'), line('staging', 'v1')]]);
    expect(bad.summary).toMatch(/files .*image /);
  });

  it('the same files with another image are another release', async () => {
    await stage('v1');
    const built = build('v1');
    registry.digests.add(digestOf('other'));
    const again = await step(world.newRun(), 'v1', ['deploy', 'staging'], { ...built.env, DELIVERY_IMAGE_DIGEST: digestOf('other') });
    expect([again.code, lines('deployed').at(-1)]).toEqual([0, `staging v1 ${repository()}@sha256:${digestOf('other')} v1`]);
  });

  it.each<[string, (stable: Built) => void, string]>([
    ['files', ({ id }) => github.expireArtifact(Number(id)), 'the files of v1'],
    ['image', () => registry.digests.delete(digestOf('v1')), 'the image of v1'],
  ])('the plan says that the %s of Stable are gone, before anyone approves', async (_, lose, says) => {
    lose(await stage('v1'));
    world.release('v2');
    const { code, summary } = await step(world.newRun(), 'v2', ['plan', 'staging'], build('v2').env);
    expect([code, summary]).toEqual([0, expect.stringMatching(new RegExp(`Rollback \\| none.*${says}`))]);
  });

  it.each<[string, (built: Built) => NodeJS.ProcessEnv, string]>([
    ['whose image is gone', ({ env }) => (registry.digests.delete(digestOf('v2')), env), 'is not in the registry'],
    ['whose image no job names', ({ env }) => ({ ...env, DELIVERY_IMAGE_DIGEST: '' }), 'no image is known of v2'],
    ['whose files are gone', ({ env, id }) => (github.expireArtifact(Number(id)), env), 'artifact'],
  ])('a release %s is rejected before anything is changed', async (_, broken, says) => {
    await stage('v1');
    world.release('v2');
    const { code, output } = await step(world.newRun(), 'v2', ['deploy', 'staging'], broken(build('v2')));
    expect([code, output, lines('deployed')]).toEqual([2, expect.stringContaining(says), [line('staging', 'v1')]]);
  });

  it.each<[string, (staged: Built) => void, string]>([
    ['image', () => registry.digests.delete(digestOf('v1')), 'the image of v1'],
    ['files', ({ id }) => github.expireArtifact(Number(id)), 'the files of v1'],
  ])('the plan of production rejects a release whose %s, which staging verified, is gone', async (_, lose, says) => {
    lose(await stage('v1'));
    const { code, output } = await step(world.newRun(), 'v1', ['plan', 'production']);
    expect([code, output]).toEqual([2, expect.stringContaining(says)]);
  });
});
