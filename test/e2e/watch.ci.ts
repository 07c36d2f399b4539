/** The synthesized monitor.yml, executed as in shop.ci.ts: what is live is watched, people are told once, and a young release is taken back. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { GithubActions, RunEvent, RunRecord, shortened, Workflow } from './executor';
import { shortenTimes } from './short-times';
import { prepareShop, ShopRelease, ShopWorkspace } from '../examples/workspace';
import { GithubStandIn } from '../github/stand-in';
import { MisbehavingServer } from '../misbehaving-server';
import { violations } from '../runtime/monitoring/alerts/formats';
import { Receiver } from '../runtime/monitoring/alerts/receiver';

let root: string;
let shop: ShopWorkspace;
let api: GithubStandIn;
let actions: GithubActions;
let receiver: Receiver;
let heart: MisbehavingServer;
let onEvent: (event: RunEvent) => void = () => undefined;
const workflows: Record<string, Workflow> = {};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-watch-'));
  shop = await prepareShop({ root, projenrc: join(__dirname, 'fixtures', 'watch.projenrc.ts') });
  shortenTimes(shop.repository);
  await shop.commit('chore: short times for the tests');
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  receiver = await Receiver.start();
  heart = await MisbehavingServer.start();
  actions = new GithubActions({
    root,
    repository: shop.repository,
    api,
    times: shortened(0.2),
    secrets: { ALERT_WEBHOOK: receiver.address, HEARTBEAT_URL: `${heart.url}/beat` },
    onEvent: (event) => onEvent(event),
  });
  for (const name of ['deploy', 'rollback', 'monitor']) {
    workflows[name] = actions.addWorkflow(`${name}.yml`, parse(readFileSync(join(shop.repository, `.github/workflows/${name}.yml`), 'utf8')) as Workflow);
  }
  await shop.start('staging');
});

afterEach(() => {
  expect(api.violations).toEqual([]);
  expect(receiver.letters.flatMap((letter) => violations('webhook', letter))).toEqual([]);
});

afterAll(async () => {
  await shop.stop();
  const left = actions.cleanUp();
  await api.stop();
  await receiver.stop();
  await heart.stop();
  rmSync(root, { recursive: true, force: true });
  expect(left).toEqual([]);
});

// The tests are one story: what one of them leaves, the next finds.

let first: ShopRelease;

test('a healthy environment: one job, green, nothing written, and the heartbeat is sent', async () => {
  first = await push('good');
  const before = api.deployments().length;
  const run = await watch();
  expect(Object.keys(run.jobs)).toEqual(['watch']);
  expect(run).toMatchObject({ conclusion: 'success', jobs: { watch: { outputs: { verdict: 'healthy' } } } });
  expect(run.jobs.watch.summary).toContain(first.version);
  expect(api.deployments()).toHaveLength(before);
  expect(heart.received).toHaveLength(1);
});

test('a release that turns bad after its deployment fires once, is rolled back by the watch, and resolves', async () => {
  const bad = await push('error', { afterRequests: 150 });
  for (;;) {
    const { status } = await fetch(`${shop.machine('staging').url}/health`);
    if (status !== 200) break;
  }
  const run = await watch();
  expect(run).toMatchObject({ conclusion: 'failure', jobs: { watch: { outputs: { verdict: 'firing' } } } });
  expect(said()).toEqual([`firing ${bad.version}`]);
  expect(actions.dispatched).toHaveLength(1);
  expect((await actions.dispatched[0].record).conclusion).toBe('success');
  const after = await watch();
  expect(after.conclusion).toBe('success');
  expect(said()).toEqual([`firing ${bad.version}`, `resolved ${first.version}`]);
  expect(actions.dispatched).toHaveLength(1);
  expect(heart.received).toHaveLength(2);
  expect(`${run.jobs.watch.log}${after.jobs.watch.log}`).not.toContain(receiver.address);
});

test('what a run leaves open whose runners are all lost goes back by itself', async () => {
  const { version, sha } = await shop.commitRelease('good');
  const dying = actions.trigger(workflows.deploy, { name: 'push', ref: 'refs/heads/main', sha })!;
  onEvent = (event) => {
    if (event.kind === 'line' && event.job === 'deploy_staging' && /Watch what users see/.test(event.text)) dying.loseRunner('deploy_staging');
    // as if somebody had ended the run by force
    else if (event.kind === 'jobStarted' && ['monitor_staging', 'rollback_staging'].includes(event.job)) dying.loseRunner(event.job);
  };
  expect((await dying.execute()).conclusion).toBe('failure');
  onEvent = () => undefined;
  const before = actions.dispatched.length;
  expect((await watch()).conclusion).toBe('failure');
  expect(said().at(-1)).toBe(`firing ${first.version}`);
  expect(actions.dispatched).toHaveLength(before + 1);
  expect((await actions.dispatched[before].record).conclusion).toBe('success');
  expect(await (await fetch(`${shop.machine('staging').url}/health`)).json()).toMatchObject({ version: expect.not.stringContaining(version) as string });
  expect((await watch()).conclusion).toBe('success');
  expect(said().at(-1)).toBe(`resolved ${first.version}`);
});

test('a fork watches nothing', async () => {
  const run = await actions.execute(workflows.monitor, { name: 'schedule', ref: 'refs/heads/main', sha: first.sha, payload: { repository: { fork: true } } });
  expect(run.jobs.watch.result).toBe('skipped');
});

async function push(kind: Parameters<ShopWorkspace['commitRelease']>[0], options: Parameters<ShopWorkspace['commitRelease']>[1] = {}): Promise<ShopRelease> {
  const release = await shop.commitRelease(kind, options);
  const run = await actions.execute(workflows.deploy, { name: 'push', ref: 'refs/heads/main', sha: release.sha });
  expect(run.conclusion).toBe('success');
  return release;
}

async function watch(): Promise<RunRecord> {
  return actions.execute(workflows.monitor, { name: 'schedule', ref: 'refs/heads/main', sha: await shop.git('rev-parse', 'main') });
}

function said(): string[] {
  return receiver.bodies.map(({ event, release }) => `${String(event)} ${(release as { version: string }).version}`);
}
