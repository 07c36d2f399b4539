/** A target of another package deploys for real: what it brings takes effect in the synthesized jobs. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { deployedDigests, results } from './run-results';
import { shortenTimes } from './short-times';
import { Manifest } from '../../src/contract/manifest';
import { GithubActions, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { CHECKOUT, prepareShop, ShopRelease, ShopWorkspace } from '../examples/workspace';

const EXTENSION = resolve(__dirname, '../extensions/typescript');

let root: string;
let shop: ShopWorkspace;
let api: GithubStandIn;
let good: ShopRelease;
const used: GithubActions[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-extension-'));
  installExtension(root);
  shop = await prepareShop({ root, projenrc: join(EXTENSION, 'projenrc.ts') });
  shortenTimes(shop.repository);
  await shop.commit('chore: short times for the tests');
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  await shop.start('staging');
});

afterAll(async () => {
  await shop.stop();
  const left = used.flatMap((actions) => actions.cleanUp());
  await api.stop();
  rmSync(root, { recursive: true, force: true });
  expect(left).toEqual([]);
  expect(api.violations).toEqual([]);
});

test('its setup step and its permissions are in the jobs that deploy or roll back, and in no other', () => {
  const jobs = ['deploy.yml', 'rollback.yml'].flatMap((file) => Object.entries(workflow(file).jobs));
  const signsIn = jobs.filter(([, { steps }]) => steps?.some(({ id }) => id === 'sign-in')).map(([id]) => id);
  const hasToken = jobs.filter(([, { permissions }]) => (permissions as Record<string, string>)['id-token'] === 'write').map(([id]) => id);
  expect(signsIn).toEqual(['deploy_staging', 'rollback_staging', 'rollback', expect.stringMatching(/^recover$/)]);
  expect(hasToken).toEqual(signsIn);
  for (const id of signsIn) {
    const { permissions, steps = [] } = jobs.find(([one]) => one === id)![1];
    // what the job has of its own stays
    expect(permissions).toMatchObject({ 'contents': 'read', 'deployments': 'write', 'packages': 'read', 'id-token': 'write' });
    const ids = steps.map((step) => step.id);
    expect(ids.indexOf('checkout')).toBeLessThan(ids.indexOf('sign-in'));
    const main = steps.find(({ run }) => run?.includes('.projen/delivery.cjs'))!;
    expect(ids.indexOf('sign-in')).toBeLessThan(ids.indexOf(main.id));
    expect(main.env).toMatchObject({ MACHINE_TOKEN: '${{ secrets.MACHINE_TOKEN }}' });
  }
});

test('its commands, variables, secrets, artifact and health checks are in the manifest', () => {
  const { artifact, environments: [environment] } = JSON.parse(readFileSync(join(shop.repository, '.projen/delivery.json'), 'utf8')) as Manifest;
  expect(artifact).toMatchObject({ paths: ['dist'] });
  expect(environment).toMatchObject({ secrets: ['MACHINE_TOKEN'], variables: shop.machine('staging').variables });
  expect(environment.target).toEqual({
    deploy: { kind: 'bash', line: expect.stringContaining('node tasks/ship.js') },
    promote: { kind: 'exec', argv: ['node', 'tasks/switch-traffic.js'] },
  });
  expect(environment.healthChecks.map(({ kind, name }) => [kind, name])).toEqual([['http', expect.any(String)], ['tcp', 'router']]);
});

test('without its secret nothing is changed', async () => {
  const { run } = await push('good', {});
  expect(results(run)).toMatchObject({ build: 'success', deploy_staging: 'failure' });
  expect(run.jobs.deploy_staging.log).toContain('no value for MACHINE_TOKEN');
  expect(api.deployments('staging')).toEqual([]);
});

test('a good release is built once, signed in for, deployed to a slot, verified with the target\'s own check, and promoted', async () => {
  const { release, run } = await push('good');
  good = release;
  expect(results(run)).toMatchObject({ build: 'success', deploy_staging: 'success', monitor_staging: 'success', rollback_staging: 'skipped' });
  expect(run.jobs.deploy_staging.log).toContain('signed in');
  expect(run.jobs.deploy_staging.log).toMatch(/router: /);
  expect(run.jobs.deploy_staging.log).not.toContain(TOKEN);
  expect(deployedDigests(api, 'staging')).toEqual([run.jobs.build.outputs.digest]);
  expect(await served()).toBe(good.version);
});

test('a bad release is rolled back by the target\'s commands', async () => {
  const { run } = await push('bad');
  expect(results(run)).toMatchObject({ deploy_staging: 'failure', monitor_staging: 'failure' });
  expect(run.jobs.monitor_staging.outputs.state).toBe('rolledBack');
  expect(await served()).toBe(good.version);
});

const TOKEN = 't0ken-of-the-machine';

async function push(kind: 'good' | 'bad', secrets: Record<string, string> = { MACHINE_TOKEN: TOKEN }): Promise<{ run: RunRecord; release: ShopRelease }> {
  const release = await shop.commitRelease(kind);
  const actions = new GithubActions({ root, repository: shop.repository, api, secrets });
  used.push(actions);
  return { release, run: await actions.execute(workflow('deploy.yml'), { name: 'push', ref: 'refs/heads/main', sha: release.sha }) };
}

async function served(): Promise<string> {
  const response = await fetch(`${shop.machine('staging').url}/health`);
  return ((await response.json()) as { version: string }).version;
}

function workflow(file: string): Workflow {
  return parse(readFileSync(join(shop.repository, '.github/workflows', file), 'utf8')) as Workflow;
}

/** Compiles the extension as the package that it would be, and puts it beside projen-delivery where the shop finds it. */
function installExtension(folder: string): void {
  const modules = join(folder, 'node_modules');
  const target = join(modules, 'machine-target');
  mkdirSync(target, { recursive: true });
  symlinkSync(CHECKOUT, join(modules, 'projen-delivery'));
  for (const dependency of ['projen', 'constructs', '@types']) symlinkSync(join(CHECKOUT, 'node_modules', dependency), join(modules, dependency));
  const source = join(folder, 'machine-target-source');
  mkdirSync(source);
  writeFileSync(join(source, 'machine-target.ts'), readFileSync(join(EXTENSION, 'machine-target.ts')));
  execFileSync(process.execPath, [
    require.resolve('typescript/bin/tsc'), join(source, 'machine-target.ts'), '--outDir', target,
    '--strict', '--declaration', '--target', 'es2022', '--module', 'commonjs', '--moduleResolution', 'node', '--types', 'node',
  ], { cwd: source, stdio: 'pipe' });
  writeFileSync(join(target, 'package.json'), JSON.stringify({ name: 'machine-target', version: '0.0.0', main: 'machine-target.js', types: 'machine-target.d.ts' }));
}
