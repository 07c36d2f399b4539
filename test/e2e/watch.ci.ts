/** The synthesized monitor.yml, executed as in shop.ci.ts: what is live is watched, people are notified once, and a young release is rolled back. */
import { onMain, WatchedShop } from './watched-shop';
import { RunEvent } from '../../tools/github-actions-emulator';
import { ShopRelease } from '../examples/workspace';
import { MisbehavingServer } from '../misbehaving-server';
import { violations } from '../runtime/notifications/channels/formats';

let watched: WatchedShop;
let heart: MisbehavingServer;
let onEvent: (event: RunEvent) => void = () => undefined;

beforeAll(async () => {
  heart = await MisbehavingServer.start();
  watched = await WatchedShop.open({ heartbeatUrl: `${heart.url}/beat`, onEvent: (event) => onEvent(event) });
});
afterEach(() => {
  expect(watched.api.violations).toEqual([]);
  expect(watched.receiver.letters.flatMap((letter) => violations('webhook', letter))).toEqual([]);
});
afterAll(async () => {
  await watched.close();
  await heart.stop();
});

// The tests are one story: what one of them leaves, the next finds.

let first: ShopRelease;

test('a healthy environment: one job, green, nothing written, and the heartbeat is sent', async () => {
  first = await watched.push('good');
  const before = watched.api.deployments().length;
  const run = await watched.watch();
  expect(Object.keys(run.jobs)).toEqual(['watch']);
  expect(run).toMatchObject({ conclusion: 'success', jobs: { watch: { outputs: { verdict: 'healthy' } } } });
  expect(run.jobs.watch.summary).toContain(first.version);
  expect(watched.api.deployments()).toHaveLength(before);
  expect(heart.received).toHaveLength(1);
});

test('a release that turns bad after its deployment fires once, is rolled back by the watch, and resolves', async () => {
  const bad = await watched.turnsBad();
  const run = await watched.watch();
  expect(run).toMatchObject({ conclusion: 'failure', jobs: { watch: { outputs: { verdict: 'firing' } } } });
  expect(said()).toEqual([`firing ${bad.version}`]);
  expect(watched.actions.dispatched).toHaveLength(1);
  expect((await watched.actions.dispatched[0].record).conclusion).toBe('success');
  const after = await watched.watch();
  expect(after.conclusion).toBe('success');
  expect(said()).toEqual([`firing ${bad.version}`, `resolved ${first.version}`]);
  expect(watched.actions.dispatched).toHaveLength(1);
  expect(heart.received).toHaveLength(2);
  expect(`${run.jobs.watch.log}${after.jobs.watch.log}`).not.toContain(watched.receiver.address);
});

test('a deployment of a run without runners is rolled back automatically', async () => {
  const { version, sha } = await watched.shop.commitRelease('good');
  const dying = watched.actions.trigger(watched.workflows.deploy, onMain(sha))!;
  onEvent = (event) => {
    if (event.kind === 'line' && event.job === 'deploy_staging' && /Bake: probe what users see/.test(event.text)) dying.loseRunner('deploy_staging');
    // as if someone had ended the run by force
    else if (event.kind === 'jobStarted' && ['monitor_staging', 'rollback_staging'].includes(event.job)) dying.loseRunner(event.job);
  };
  expect((await dying.execute()).conclusion).toBe('failure');
  onEvent = () => undefined;
  const before = watched.actions.dispatched.length;
  expect((await watched.watch()).conclusion).toBe('failure');
  expect(said().at(-1)).toBe(`firing ${first.version}`);
  expect(watched.actions.dispatched).toHaveLength(before + 1);
  expect((await watched.actions.dispatched[before].record).conclusion).toBe('success');
  expect(await watched.served()).not.toContain(version);
  expect((await watched.watch()).conclusion).toBe('success');
  expect(said().at(-1)).toBe(`resolved ${first.version}`);
});

test('a fork watches nothing', async () => {
  const run = await watched.actions.execute(watched.workflows.monitor, { ...onMain(first.sha), name: 'schedule', payload: { repository: { fork: true } } });
  expect(run.jobs.watch.result).toBe('skipped');
});

function said(): string[] {
  return watched.receiver.bodies.map(({ event, release }) => `${String(event)} ${(release as { version: string }).version}`);
}
