/** `Trigger.after`: one push goes through staging to production, in one run. The synthesized workflow is executed as in shop.ci.ts. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { began, deployedDigests, ended, results } from './run-results';
import { shortenTimes } from './short-times';
import { GithubActions, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareShop, ShopRelease, ShopWorkspace } from '../examples/workspace';

let root: string;
let shop: ShopWorkspace;
let api: GithubStandIn;
let actions: GithubActions;
let workflow: Workflow;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-after-'));
  shop = await prepareShop({ root, projenrc: join(__dirname, 'fixtures', 'promotion.projenrc.ts') });
  shortenTimes(shop.repository);
  await shop.commit('chore: short times for the tests');
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  workflow = parse(readFileSync(join(shop.repository, '.github/workflows/deploy.yml'), 'utf8')) as Workflow;
  actions = new GithubActions({ root, repository: shop.repository, api });
  await shop.start();
});

afterAll(async () => {
  await shop.stop();
  const left = actions.cleanUp();
  await api.stop();
  rmSync(root, { recursive: true, force: true });
  expect(left).toEqual([]);
  expect(api.violations).toEqual([]);
});

// The tests are one story: what one of them leaves, the next finds.

test('one push is built once and deployed to staging, and when that is Stable, in the same run, the same artifact to production', async () => {
  const { run, release } = await push('good');

  expect(results(run)).toEqual({
    build: 'success',
    environment_staging: 'success',
    deploy_staging: 'success',
    monitor_staging: 'success',
    rollback_staging: 'skipped',
    environment_production: 'success',
    deploy_production: 'success',
    monitor_production: 'success',
    rollback_production: 'skipped',
  });
  expect(began(run, 'deploy_production')).toBeGreaterThanOrEqual(ended(run, 'monitor_staging'));
  expect(run.jobs.deploy_production.log).toContain(`artifact ${run.jobs.build.outputs['artifact-id']} fetched`);
  expect(deployedDigests(api, 'staging')).toEqual([run.jobs.build.outputs.digest]);
  expect(deployedDigests(api, 'production')).toEqual([run.jobs.build.outputs.digest]);
  expect([await served('staging'), await served('production')]).toEqual([release.version, release.version]);
});

test('the lock of each environment is a ref that was held once by each job that carries a deployment', async () => {
  const held = (environment: string) => api.refs().filter(({ name, target }) => target && name.startsWith(`refs/delivery/locks/${environment}/`)).map(({ name }) => name);
  // the deploy and the judge
  expect([held('staging'), held('production')]).toEqual(['staging', 'production'].map((environment) => [1, 2].map((n) => `refs/delivery/locks/${environment}/lock-${n}`)));
});

test('a drill tests the rollback in production: it deploys the live release, rolls it back, and leaves everything as it was', async () => {
  const before = await served('production');
  const drill = parse(readFileSync(join(shop.repository, '.github/workflows/drill.yml'), 'utf8')) as Workflow;
  const run = await actions.execute(drill, {
    name: 'workflow_dispatch', ref: 'refs/heads/main', sha: await shop.git('rev-parse', 'HEAD'), inputs: { environment: 'production' },
  });

  expect(results(run)).toEqual({ drill: 'success', monitor: 'success', recover: 'skipped' });
  expect(run.jobs.drill.summary).toContain('the rollback works');
  expect(run.jobs.drill.log).toMatch(/Drill on production: the rollback works, \w+ is live again, verified, after [\d.]+ m?s/);
  expect(await served('production')).toBe(before);
});

test('a release that is bad on staging never reaches production', async () => {
  const before = await served('production');
  const deployments = api.deployments('production').length;
  const { run } = await push('bad');

  expect(run.conclusion).toBe('failure');
  expect(results(run)).toMatchObject({
    deploy_staging: 'failure',
    monitor_staging: 'failure',
    deploy_production: 'skipped',
    monitor_production: 'skipped',
    rollback_production: 'skipped',
  });
  expect(run.jobs.monitor_staging.outputs.state).toBe('rolledBack');
  expect(api.deployments('production')).toHaveLength(deployments);
  expect([await served('staging'), await served('production')]).toEqual([before, before]);
});

test('a release that is bad only in production is rolled back there, and stays on staging', async () => {
  const before = await served('production');
  const { run, release } = await push('bad', { environment: 'production' });

  expect(results(run)).toMatchObject({ monitor_staging: 'success', deploy_production: 'failure', monitor_production: 'failure', rollback_production: 'skipped' });
  expect(run.jobs.monitor_production.outputs.state).toBe('rolledBack');
  expect([await served('staging'), await served('production')]).toEqual([release.version, before]);
});

async function push(...release: Parameters<ShopWorkspace['commitRelease']>): Promise<{ run: RunRecord; release: ShopRelease }> {
  const committed = await shop.commitRelease(...release);
  return { release: committed, run: await actions.execute(workflow, { name: 'push', ref: 'refs/heads/main', sha: committed.sha }) };
}

async function served(environment: string): Promise<string> {
  const response = await fetch(`${shop.machine(environment).url}/health`);
  return ((await response.json()) as { version: string }).version;
}
