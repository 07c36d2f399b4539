/** "Re-run all jobs" of a run whose release is Stable: each attempt keeps files of its own, and a rollback finds the right ones. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { deployedDigests, results } from './run-results';
import { shortenTimes } from './short-times';
import { whenPrinted } from './when-printed';
import { GithubActions, GithubActionsOptions, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareShop, ShopRelease, ShopWorkspace } from '../examples/workspace';

let root: string;
let shop: ShopWorkspace;
let api: GithubStandIn;
let actions: GithubActions;
let first: { run: RunRecord; release: ShopRelease };
let again: RunRecord;
let onEvent: GithubActionsOptions['onEvent'];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-rerun-'));
  shop = await prepareShop({ root, projenrc: join(__dirname, 'fixtures', 'rerun.projenrc.ts') });
  shortenTimes(shop.repository);
  await shop.commit('chore: short times for the tests');
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  actions = new GithubActions({ root, repository: shop.repository, api, onEvent: (event, run) => onEvent?.(event, run) });
  await shop.start('staging');
});

afterAll(async () => {
  await shop.stop();
  const left = actions.cleanUp();
  await api.stop();
  rmSync(root, { recursive: true, force: true });
  expect(left).toEqual([]);
  // also that no token reached the storage
  expect(api.violations).toEqual([]);
});

// The tests are one story: what one of them leaves, the next finds.

test('all jobs of a run are run again: its second attempt builds other bytes, keeps them beside the first, and deploys them', async () => {
  first = await push('good');
  expect(results(first.run)).toMatchObject({ build: 'success', deploy_staging: 'success', monitor_staging: 'success' });
  again = await actions.rerunAll(first.run).execute();
  expect(results(again)).toMatchObject({ build: 'success', deploy_staging: 'success', monitor_staging: 'success' });

  const attempts = [first.run, again].map(({ jobs }) => jobs.build.outputs);
  expect(attempts.map(({ 'artifact-id': id }) => api.artifact(Number(id))!)).toMatchObject([1, 2].map((attempt) => ({
    runId: first.run.runId, name: `delivery-release-${attempt}`, expired: false,
  })));
  expect(deployedDigests(api, 'staging')).toEqual(attempts.map(({ digest }) => digest));
});

test('the next bad release gives way to the files of the second attempt, found by their id', async () => {
  const { run } = await push('bad');
  expect(results(run)).toMatchObject({ build: 'success', deploy_staging: 'failure', monitor_staging: 'failure', rollback_staging: 'skipped' });
  expect(run.jobs.monitor_staging.outputs.state).toBe('rolledBack');
  expect(run.jobs.deploy_staging.log).toContain(`artifact ${again.jobs.build.outputs['artifact-id']} fetched`);
  expect(await served()).toBe(first.release.version);
});

test('later deployments work, also run again, and so does a rollback by hand to the release of the run that was run again', async () => {
  const second = await push('good');
  expect(results(second.run)).toMatchObject({ deploy_staging: 'success', monitor_staging: 'success' });
  expect(results(await actions.rerunAll(second.run).execute())).toMatchObject({ deploy_staging: 'success', monitor_staging: 'success' });

  const run = await actions.execute(workflow('rollback.yml'), {
    name: 'workflow_dispatch',
    ref: 'refs/heads/main',
    sha: await shop.git('rev-parse', 'HEAD'),
    inputs: { environment: 'staging', action: 'rollback', release: first.release.version, reason: 'the checkout is slow' },
  });
  expect(results(run)).toMatchObject({ hold: 'success', rollback: 'success', monitor: 'success', recover: 'skipped' });
  expect(run.jobs.rollback.log).toContain(`artifact ${again.jobs.build.outputs['artifact-id']} fetched`);
  expect(await served()).toBe(first.release.version);
});

test('a runner that is lost while the new release is deployed: the next job fetches what it needs to go back', async () => {
  onEvent = whenPrinted('deploy_staging', /(::group::|##\[group\])Verify/, (run) => run.loseRunner('deploy_staging'));
  const { run } = await push('good');
  onEvent = undefined;
  expect(results(run)).toMatchObject({ deploy_staging: 'failure', rollback_staging: 'failure' });
  expect(run.jobs.rollback_staging.log).toContain(`artifact ${again.jobs.build.outputs['artifact-id']} fetched`);
  expect(await served()).toBe(first.release.version);
});

function workflow(file: string): Workflow {
  return parse(readFileSync(join(shop.repository, '.github/workflows', file), 'utf8')) as Workflow;
}

async function push(...release: Parameters<ShopWorkspace['commitRelease']>): Promise<{ run: RunRecord; release: ShopRelease }> {
  const committed = await shop.commitRelease(...release);
  return { release: committed, run: await actions.execute(workflow('deploy.yml'), { name: 'push', ref: 'refs/heads/main', sha: committed.sha }) };
}

async function served(): Promise<string> {
  return ((await (await fetch(`${shop.machine('staging').url}/health`)).json()) as { version: string }).version;
}
