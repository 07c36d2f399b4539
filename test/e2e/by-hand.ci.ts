/** rollback.yml as it was synthesized, executed beside deploy.yml, requested from a laptop. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { results } from './run-results';
import { shortenTimes } from './short-times';
import { whenPrinted } from './when-printed';
import { EnvironmentSettings, GithubActions, RunEvent, RunRecord, shortened, Workflow, WorkflowRun } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareShop, ReleaseKind, ShopWorkspace } from '../examples/workspace';

let root: string;
let shop: ShopWorkspace;
let api: GithubStandIn;
let actions: GithubActions;
let deploy: Workflow;
let onEvent: (event: RunEvent, run: WorkflowRun) => void = () => undefined;
const environments: Record<string, EnvironmentSettings> = {};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-by-hand-'));
  shop = await prepareShop({ root, projenrc: '.projenrc.demo.ts' });
  shortenTimes(shop.repository);
  await shop.commit('chore: short times for the tests');
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  actions = new GithubActions({
    root, repository: shop.repository, api, environments, times: shortened(0.2), onEvent: (event, run) => onEvent(event, run),
  });
  const workflow = (file: string) => actions.addWorkflow(file, parse(readFileSync(join(shop.repository, '.github/workflows', file), 'utf8')) as Workflow);
  deploy = workflow('deploy.yml');
  workflow('rollback.yml');
  await shop.start();
});

afterEach(() => {
  onEvent = () => undefined;
  delete environments.production;
  expect(api.violations).toEqual([]);
});

afterAll(async () => {
  await shop.stop();
  actions.cleanUp();
  await api.stop();
  rmSync(root, { recursive: true, force: true });
});

// The tests are one story: what one of them leaves, the next finds.

test('a deploy that waits for its approval does not replace what a person restores meanwhile', async () => {
  for (const version of ['v1', 'v2']) expect((await release(version)).conclusion).toBe('success');
  let approve: (answer: boolean) => void = () => undefined;
  const approval = new Promise<boolean>((resolve) => { approve = resolve; });
  environments.production = { approve: async ({ job }) => (job === 'deploy_production' ? approval : true) };
  const waiting = await begin('v3');

  const requested = await laptop('rollback', 'production', '--release', 'v1', '--reason', 'checkout is slow');
  expect(requested.code).toBe(0);
  expect(requested.output).toContain('rollback production');
  expect(results(await dispatched())).toEqual({
    hold: 'success', rollback: 'success', monitor: 'success', recover: 'skipped', decision: 'skipped',
  });
  expect(await served()).toBe('v1');

  approve(true);
  const late = await waiting.ended;
  expect(results(late)).toMatchObject({ deploy_production: 'failure', rollback_production: 'skipped' });
  expect(late.jobs.deploy_production.annotations[0].message).toMatch(/run \d+ is newer than this one .* and put v1 on production/);
  expect(await served()).toBe('v1');
});

test('the rolled-back release is blocked until a person unblocks it; both are recorded with person and reason', async () => {
  const again = await push('v2');
  expect(again.jobs.environment_production.annotations[0].message).toContain('npx projen delivery unblock production --release v2');
  expect((await laptop('unblock', 'production', '--release', 'v2', '--reason', 'it was the database')).code).toBe(0);
  expect(results(await push('v2'))).toMatchObject({ deploy_production: 'success', monitor_production: 'success' });
  expect(await served()).toBe('v2');
  const reasons = api.deployments('production').map(({ payload }) => JSON.stringify(payload)).join();
  for (const part of ['"kind":"hold"', 'checkout is slow', '"kind":"unblock"', 'it was the database', '"by":"engineer"']) expect(reasons).toContain(part);
});

test('a rollback by hand without a name is rejected while Stable is live, by its first job, with the verified releases and their ages', async () => {
  const { code, output } = await laptop('rollback', 'production');
  expect(code).toBe(1);
  expect(output).toContain('hold production');
  const { jobs } = await dispatched();
  expect(jobs.hold.annotations[0].message).toMatch(/a rollback never chooses it. Verified here: v2 \(\w+, \d+ s ago\), v1 /);
  expect(jobs.rollback.result).toBe('skipped');
});

test('a rollback by hand without approval changes nothing, and requests no second approval', async () => {
  const approvals: string[] = [];
  environments.production = { approve: async ({ job }) => approvals.push(job) > 1 };
  await laptop('rollback', 'production', '--release', 'v1', '--reason', 'perhaps');
  expect(approvals).toEqual(['rollback']);
  expect(results(await dispatched())).toMatchObject({ rollback: 'failure', monitor: 'success', recover: 'skipped' });
  expect(await served()).toBe('v2');
});

test('if the runner of a rollback by hand is lost, the recover job continues to the same release', async () => {
  onEvent = whenPrinted('rollback', /Bake: probe what users see|Promote/, (run) => run.loseRunner('rollback'));
  const { code } = await laptop('rollback', 'production', '--release', 'v1', '--reason', 'again');
  expect(results(await dispatched())).toMatchObject({ rollback: 'failure', recover: 'success' });
  expect([code, await served()]).toEqual([1, 'v1']);
});

test('a cancelled rollback by hand is finished by its next step', async () => {
  expect((await release('v4')).conclusion).toBe('success');
  onEvent = whenPrinted('rollback', /Verify/, (run) => run.cancel());
  await laptop('rollback', 'production', '--release', 'v1', '--reason', 'and again');
  const { jobs } = await dispatched();
  expect(jobs.rollback.step('recover')).toMatchObject({ outcome: 'success' });
  expect(jobs.recover.result).toBe('skipped');
  expect(await served()).toBe('v1');
});

test('a deployment in progress is rolled back when a person requests another release, which is deployed then', async () => {
  let requested: Promise<unknown> | undefined;
  onEvent = whenPrinted('deploy_production', /::group::Deploy|##\[group\]Deploy/, () => { requested = laptop('rollback', 'production', '--release', 'v4', '--reason', 'stop that'); });
  await shop.commitRelease('slow', { tag: 'v5', delayMs: 9_000 });
  const run = await push('v5');
  await requested;
  expect(run.jobs.deploy_production.log).toContain('engineer requested v4');
  await dispatched();
  expect(await served()).toBe('v4');
});

test('a halted environment is not resolved while no healthy release is live; a rollback without a name tries Stable again', async () => {
  onEvent = whenPrinted('deploy_production', /Bake: probe what users see/, () => stopMachine());
  const run = await release('v6', 'bad');
  expect(run.jobs.monitor_production.outputs.state).toBe('halted');
  expect(run.jobs.deploy_production.log).toContain('npx projen delivery resolve production --reason why');
  expect((await laptop('resolve', 'production', '--reason', 'is it?')).code).toBe(1);
  expect((await dispatched()).jobs.decision.annotations[0].message).toContain('v6: ');
  await shop.start();
  expect((await laptop('rollback', 'production', '--reason', 'the machine was down')).code).toBe(0);
  expect(await served()).toBe('v4');
  expect((await release('v7')).conclusion).toBe('success');
});

/** Commits a release and pushes its tag. */
async function release(version: string, kind: ReleaseKind = 'good'): Promise<RunRecord> {
  await shop.commitRelease(kind, { tag: version });
  return push(version);
}

