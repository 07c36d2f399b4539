/** The synthesized jobs of a release that is an image and the cloud assembly that names it, executed: from the build to the rollback. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { results } from './run-results';
import { shortenTimes } from './short-times';
import { CdkStandIn, writeAssembly } from '../../tools/aws-cdk-stand-in/stand-in';
import { GithubActions, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareExample, Workspace } from '../examples/workspace';
import { Registry } from '../runtime/images/registry';

/** The password never leaves its pipe; the file is what docker leaves behind. */
const DOCKER = `#!/bin/sh
case "$1" in
  login) read -r password; [ "$password" = hunter2 ] || exit 1; mkdir -p "$HOME/.docker"; echo '{}' > "$HOME/.docker/config.json" ;;
  logout) rm "$HOME/.docker/config.json" ;;
  *) exit 1 ;;
esac
`;

let root: string;
let workspace: Workspace;
let api: GithubStandIn | undefined;
let aws: CdkStandIn;
let registry: Registry;
let server: Server;
let actions: GithubActions | undefined;
const bad: string[] = [];
const outside = { ...process.env };

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-both-'));
  aws = new CdkStandIn(join(root, 'aws'));
  registry = await Registry.start();
  server = createServer((_, response) => {
    response.statusCode = bad.includes(aws.served ?? '') ? 500 : 200;
    response.end(JSON.stringify({ version: aws.served ?? 'none' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env.APP_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.REGISTRY_HOST = registry.host;
  workspace = await prepareExample('shop', { root, projenrc: join(__dirname, 'fixtures', 'image-and-files.projenrc.ts') });
  shortenTimes(workspace.repository);
  await workspace.git('remote', 'add', 'origin', 'https://github.com/acme/shop.git');
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin/docker'), DOCKER, { mode: 0o755 });
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  actions = new GithubActions({
    root,
    repository: workspace.repository,
    api,
    secrets: { REGISTRY_TOKEN: 'hunter2' },
    extraEnv: { ...aws.env, PATH: `${join(root, 'bin')}:${aws.env.PATH ?? process.env.PATH}`, NOTES: join(root, 'notes') },
  });
});

afterAll(async () => {
  process.env = outside;
  server.close();
  await registry.stop();
  const left = actions?.cleanUp();
  await api?.stop();
  rmSync(root, { recursive: true, force: true });
  expect(left).toEqual([]);
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
  expect(aws.served).toBe('v1');
});

test('a bad release gives way to the assembly and the image of Stable', async () => {
  bad.push('v2');
  const run = await push('v2');
  expect(results(run)).toMatchObject({ build: 'success', deploy_production: 'failure' });
  expect(run.jobs.monitor_production!.outputs.state).toBe('rolledBack');
  expect(aws.served).toBe('v1');
  const [newest] = api!.deployments('production');
  expect(JSON.stringify(newest!.payload)).toContain(`"image":{"digest":"${digestOf('v1')}","image":"${registry.host}/acme/shop"}`);
});

test('a release whose image is gone when it is deployed changes nothing', async () => {
  const run = await push('v3', () => undefined);
  expect(results(run)).toMatchObject({ build: 'failure', deploy_production: 'skipped' });
  expect(run.jobs.build!.log).toContain('is not in the registry, though the build names this digest');
  expect(aws.served).toBe('v1');
});

const commits: Record<string, string> = {};
const digestOf = (tag: string) => createHash('sha256').update(`${commits[tag]}\n`).digest('hex');
const imageOf = (tag: string) => `${registry.host}/acme/shop@sha256:${digestOf(tag)}`;

function notes(): string[] {
  return readFileSync(join(root, 'notes'), 'utf8').trim().split('\n');
}

/** A person pushes the tag of a release. */
async function push(tag: string, arrive = (digest: string): unknown => registry.digests.add(digest)): Promise<RunRecord> {
  writeAssembly(join(workspace.repository, 'assembly'), tag);
  const sha = commits[tag] = await workspace.commit(`feat: ${tag}`);
  arrive(digestOf(tag));
  await workspace.git('tag', tag);
  const workflow = parse(readFileSync(join(workspace.repository, '.github/workflows/deploy.yml'), 'utf8')) as Workflow;
  return actions!.execute(workflow, { name: 'push', ref: `refs/tags/${tag}`, sha });
}
