/** The shop's own synthesized workflow, executed: real bash, git, processes and HTTP, against GitHub's API as its description has it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { deployedDigests, results } from './run-results';
import { shortenTimes } from './short-times';
import { whenPrinted } from './when-printed';
import { EnvironmentSettings, GithubActions, RunEvent, RunRecord, shortened, Workflow, WorkflowRun } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareShop, ShopRelease, ShopWorkspace } from '../examples/workspace';

let root: string;
let shop: ShopWorkspace;
let api: GithubStandIn;
let actions: GithubActions;
let workflow: Workflow;
let onEvent: (event: RunEvent, run: WorkflowRun) => void = () => undefined;
const environments: Record<string, EnvironmentSettings> = {};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-e2e-'));
  shop = await prepareShop({ root });
  shortenTimes(shop.repository);
  await shop.commit('chore: short times for the tests');
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  workflow = parse(readFileSync(join(shop.repository, '.github/workflows/deploy.yml'), 'utf8')) as Workflow;
  actions = new GithubActions({
    root, repository: shop.repository, api, environments, times: shortened(0.2), onEvent: (event, run) => onEvent(event, run),
  });
  await shop.start();
});

afterEach(() => {
  onEvent = () => undefined;
  delete environments.production;
  // Every request and every response conforms to GitHub's own description.
  expect(api.violations).toEqual([]);
});

afterAll(async () => {
  await shop.stop();
  actions.cleanUp();
  await api.stop();
  rmSync(root, { recursive: true, force: true });
});

// The tests are one story: what one of them leaves, the next finds.

test('a ref that deploys nowhere starts no job', async () => {
  const { sha } = await shop.commitRelease('good');
  expect(actions.trigger(workflow, { name: 'push', ref: 'refs/heads/feature', sha })).toBeUndefined();
  const { jobs } = await actions.execute(workflow, { name: 'push', ref: 'refs/heads/MAIN', sha }).catch(() => ({ jobs: {} }));
  expect(Object.values(jobs).filter(({ result }) => result !== 'skipped')).toEqual([]);
});

test('a push to main is built once, deployed to staging, verified and confirmed; production needs no approval', async () => {
  const { run, release } = await pushRelease('good');
  expect(results(run)).toEqual({
    build: 'success',
    environment_staging: 'success',
    deploy_staging: 'success',
    monitor_staging: 'success',
    rollback_staging: 'skipped',
    environment_production: 'skipped',
    deploy_production: 'skipped',
    monitor_production: 'skipped',
    rollback_production: 'skipped',
  });
  expect(run.jobs.environment_staging.outputs).toMatchObject({ go: 'true', release: release.version, url: shop.machine('staging').url });
  expect(JSON.parse(run.jobs.environment_staging.outputs.config)).toEqual(shop.machine('staging').variables);
  expect(run.jobs.monitor_staging.outputs).toEqual({ completed_attempt: '1', state: 'stable' });
  expect(await served('staging')).toBe(release.version);
});

test('every job ends with a summary: release, rollback point, phases, probes, a picture', async () => {
  const { run, release } = await pushRelease('good');
  const { summary } = run.jobs.deploy_staging;
  for (const part of [release.version, '```mermaid', 'Rollback point', '| promoting |', 'p95', 'it is not confirmed yet']) expect(summary).toContain(part);
  expect(run.jobs.environment_staging.summary).toContain('users are switched back to the blue slot');
  expect(run.jobs.monitor_staging.summary).toContain('verified and Stable');
});

test('the artifact that staging verified is, byte for byte, what production gets from a tag: nothing is built again', async () => {
  const release = await verifiedOnStaging();
  const run = await tag(release, 'v1.0.0');
  expect(results(run)).toMatchObject({ build: 'skipped', environment_production: 'success', deploy_production: 'success', monitor_production: 'success' });
  expect(deployedDigests(api, 'production').at(-1)).toBe(deployedDigests(api, 'staging').at(-1));
  expect(run.jobs.deploy_production.log).toContain('sha256');
  expect(await served('production')).toBe('v1.0.0');
});

test('a tag on a commit that staging never verified is rejected before the approval', async () => {
  const release = await shop.commitRelease('good');
  environments.production = { approve: () => Promise.reject(new Error('no approval is expected')) };
  const run = await tag(release, 'v1.1.0');
  expect(results(run)).toMatchObject({ environment_production: 'failure', deploy_production: 'skipped', rollback_production: 'skipped' });
  expect(run.jobs.environment_production.annotations[0].message).toContain('was not verified on staging');
  expect(await served('production')).toBe('v1.0.0');
});

test.each(['bad', 'stale', 'crash'] as const)('a release that is %s is rolled back in the same job, and the run ends red', async (kind) => {
  const before = await served('staging');
  const { run } = await pushRelease(kind);
  expect(results(run)).toMatchObject({ deploy_staging: 'failure', monitor_staging: 'failure', rollback_staging: 'skipped' });
  expect(run.jobs.deploy_staging.log).toContain(`${before} is live again, verified`);
  expect(run.jobs.monitor_staging.outputs).toEqual({ completed_attempt: '1', state: 'rolledBack' });
  expect(await served('staging')).toBe(before);
});

test('a run that is cancelled while it verifies is recovered by its next step', async () => {
  const before = await served('staging');
  onEvent = whenPrinted('deploy_staging', /Bake: probe what users see/, (run) => run.cancel());
  const { run } = await pushRelease('good');
  expect(run.conclusion).toBe('cancelled');
  expect(run.jobs.deploy_staging.step('recover')).toMatchObject({ outcome: 'failure' });
  expect(await served('staging')).toBe(before);
});

test('if a runner is lost after the switch, the rollback job recovers on another machine', async () => {
  const before = await served('staging');
  onEvent = whenPrinted('deploy_staging', /Bake: probe what users see/, (run) => run.loseRunner('deploy_staging'));
  const { run } = await pushRelease('good');
  expect(results(run)).toMatchObject({ deploy_staging: 'failure', monitor_staging: 'failure', rollback_staging: 'failure' });
  expect(run.jobs.rollback_staging.log).toContain(`${before} is live again, verified`);
  expect(await served('staging')).toBe(before);
});

test('if the runner of the monitor job is lost, the release is probed again, and a good release stays', async () => {
  onEvent = whenPrinted('monitor_staging', /Confirm/, (run) => run.loseRunner('monitor_staging'));
  const { run, release } = await pushRelease('good');
  expect(results(run)).toMatchObject({ deploy_staging: 'success', monitor_staging: 'failure', rollback_staging: 'success' });
  expect(await served('staging')).toBe(release.version);
});

test('a rejected approval changes nothing, and no second approval is requested', async () => {
  const release = await verifiedOnStaging();
  const approvals: string[] = [];
  environments.production = { approve: async ({ job }) => approvals.push(job) > 1 };
  const before = await served('production');
  const run = await tag(release, 'v2.0.0');
  expect(approvals).toEqual(['deploy_production']);
  expect(results(run)).toMatchObject({ deploy_production: 'failure', rollback_production: 'skipped' });
  expect(await served('production')).toBe(before);
});

test('a release that is bad only in production is replaced by production\'s Stable, from another run', async () => {
  const release = await verifiedOnStaging('bad', { environment: 'production' });
  const run = await tag(release, 'v3.0.0');
  expect(results(run)).toMatchObject({ deploy_production: 'failure', rollback_production: 'skipped' });
  expect(await served('production')).toBe('v1.0.0');
});

test('a run of a release that is live already changes nothing', async () => {
  const release = await verifiedOnStaging();
  const count = api.deployments('staging').length;
  const run = await push(release);
  expect(results(run)).toMatchObject({ deploy_staging: 'success', monitor_staging: 'success', rollback_staging: 'skipped' });
  expect(run.jobs.monitor_staging.outputs.state).toBe('stable');
  expect(api.deployments('staging')).toHaveLength(count);
});

async function pushRelease(kind: Parameters<ShopWorkspace['commitRelease']>[0], options = {}): Promise<{ run: RunRecord; release: ShopRelease }> {
  const release = await shop.commitRelease(kind, options);
  return { release, run: await push(release) };
}

function push({ sha }: ShopRelease): Promise<RunRecord> {
  return actions.execute(workflow, { name: 'push', ref: 'refs/heads/main', sha });
}

async function verifiedOnStaging(kind: Parameters<ShopWorkspace['commitRelease']>[0] = 'good', options = {}): Promise<ShopRelease> {
  const { run, release } = await pushRelease(kind, options);
  expect(run.conclusion).toBe('success');
  return release;
}

async function tag({ sha }: ShopRelease, name: string): Promise<RunRecord> {
  await shop.git('tag', name, sha);
  return actions.execute(workflow, { name: 'push', ref: `refs/tags/${name}`, sha });
}

async function served(environment: string): Promise<string> {
  const response = await fetch(`${shop.machine(environment).url}/health`);
  return ((await response.json()) as { version: string }).version;
}
