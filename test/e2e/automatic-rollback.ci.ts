/** The synthesized monitor.yml and rollback.yml, executed: what the watch takes back, and what came after that stays. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { EnvironmentSettings, GithubActions, RunRecord, shortened, Workflow } from './executor';
import { results } from './run-results';
import { shortenTimes } from './short-times';
import { prepareShop, ShopRelease, ShopWorkspace } from '../examples/workspace';
import { StoredDeployment } from '../github/repository';
import { GithubStandIn } from '../github/stand-in';
import { Receiver } from '../runtime/monitoring/alerts/receiver';

let root: string;
let shop: ShopWorkspace;
let api: GithubStandIn;
let actions: GithubActions;
let receiver: Receiver;
const workflows: Record<string, Workflow> = {};
const environments: Record<string, EnvironmentSettings> = {};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-automatic-'));
  shop = await prepareShop({ root, projenrc: join(__dirname, 'fixtures', 'watch.projenrc.ts') });
  shortenTimes(shop.repository);
  await shop.commit('chore: short times for the tests');
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  receiver = await Receiver.start();
  actions = new GithubActions({
    root,
    repository: shop.repository,
    api,
    environments,
    times: shortened(0.2),
    secrets: { ALERT_WEBHOOK: receiver.address, HEARTBEAT_URL: receiver.address },
  });
  for (const name of ['deploy', 'rollback', 'monitor']) {
    workflows[name] = actions.addWorkflow(`${name}.yml`, parse(readFileSync(join(shop.repository, `.github/workflows/${name}.yml`), 'utf8')) as Workflow);
  }
  await shop.start('staging');
});

afterEach(() => {
  delete environments.staging;
  expect(api.violations).toEqual([]);
});

afterAll(async () => {
  await shop.stop();
  const left = actions.cleanUp();
  await api.stop();
  await receiver.stop();
  rmSync(root, { recursive: true, force: true });
  expect(left).toEqual([]);
});

// The tests are one story: what one of them leaves, the next finds.

let fix: ShopRelease;

test('a fix that was under way before the rollback, and is verified while that waits for its approval, stays, and is blocked by nothing', async () => {
  await push('good');
  const bad = await turnsBad();
  const approvals = openApprovals(['deploy_staging', 'rollback']);
  fix = await shop.commitRelease('good');
  const fixing = actions.trigger(workflows.deploy, onMain(fix.sha))!;
  const fixed = fixing.execute();
  await fixing.until((event) => event.kind === 'jobWaiting' && event.job === 'deploy_staging');

  expect((await watch()).conclusion).toBe('failure');
  const [started] = actions.dispatched.slice(-1);
  expect(started.run.runId).toBeGreaterThan(fixing.runId);
  await started.run.until((event) => event.kind === 'jobWaiting' && event.job === 'rollback');
  approvals.give('deploy_staging', true);
  expect(results(await fixed)).toMatchObject({ deploy_staging: 'success', monitor_staging: 'success' });
  expect(await served()).toBe(fix.version);

  approvals.give('rollback', true);
  const rollback = await started.record;
  expect(results(rollback)).toEqual({ hold: 'success', rollback: 'success', monitor: 'success', settle: 'skipped', decide: 'skipped' });
  expect(rollback.jobs.rollback.summary).toContain('superseded');
  expect(await served()).toBe(fix.version);
  expect(kindsSince(bad)).toEqual(['deploy']);
  // nothing is blocked: the same commit may come again
  expect(results(await actions.execute(workflows.deploy, onMain(fix.sha)))).toMatchObject({ deploy_staging: 'success' });
  expect((await watch()).conclusion).toBe('success');
});

test('one that begins after the fix asks nobody to approve it', async () => {
  const [{ run: { event: { inputs } } }] = actions.dispatched.slice(-1);
  const asked: string[] = [];
  environments.staging = { approve: async ({ job }) => asked.push(job) > 0 };
  const again = actions.trigger(workflows.rollback, { ...onMain(fix.sha), name: 'workflow_dispatch', inputs })!;
  expect(results(await again.execute())).toEqual({ hold: 'success', rollback: 'skipped', monitor: 'skipped', settle: 'skipped', decide: 'skipped' });
  expect(asked).toEqual([]);
  expect(await served()).toBe(fix.version);
});

test('what a person restored before it began stays', async () => {
  const bad = await turnsBad();
  const approvals = openApprovals(['rollback']);
  const byHand = actions.trigger(workflows.rollback, { ...onMain(bad.sha), name: 'workflow_dispatch', inputs: { environment: 'staging', action: 'rollback', release: fix.sha, reason: 'I saw it' } })!;
  const ended = byHand.execute();
  await byHand.until((event) => event.kind === 'jobWaiting' && event.job === 'rollback');
  const before = actions.dispatched.length;
  const { log } = (await watch()).jobs.watch;
  expect(actions.dispatched).toHaveLength(before);
  expect(log).toContain(`asked for ${fix.version}`);
  approvals.give('rollback', true);
  expect((await ended).conclusion).toBe('success');
  expect(await served()).toBe(fix.version);
});

/** A release that passes its gate, and fails soon afterwards. */
async function turnsBad(): Promise<ShopRelease> {
  const bad = await push('error', { afterRequests: 150 });
  for (;;) {
    const { status } = await fetch(`${shop.machine('staging').url}/health`);
    if (status !== 200) return bad;
  }
}

/** Reviewers of staging, for these jobs; all others may go on. */
function openApprovals(jobs: readonly string[]): { give: (job: string, answer: boolean) => void } {
  const given = new Map<string, (answer: boolean) => void>();
  const waiting = new Map(jobs.map((job) => [job, new Promise<boolean>((resolve) => given.set(job, resolve))]));
  environments.staging = { approve: async ({ job }) => waiting.get(job) ?? true };
  return { give: (job, answer) => given.get(job)!(answer) };
}

async function push(kind: Parameters<ShopWorkspace['commitRelease']>[0], options: Parameters<ShopWorkspace['commitRelease']>[1] = {}): Promise<ShopRelease> {
  const release = await shop.commitRelease(kind, options);
  expect((await actions.execute(workflows.deploy, onMain(release.sha))).conclusion).toBe('success');
  return release;
}

async function watch(): Promise<RunRecord> {
  return actions.execute(workflows.monitor, { ...onMain(await shop.git('rev-parse', 'main')), name: 'schedule' });
}

function onMain(sha: string) {
  return { name: 'push', ref: 'refs/heads/main', sha };
}

/** What was recorded after a release, oldest first. */
function kindsSince({ sha }: ShopRelease): unknown[] {
  const records = api.deployments('staging').filter(({ task }) => task !== 'delivery-alert');
  const newer = records.slice(0, records.findIndex((record) => payloadOf(record).release?.sha === sha));
  return newer.map((record) => payloadOf(record).kind).reverse();
}

function payloadOf({ payload }: StoredDeployment): { kind?: string; release?: { sha: string } } {
  return (payload as { record: { kind?: string; release?: { sha: string } } }).record;
}

async function served(): Promise<string> {
  const answer = await fetch(`${shop.machine('staging').url}/health`);
  return ((await answer.json()) as { version: string }).version;
}
