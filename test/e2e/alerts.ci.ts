/**
 * Who is notified of the shop's releases: the synthesized workflow is executed as in shop.ci.ts, with a receiver of webhooks
 * on loopback and GitHub's issues as its description has them.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { results } from './run-results';
import { shortenTimes } from './short-times';
import { whenPrinted } from './when-printed';
import { GithubActions, RunEvent, RunRecord, shortened, Workflow, WorkflowRun } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareShop, ShopRelease, ShopWorkspace } from '../examples/workspace';
import { respond } from '../misbehaving-server';
import { verify, violations } from '../runtime/notifications/channels/formats';
import { Receiver } from '../runtime/notifications/receiver';

const SIGNING = `whsec_${Buffer.from('known to both').toString('base64')}`;

let root: string;
let shop: ShopWorkspace;
let api: GithubStandIn;
let actions: GithubActions;
let receiver: Receiver;
let workflow: Workflow;
let onEvent: (event: RunEvent, run: WorkflowRun) => void = () => undefined;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-alerts-'));
  shop = await prepareShop({ root, projenrc: join(__dirname, 'fixtures', 'alerts.projenrc.ts') });
  shortenTimes(shop.repository);
  await shop.commit('chore: short times for the tests');
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  receiver = await Receiver.start();
  workflow = parse(readFileSync(join(shop.repository, '.github/workflows/deploy.yml'), 'utf8')) as Workflow;
  actions = new GithubActions({
    root,
    repository: shop.repository,
    api,
    times: shortened(0.2),
    secrets: { ALERT_WEBHOOK: receiver.address, ALERT_SIGNING: SIGNING, MAIL_KEY: 'k3y-of-mail' },
    onEvent: (event, run) => onEvent(event, run),
  });
  await shop.start('staging');
});

beforeEach(() => receiver.forget());
afterEach(() => {
  onEvent = () => undefined;
  expect(api.violations).toEqual([]);
  expect(receiver.letters.flatMap((letter) => violations('webhook', letter))).toEqual([]);
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

test('a good release: the monitor job notifies all channels once, signed, and opens no issue', async () => {
  const { run, release } = await push('good');
  expect(run.conclusion).toBe('success');
  expect(said()).toEqual([`deployed ${release.version}`]);
  verify(receiver.letters[0], SIGNING, Date.now() / 1000);
  expect(notified()).toEqual([`deployed ${release.version} with k3y-of-mail`]);
  expect(api.issues).toEqual([]);
  expect(run.jobs.deploy_staging.log).toContain('no notification is due');
  expect(run.jobs.monitor_staging.summary).toContain('📣 Notifications');
});

test('a bad release: its deploy job notifies once of the rollback, and opens an issue; a re-run of the failed jobs repeats nothing', async () => {
  const { run, release } = await push('bad');
  expect(results(run)).toMatchObject({ deploy_staging: 'failure', monitor_staging: 'failure', rollback_staging: 'skipped' });
  expect(said()).toEqual([`rolledBack ${release.version}`]);
  expect(receiver.bodies[0]).toMatchObject({ runUrl: expect.stringMatching(new RegExp(`/actions/runs/${run.runId}$`)) as string });
  expect(api.issues).toMatchObject([{ state: 'open', labels: ['delivery-alert', 'incident'], comments: [] }]);
  expect(run.jobs.monitor_staging.log).toContain('no notification is due');
  // the rollback was over when the notification came
  expect(run.jobs.deploy_staging.log.indexOf('is live again, verified')).toBeLessThan(run.jobs.deploy_staging.log.indexOf('webhook (ALERT_WEBHOOK)'));

  const again = await actions.rerunFailed(run).execute();
  expect(again.conclusion).toBe('failure');
  expect(said()).toEqual([`rolledBack ${release.version}`]);
  expect(api.issues).toMatchObject([{ state: 'open', comments: [] }]);
  expect(everything(run) + everything(again)).not.toMatch(/s3cr3t|k3y-of-mail/);
});

test('a runner that is lost between the rollback and its notification: a later job sends it, once', async () => {
  onEvent = whenPrinted('deploy_staging', /is live again, verified/, (run) => run.loseRunner('deploy_staging'));
  const { run, release } = await push('bad');
  expect(results(run)).toMatchObject({ deploy_staging: 'failure', monitor_staging: 'failure' });
  expect(said()).toEqual([`rolledBack ${release.version}`]);
  expect(api.issues).toMatchObject([{ state: 'open', comments: [{}] }]);
});

test('a deployment of a lost runner that a later job rolls back: that job notifies, once', async () => {
  onEvent = whenPrinted('deploy_staging', /Bake: probe what users see/, (run) => run.loseRunner('deploy_staging'));
  const { run, release } = await push('good');
  expect(results(run)).toMatchObject({ deploy_staging: 'failure', rollback_staging: 'failure' });
  expect(said()).toEqual([`rolledBack ${release.version}`]);
  expect(run.jobs.rollback_staging.summary).toContain('📣 Notifications');
});

test('a dead channel hides no verdict, prevents no rollback and is named; the others are notified', async () => {
  receiver.behave(respond(404));
  const { run, release } = await push('bad');
  expect(results(run)).toMatchObject({ deploy_staging: 'failure', monitor_staging: 'failure', rollback_staging: 'skipped' });
  expect(run.jobs.deploy_staging.step('notify')).toMatchObject({ outcome: 'success' });
  expect(run.jobs.deploy_staging.annotations.map(({ level, message }) => [level, message])).toContainEqual(['warning', expect.stringContaining('webhook (ALERT_WEBHOOK) could not be notified (HTTP 404)')]);
  // each job that notifies tried it again; the task was notified once
  expect(said().length).toBeGreaterThan(1);
  expect(notified().filter((line) => line.includes(release.version))).toHaveLength(1);
});

test('the next good release closes the issue', async () => {
  const { run, release } = await push('good');
  expect(run.conclusion).toBe('success');
  expect(said()).toEqual([`deployed ${release.version}`]);
  expect(api.issues).toMatchObject([{ state: 'closed' }]);
});

async function push(kind: Parameters<ShopWorkspace['commitRelease']>[0]): Promise<{ run: RunRecord; release: ShopRelease }> {
  const release = await shop.commitRelease(kind);
  return { release, run: await actions.execute(workflow, { name: 'push', ref: 'refs/heads/main', sha: release.sha }) };
}

function said(): string[] {
  return receiver.bodies.map(({ event, release }) => `${String(event)} ${(release as { version: string }).version}`);
}

function notified(): string[] {
  return readFileSync(join(shop.machine('staging').home, 'notified'), 'utf8').trim().split('\n');
}

function everything({ jobs }: RunRecord): string {
  return Object.values(jobs).map(({ log, summary, outputs }) => `${log}${summary}${JSON.stringify(outputs)}`).join('\n');
}
