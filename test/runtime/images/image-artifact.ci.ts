/** Deployments by digest with the real runtime, a registry on loopback, and a command that "pushes" into it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { basicOf, Registry } from './registry';
import { ImageBuildManifest } from '../../../src/contract/manifest';
import { World } from '../world';

const digestOf = (letter: string) => letter.repeat(64);
const OTHER = 'f'.repeat(64);

describe('an image', () => {
  let registry: Registry;
  let world: World;

  beforeEach(async () => {
    registry = await Registry.start();
    world = await World.create('redeploy', {
      target: { deploy: { kind: 'bash', line: 'echo "$DELIVERY_VERSION $DELIVERY_IMAGE" >> machine/images; echo "$DELIVERY_VERSION" > machine/only; echo only > machine/live' } },
    });
    deliverImage({ kind: 'command', command: { kind: 'bash', line: 'cp machine/next "$DELIVERY_IMAGE_DIGEST_FILE"; echo "$DELIVERY_IMAGE_REPOSITORY $DELIVERY_IMAGE_TAG" >> machine/built' } });
  });
  afterEach(async () => {
    await world.destroy();
    await registry.stop();
  });

  const repository = () => `${registry.host}/acme/shop`;
  const machine = (file: string) => join(world.root, 'machine', file);
  const deployed = () => (existsSync(machine('images')) ? readFileSync(machine('images'), 'utf8').trim().split('\n') : []);

  function deliverImage(build: ImageBuildManifest): void {
    world.manifest = { ...world.manifest, image: { repository: repository(), build } };
    world.change({});
    world.git('add', '.');
    world.commit('image');
  }

  /** What the next build pushes, and says that it pushed. */
  function pushes(letter: string, says = `sha256:${digestOf(letter)}\n`): void {
    registry.digests.add(digestOf(letter));
    writeFileSync(machine('next'), says);
  }

  async function ship(version: string, letter: string) {
    world.release(version);
    pushes(letter);
    const built = await world.delivery('build');
    expect([built.code, built.output]).toEqual([0, expect.stringContaining(`${repository()}@sha256:${digestOf(letter)}`)]);
    return world.delivery('deploy', 'production', '--release', version);
  }

  it('is deployed by its digest, and a rollback restores that of the ledger', async () => {
    await ship('v1', 'a');
    world.release('v2', 'error');
    pushes('b');
    await world.delivery('build');
    const bad = await world.delivery('deploy', 'production', '--release', 'v2');
    expect([bad.code, bad.output]).toEqual([1, expect.stringContaining('v1')]);
    expect(deployed()).toEqual(['a', 'b', 'a'].map((letter) => `${letter === 'b' ? 'v2' : 'v1'} ${repository()}@sha256:${digestOf(letter)}`));
  });

  it('that was not built on this machine is not deployed', async () => {
    world.release('v1');
    const { code, output } = await world.delivery('deploy', 'production', '--release', 'v1');
    expect([code, output]).toEqual([2, expect.stringMatching(/no image of v1 \([0-9a-f]{7}\) was built on this machine for .*Build and push it first: npx projen delivery build/)]);
    expect(deployed()).toEqual([]);
  });

  it('whose digest is gone from the registry is rejected before anything is changed', async () => {
    await ship('v1', 'a');
    world.release('v2');
    pushes('b');
    await world.delivery('build');
    registry.digests.delete(digestOf('b'));
    const { code, output } = await world.delivery('deploy', 'production', '--release', 'v2');
    expect([code, output]).toEqual([2, expect.stringContaining('is not in the registry')]);
    expect(deployed()).toHaveLength(1);
  });

  it('of Stable that is gone is in the plan, and a rollback to it by hand changes nothing', async () => {
    await ship('v1', 'a');
    await ship('v2', 'b');
    registry.digests.delete(digestOf('a'));
    const back = await world.delivery('rollback', 'production', '--release', 'v1', '--local', '--reason', 'test');
    expect([back.code, back.output]).toEqual([2, expect.stringContaining('the image of v1')]);
    registry.digests.delete(digestOf('b'));
    world.release('v3');
    pushes('c');
    await world.delivery('build');
    const plan = await world.delivery('plan', 'production', '--release', 'v3');
    expect([plan.code, plan.output]).toEqual([0, expect.stringContaining('the image of v2')]);
    expect(plan.output).toContain('not in the registry');
    expect(deployed()).toHaveLength(2);
  });

  it('is not deployed while the registry does not respond', async () => {
    world.release('v1');
    pushes('a');
    await world.delivery('build');
    registry.faults.push(503, 503, 503);
    const { code, output } = await world.delivery('deploy', 'production', '--release', 'v1');
    expect([code, output]).toEqual([2, expect.stringContaining('responds with 503. Nothing was changed; run this again')]);
    expect(deployed()).toEqual([]);
  });

  it('comes from the job that built it', async () => {
    world.release('v1');
    registry.digests.add(digestOf('a'));
    const id = world.newRun();
    const run = await world.step({ id, tag: 'v1', env: { DELIVERY_ARTIFACT_DIGEST: digestOf('a') } }, 'deploy', 'production');
    expect(run.code).toBe(0);
    expect(deployed()).toEqual([`v1 ${repository()}@sha256:${digestOf('a')}`]);
  });

  it.each([
    ['no digest', '', 'wrote "", which is no digest'],
    ['a digest that is cut', 'sha256:abc', 'wrote "sha256:abc", which is no digest'],
    ['a digest that was not pushed', `sha256:${OTHER}`, 'is not in the registry, though the build names this digest'],
  ])('%s ends the build', async (_, says, message) => {
    pushes('a', says);
    const { code, output } = await world.delivery('build');
    expect([code, output]).toEqual([2, expect.stringContaining(message)]);
  });

  it('a command that fails ends the build', async () => {
    deliverImage({ kind: 'command', command: { kind: 'bash', line: 'echo no space left; exit 3' } });
    const { code, output } = await world.delivery('build');
    expect([code, output]).toEqual([2, expect.stringContaining('the command of Artifact.image ended with exit code 3')]);
  });

  it('is built and pushed with docker, under a tag of this build alone', async () => {
    deliverImage({ kind: 'docker', context: '.', file: 'docker/Dockerfile', stage: 'app', args: { A: 'b; $(id)' }, platform: 'linux/arm64' });
    mkdirSync(machine('bin'));
    const docker = `#!/bin/sh\nprintf '%s\\n' "$*" >> machine/docker\nif [ "$1" = image ]; then echo '["elsewhere/shop@sha256:${OTHER}","${repository()}@sha256:${digestOf('a')}"]'; fi\n`;
    writeFileSync(machine('bin/docker'), docker, { mode: 0o755 });
    registry.digests.add(digestOf('a'));
    const sha = world.release('v1');
    const env = { PATH: `${machine('bin')}:${process.env.PATH}` };
    const id = world.newRun();
    const built = await world.step({ id, attempt: 2, tag: 'v1', env }, 'build');
    expect([built.code, built.outputs]).toEqual([0, { digest: digestOf('a') }]);
    const image = `${repository()}:${sha.slice(0, 12)}-${id}.2`;
    expect(readFileSync(machine('docker'), 'utf8').trim().split('\n')).toEqual([
      `build --tag ${image} --label org.opencontainers.image.revision=${sha} --file docker/Dockerfile --target app --platform linux/arm64 --build-arg A=b; $(id) .`,
      `push ${image}`,
      `image inspect --format {{json .RepoDigests}} ${image}`,
    ]);
  });

  describe('in a registry that requires credentials', () => {
    beforeEach(async () => {
      await registry.stop();
      registry = await Registry.start({ user: 'robot' });
      deliverImage(world.manifest.image!.build);
    });

    function signIn(user: string): void {
      mkdirSync(join(world.root, '.docker'), { recursive: true });
      writeFileSync(join(world.root, '.docker/config.json'), JSON.stringify({ auths: { [registry.host]: { auth: basicOf(user).slice('Basic '.length) } } }));
    }

    it('is looked for with what docker login stored', async () => {
      signIn('robot');
      world.release('v1');
      pushes('a', `sha256:${OTHER}`);
      expect((await world.delivery('build')).output).toContain('is not in the registry');
      expect(registry.requests.some((one) => one.startsWith('GET /token?service=registry&scope='))).toBe(true);
    });

    it('is deployed without the check, which is said, where there are none', async () => {
      world.release('v1');
      pushes('a');
      expect((await world.delivery('build')).output).toContain('denies access without credentials');
      const { code, output } = await world.delivery('deploy', 'production', '--release', 'v1');
      expect([code, output]).toEqual([0, expect.stringContaining('The image of v1 was not checked')]);
    });
  });
});