async function push(version: string): Promise<RunRecord> {
  return actions.execute(deploy, { name: 'push', ref: `refs/tags/${version}`, sha: await shop.git('rev-parse', version) });
}

/** As `release`, but returns as soon as the deploy waits for its approval. */
async function begin(version: string): Promise<{ readonly ended: Promise<RunRecord> }> {
  await shop.commitRelease('good', { tag: version });
  const run = actions.trigger(deploy, { name: 'push', ref: `refs/tags/${version}`, sha: await shop.git('rev-parse', version) })!;
  const ended = run.execute();
  await run.until((event) => event.kind === 'jobWaiting' && event.job === 'deploy_production');
  return { ended };
}

/** The bundled runtime on an engineer's laptop, with a clone of the repository and a token. */
function laptop(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(shop.repository, '.projen/delivery.cjs'), ...args], {
    cwd: shop.repository,
    env: {
      PATH: process.env.PATH,
      HOME: root,
      USER: 'engineer',
      GITHUB_API_URL: api.url,
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_TOKEN: api.token({ actions: 'write', deployments: 'read', contents: 'read' }, 'engineer'),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  return new Promise((done) => child.on('close', (code) => done({ code, output })));
}

/** The whole machine is down, before the run that prints can go on. */
function stopMachine(): void {
  const { PATH, HOME } = process.env;
  spawnSync(process.execPath, [join(shop.repository, 'scripts/run-task.cjs'), 'stop'], {
    cwd: shop.repository, env: { PATH, HOME, ...shop.machine('production').variables, DEPLOY_ENV: 'production' },
  });
}

/** What became of the run that was dispatched last. */
async function dispatched(): Promise<RunRecord> {
  return actions.dispatched.at(-1)!.record;
}

async function served(): Promise<string> {
  const response = await fetch(`${shop.machine('production').url}/health`);
  return ((await response.json()) as { version: string }).version;
}
