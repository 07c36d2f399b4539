/** Whether a registry has a digest: a registry on loopback, and credentials as docker stores them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { basicOf, PASSWORD, Registry, RegistryOptions } from './registry';
import { ecrOf } from '../../../src/contract/manifest';
import { dockerBuild, pushedDigest } from '../../../src/runtime/images/build-image';
import { presenceIn } from '../../../src/runtime/images/registry-client';
import { credentialsOf } from '../../../src/runtime/images/registry-credentials';
import { identifies } from '../../../src/runtime/release';
import { temporaryFolder } from '../../test-project';

const DIGEST = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

const started: Registry[] = [];
afterEach(async () => {
  for (const registry of started.splice(0)) await registry.stop();
});

async function registryWith(options: RegistryOptions = {}): Promise<Registry> {
  const registry = await Registry.start(options);
  registry.digests.add(DIGEST);
  started.push(registry);
  return registry;
}

/** A home folder with what `docker login` writes. */
function homeWith(config: object): string {
  const home = temporaryFolder();
  mkdirSync(join(home, '.docker'));
  writeFileSync(join(home, '.docker/config.json'), JSON.stringify(config));
  return home;
}

const signedIn = (host: string, user: string) => homeWith({ auths: { [host]: { auth: basicOf(user).slice('Basic '.length) } } });

const waits: number[] = [];
function presence(registry: Registry, digest = DIGEST, env: NodeJS.ProcessEnv = {}) {
  waits.length = 0;
  return presenceIn(`${registry.host}/acme/shop`, digest, {
    clock: { now: () => 0, sleep: async (ms) => void waits.push(ms) },
    interrupted: new AbortController().signal,
    processEnv: { HOME: temporaryFolder(), ...env },
  });
}

describe('a registry', () => {
  it('has a digest, or not', async () => {
    const registry = await registryWith();
    expect(await presence(registry)).toEqual({ kind: 'kept' });
    expect(await presence(registry, OTHER)).toEqual({ kind: 'gone' });
  });

  it.each(['bearer', 'basic'] as const)('is read with the stored password (%s)', async (challenge) => {
    const registry = await registryWith({ user: 'robot', challenge });
    const env = { HOME: signedIn(registry.host, 'robot') };
    expect(await presence(registry, DIGEST, env)).toEqual({ kind: 'kept' });
    expect(await presence(registry, OTHER, env)).toEqual({ kind: 'gone' });
  });

  it.each<[string, (host: string) => NodeJS.ProcessEnv, string]>([
    ['no credentials', () => ({}), 'denies access without credentials'],
    ['credentials of another user', (host) => ({ HOME: signedIn(host, 'someone') }), 'denies the credentials of this job'],
  ])('that denies %s says nothing of the digest', async (_, envOf, reason) => {
    const registry = await registryWith({ user: 'robot' });
    expect(await presence(registry, DIGEST, envOf(registry.host))).toEqual({ kind: 'unknown', reason: expect.stringContaining(reason), mayPass: false });
  });

  it('whose sign-in is not encrypted gets no credentials', async () => {
    const registry = await registryWith({ user: 'robot', realm: 'http://sign-in.invalid/token' });
    const found = await presence(registry, DIGEST, { HOME: signedIn(registry.host, 'robot') });
    // it would not be reached
    expect(found).toEqual({ kind: 'unknown', reason: expect.stringContaining('denies the credentials of this job'), mayPass: false });
    expect(waits).toEqual([]);
  });

  it('that hides repositories behind 404 says nothing of the digest', async () => {
    const registry = await registryWith({ user: 'hidden' });
    expect(await presence(registry, OTHER)).toEqual({ kind: 'unknown', reason: expect.stringContaining('does not show the repository'), mayPass: false });
  });

  it('that fails is retried', async () => {
    const registry = await registryWith();
    registry.faults.push(503, 429);
    expect(await presence(registry)).toEqual({ kind: 'kept' });
    expect(waits).toEqual([500, 2_000]);
    registry.faults.push(503, 503, 503);
    expect(await presence(registry)).toEqual({ kind: 'unknown', reason: expect.stringContaining('responds with 503'), mayPass: true });
  });

  it('that is down may respond later', async () => {
    const registry = await registryWith();
    await registry.stop();
    expect(await presence(registry)).toEqual({ kind: 'unknown', reason: expect.stringContaining('cannot be reached'), mayPass: true });
  });
});

