/** The synthesized monitor.yml and rollback.yml, executed: what the watch takes back, and what came after that stays. */
import { results } from './run-results';
import { onMain, WatchedShop } from './watched-shop';
import { EnvironmentSettings } from '../../tools/github-actions-emulator';
import { StoredDeployment } from '../../tools/github-api-stand-in/repository';
import { ShopRelease } from '../examples/workspace';

let watched: WatchedShop;
const environments: Record<string, EnvironmentSettings> = {};

beforeAll(async () => {
  watched = await WatchedShop.open({ environments });
});
afterEach(() => {
  delete environments.staging;
  expect(watched.api.violations).toEqual([]);
});
afterAll(async () => watched.close());

// The tests are one story: what one of them leaves, the next finds.

let fix: ShopRelease;

test('a fix that was under way before the rollback, and is verified while that waits for its approval, stays, and is blocked by nothing', async () => {
  await watched.push('good');
  const bad = await watched.turnsBad();
  const approvals = openApprovals(['deploy_staging', 'rollback']);
  fix = await watched.shop.commitRelease('good');
  const fixing = watched.actions.trigger(watched.workflows.deploy, onMain(fix.sha))!;
  const fixed = fixing.execute();
  await fixing.until((event) => event.kind === 'jobWaiting' && event.job === 'deploy_staging');

  expect((await watched.watch()).conclusion).toBe('failure');
  const [started] = watched.actions.dispatched.slice(-1);
  expect(started.run.runId).toBeGreaterThan(fixing.runId);
  await started.run.until((event) => event.kind === 'jobWaiting' && event.job === 'rollback');
  approvals.give('deploy_staging', true);
  expect(results(await fixed)).toMatchObject({ deploy_staging: 'success', monitor_staging: 'success' });
  expect(await watched.served()).toBe(fix.version);

  approvals.give('rollback', true);
  const rollback = await started.record;
  expect(results(rollback)).toEqual({ hold: 'success', rollback: 'success', monitor: 'success', recover: 'skipped', decision: 'skipped' });
  expect(rollback.jobs.rollback.summary).toContain('superseded');
  expect(await watched.served()).toBe(fix.version);
  expect(kindsSince(bad)).toEqual(['deploy']);
  // nothing is blocked: the same commit may come again
  expect(results(await watched.actions.execute(watched.workflows.deploy, onMain(fix.sha)))).toMatchObject({ deploy_staging: 'success' });
  expect((await watched.watch()).conclusion).toBe('success');
});

test('one that begins after the fix requests no approval', async () => {
  const [{ run: { event: { inputs } } }] = watched.actions.dispatched.slice(-1);
  const approvals: string[] = [];
  environments.staging = { approve: async ({ job }) => approvals.push(job) > 0 };
  const again = watched.actions.trigger(watched.workflows.rollback, { ...onMain(fix.sha), name: 'workflow_dispatch', inputs })!;
  expect(results(await again.execute())).toEqual({ hold: 'success', rollback: 'skipped', monitor: 'skipped', recover: 'skipped', decision: 'skipped' });
  expect(approvals).toEqual([]);
  expect(await watched.served()).toBe(fix.version);
});

test('a release that a person restored before stays', async () => {
  const bad = await watched.turnsBad();
  const approvals = openApprovals(['rollback']);
  const byHand = watched.actions.trigger(watched.workflows.rollback, { ...onMain(bad.sha), name: 'workflow_dispatch', inputs: { environment: 'staging', action: 'rollback', release: fix.sha, reason: 'I saw it' } })!;
  const ended = byHand.execute();
  await byHand.until((event) => event.kind === 'jobWaiting' && event.job === 'rollback');
  const before = watched.actions.dispatched.length;
  const { log } = (await watched.watch()).jobs.watch;
  expect(watched.actions.dispatched).toHaveLength(before);
  expect(log).toContain(`requested ${fix.version}`);
  approvals.give('rollback', true);
  expect((await ended).conclusion).toBe('success');
  expect(await watched.served()).toBe(fix.version);
});

/** Reviewers of staging, for these jobs; all others may go on. */
function openApprovals(jobs: readonly string[]): { give: (job: string, answer: boolean) => void } {
  const given = new Map<string, (answer: boolean) => void>();
  const waiting = new Map(jobs.map((job) => [job, new Promise<boolean>((resolve) => given.set(job, resolve))]));
  environments.staging = { approve: async ({ job }) => waiting.get(job) ?? true };
  return { give: (job, answer) => given.get(job)!(answer) };
}

/** What was recorded after a release, oldest first. */
function kindsSince({ sha }: ShopRelease): unknown[] {
  const records = watched.api.deployments('staging').filter(({ task }) => task !== 'delivery-alert');
  const newer = records.slice(0, records.findIndex((record) => payloadOf(record).release?.sha === sha));
  return newer.map((record) => payloadOf(record).kind).reverse();
}

function payloadOf({ payload }: StoredDeployment): { kind?: string; release?: { sha: string } } {
  return (payload as { record: { kind?: string; release?: { sha: string } } }).record;
}
