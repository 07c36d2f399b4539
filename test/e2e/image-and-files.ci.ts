/** The synthesized jobs of a release that is an image and the cloud assembly that names it, executed: from the build to the rollback. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CdkShop } from './cdk-shop';
import { results } from './run-results';
import { RunRecord } from '../../tools/github-actions-emulator';
import { Registry } from '../runtime/images/registry';

/** The password never leaves its pipe; the file is what docker leaves behind. */
const DOCKER = `#!/bin/sh
case "$1" in
  login) read -r password; [ "$password" = hunter2 ] || exit 1; mkdir -p "$HOME/.docker"; echo '{}' > "$HOME/.docker/config.json" ;;
  logout) rm "$HOME/.docker/config.json" ;;
  *) exit 1 ;;
esac
`;

let registry: Registry;
let shop: CdkShop;

beforeAll(async () => {
  registry = await Registry.start();
  process.env.REGISTRY_HOST = registry.host;
  shop = await CdkShop.open({
    projenrc: 'image-and-files.projenrc.ts',
    actions: ({ aws, root }) => ({
      secrets: { REGISTRY_TOKEN: 'hunter2' },
      extraEnv: { ...aws.env, PATH: `${join(root, 'bin')}:${aws.env.PATH}`, NOTES: join(root, 'notes') },
    }),
  });
  delete process.env.REGISTRY_HOST;
  mkdirSync(join(shop.root, 'bin'));
  writeFileSync(join(shop.root, 'bin/docker'), DOCKER, { mode: 0o755 });
});

afterAll(async () => {
  await registry.stop();
  await shop.close();
});

// The tests are one story: what one of them leaves, the next finds.

test('the image is pushed first; only its push finds the sign-in, and what makes the files finds its digest', async () => {
  const run = await push('v1');
  expect(results(run)).toMatchObject({ build: 'success', deploy_production: 'success', monitor_production: 'success' });
  expect(notes()).toEqual([
    'contents no image  no password',
    'push no image config.json no password',
    `synth ${imageOf('v1')}  no password`,
    `deploy ${imageOf('v1')}  no password`,
  ]);
  expect(run.jobs.build!.outputs).toEqual({ 'digest': expect.stringMatching(/^[0-9a-f]{64}$/), 'artifact-id': expect.anything(), 'image-digest': digestOf('v1') });
  expect(shop.aws.served).toBe('v1');
});

test('a bad release gives way to the assembly and the image of Stable', async () => {
  shop.bad.add('v2');
  const run = await push('v2');
  expect(results(run)).toMatchObject({ build: 'success', deploy_production: 'failure' });
  expect(run.jobs.monitor_production!.outputs.state).toBe('rolledBack');
  expect(shop.aws.served).toBe('v1');
  const [newest] = shop.api.deployments('production');
  expect(JSON.stringify(newest!.payload)).toContain(`"image":{"digest":"${digestOf('v1')}","image":"${registry.host}/acme/shop"}`);
});

test('a release whose image is gone when it is deployed changes nothing', async () => {
  const run = await push('v3', () => undefined);
  expect(results(run)).toMatchObject({ build: 'failure', deploy_production: 'skipped' });
  expect(run.jobs.build!.log).toContain('is not in the registry, though the build names this digest');
  expect(shop.aws.served).toBe('v1');
});

const commits: Record<string, string> = {};
const digestOf = (tag: string) => createHash('sha256').update(`${commits[tag]}\n`).digest('hex');
const imageOf = (tag: string) => `${registry.host}/acme/shop@sha256:${digestOf(tag)}`;

function notes(): string[] {
  return readFileSync(join(shop.root, 'notes'), 'utf8').trim().split('\n');
}

/** A person pushes the tag of a release. */
function push(tag: string, arrive = (digest: string): unknown => registry.digests.add(digest)): Promise<RunRecord> {
  return shop.push(tag, {
    onCommit: (sha) => {
      commits[tag] = sha;
      arrive(digestOf(tag));
    },
  });
}