describe('credentials', () => {
  it('are those of a helper, where docker has one', async () => {
    const home = homeWith({ credsStore: 'test' });
    writeFileSync(join(home, 'docker-credential-test'), `#!/bin/sh\nread -r host\necho "{\\"Username\\":\\"$host\\",\\"Secret\\":\\"${PASSWORD}\\"}"\n`, { mode: 0o755 });
    expect(await credentialsOf('docker.io', { HOME: home, PATH: `${home}:${process.env.PATH}` })).toEqual({ user: 'https://index.docker.io/v1/', password: PASSWORD });
  });

  it('are none, where the helper does not exist', async () => {
    expect(await credentialsOf('quay.io', { HOME: homeWith({ credsStore: 'missing' }), PATH: process.env.PATH })).toBeUndefined();
  });

  it('of a job go to GitHub\'s registry only', async () => {
    const env = { HOME: temporaryFolder(), GITHUB_ACTOR: 'octocat', GITHUB_TOKEN: 'token' };
    expect(await credentialsOf('ghcr.io', env)).toEqual({ user: 'octocat', password: 'token' });
    expect(await credentialsOf('ghcr.io.example.com', env)).toBeUndefined();
  });
});

it('the names of AWS registries are recognized', () => {
  expect(ecrOf('111122223333.dkr.ecr.eu-central-1.amazonaws.com')).toEqual({ account: '111122223333', region: 'eu-central-1' });
  expect(ecrOf('111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn')).toEqual({ account: '111122223333', region: 'cn-north-1' });
  expect(ecrOf('public.ecr.aws')).toBeUndefined();
});

describe('docker', () => {
  it('gets each value as an argument of its own', () => {
    const argv = dockerBuild({ kind: 'docker', context: 'app', args: { A: '"; $(id)' } }, 'ghcr.io/acme/shop:1', { version: 'v1', sha: 'abc' });
    expect(argv).toEqual(['docker', 'build', '--tag', 'ghcr.io/acme/shop:1', '--label', 'org.opencontainers.image.revision=abc', '--build-arg', 'A="; $(id)', 'app']);
  });

  it('lists the digest that was pushed', () => {
    expect(pushedDigest(JSON.stringify([`acme/shop@sha256:${DIGEST}`, `ghcr.io/acme/shop@sha256:${OTHER}`]), 'ghcr.io/acme/shop')).toBe(OTHER);
    expect(pushedDigest(JSON.stringify([`acme/shop@sha256:${DIGEST}`]), 'docker.io/acme/shop')).toBe(DIGEST);
  });

  it.each([['none', '[]'], ['several', JSON.stringify([OTHER, DIGEST].map((digest) => `ghcr.io/acme/shop@sha256:${digest}`))]])('that lists %s ends the build', (fault, printed) => {
    expect(() => pushedDigest(printed, 'ghcr.io/acme/shop')).toThrow(`docker image inspect lists ${fault}`);
  });
});

it('a service may say its image\'s digest', () => {
  const release = { version: 'v1', sha: 'c'.repeat(40), artifact: { digest: DIGEST, image: 'ghcr.io/acme/shop' } };
  expect([`sha256:${DIGEST}`, `ghcr.io/acme/shop@sha256:${DIGEST}`, 'v1'].map((said) => identifies(said, release))).toEqual([true, true, true]);
  expect([`sha256:${OTHER}`, `ghcr.io/acme/other@sha256:${DIGEST}`, DIGEST].map((said) => identifies(said, release))).toEqual([false, false, false]);
  expect(identifies(`sha256:${DIGEST}`, { ...release, artifact: { digest: DIGEST } })).toBe(false);
});
