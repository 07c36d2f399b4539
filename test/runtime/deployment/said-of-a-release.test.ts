/** What is said of a release that was taken back: the summary, the alert, `status` and `plan` agree with what is blocked, whatever the ledger lost. */
import { InMemoryEnvironment, SECOND, V1, V2 } from './in-memory-environment';
import { monitor } from '../../../src/runtime/commands/monitor';
import { rollback } from '../../../src/runtime/commands/rollback';
import { makePlan } from '../../../src/runtime/deployment/plan';
import { runDeployment } from '../../../src/runtime/deployment/run-deployment';
import { EventLogError } from '../../../src/runtime/event-log/event-log';
import { deploymentNotification } from '../../../src/runtime/notifications/deployment-notification';
import { statusOf } from '../../../src/runtime/reporting/environment-status';
import { failureOf } from '../../../src/runtime/status-page/dora';
import { readAttempts } from '../../../src/runtime/status-page/finished-attempts';
import { BLUE_GREEN_TIME_BUDGET } from '../../../src/strategies/blue-green';
import { TO_STABLE } from '../ledger/records';

let staging: InMemoryEnvironment;
let summary: string;
beforeEach(() => {
  staging = new InMemoryEnvironment();
});

function context(processId: string, inCi = true, deployed = false) {
  const outputs = { set: () => undefined, summary: (text: string) => { summary = decoded(text); } };
  return staging.context({ id: 5, processId, inCi, deployed }, { outputs });
}

const decoded = (markdown: string) => markdown.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));

function deploys(inCi = true, slot?: string): Promise<number> {
  return staging.clock.run(runDeployment(context('5.1.deploys', inCi), async (history) => ({ kind: 'deploy', release: V2, stable: await history.stable(), slot })));
}

const monitors = () => staging.clock.run(monitor.run([context('5.1.monitors', true, true)], { flags: {}, json: false }));
const recovers = (deployed = true) => staging.clock.run(rollback.run([context('5.1.recovers', true, deployed)], { flags: { recover: true }, json: false }));

/** The ledger does not accept so many entries that begin so. */
function loses(state: string, times = 1): void {
  let left = times;
  staging.eventLog.beforeAppend = async ({ text }) => {
    if (text.startsWith(state) && left-- > 0) throw new EventLogError('the disk is full');
  };
}

/** What each place says of v2, in one word. */
async function said() {
  const [record] = await staging.ledger.records('staging');
  const standing = await staging.history.standing(record!);
  const { title, text } = deploymentNotification(context('5.1.notifies'), standing)!;
  const word = (of: string) => (/may be deployed again/.test(of) && /without a verdict/.test(of) ? 'no verdict' : /is blocked/.test(of) && /was bad/.test(of) ? 'bad' : of);
  const status = await statusOf(context('5.1.reads'));
  const plan = await makePlan(context('6.1.plans'), staging.history, V2);
  const { attempts } = await readAttempts({ ledger: staging.ledger, environment: 'staging', known: [], limit: 9, committedAt: async () => 0, now: staging.clock.now() });
  return {
    summary: word(summary),
    alert: word(`${title}\n${text}`),
    status: status.blocked.length > 0 ? 'bad' : 'no verdict',
    plan: plan.faults.some((fault) => fault.includes('is blocked there')) ? 'bad' : 'no verdict',
    figures: failureOf(attempts[0]!, attempts) ? 'bad' : 'no verdict',
  };
}

const BAD = { summary: 'bad', alert: 'bad', status: 'bad', plan: 'bad', figures: 'bad' };
const NO_VERDICT = { summary: 'no verdict', alert: 'no verdict', status: 'no verdict', plan: 'no verdict', figures: 'no verdict' };

describe('a release that is bad at its confirmation', () => {
  beforeEach(async () => {
    await staging.record({ release: V1 }, ...TO_STABLE);
    await deploys();
    staging.outcomes.v2 = 'unhealthy';
  });

  it('was bad, though another job takes it back', async () => {
    expect([await monitors(), await recovers()]).toEqual([1, 1]);
    expect(await said()).toEqual(BAD);
  });

  it('was bad, though what the monitor found is lost: the next job probes it again', async () => {
    loses('rollingBack');
    expect(await monitors()).toBe(1);
    expect(summary).toContain('v2 is bad on staging, but the ledger did not record that: the next job probes it again');
    expect(summary).not.toContain('is being rolled back');
    expect(await recovers()).toBe(1);
    expect(await said()).toEqual(BAD);
  });

  it('was bad, if the monitor that is run again only reports it', async () => {
    await monitors();
    await recovers();
    expect(await monitors()).toBe(1);
    expect(await said()).toEqual(BAD);
  });
});

it('a release whose verdict is lost, on a laptop, was bad', async () => {
  await staging.record({ release: V1 }, ...TO_STABLE);
  staging.outcomes.v2 = 'unhealthy';
  loses('rollingBack');
  expect(await deploys(false)).toBe(1);
  expect(await said()).toEqual(BAD);
});

describe('a release that got no verdict', () => {
  it.each([['', 0], [', although the entry that says so is lost', 1]])('because its process was gone, may be deployed again%s', async (_, times) => {
    await staging.left({ run: { id: 5, attempt: 1 } }, 'deploying', 'verifying');
    if (times > 0) loses('rollingBack', times);
    expect(await recovers(false)).toBe(1);
    expect(await said()).toEqual(NO_VERDICT);
  });

  it('because its promotion could not be recorded, may be deployed again', async () => {
    staging = new InMemoryEnvironment({
      strategy: { kind: 'blueGreen', bakeMs: SECOND, commandTimeoutMs: 60 * SECOND, timeBudget: BLUE_GREEN_TIME_BUDGET },
      target: { deploy: { kind: 'exec', argv: ['env', 'deploy'] }, promote: { kind: 'exec', argv: ['env', 'promote'] } },
    });
    await staging.record({ release: V1, strategy: 'blueGreen', slot: 'blue' }, ...TO_STABLE);
    loses('promoting');
    expect(await deploys(true, 'green')).toBe(1);
    expect(await said()).toEqual(NO_VERDICT);
  });
});

it('another commit with the files of Stable is blocked, and the summary says so', async () => {
  const artifact = { digest: 'd'.repeat(64), id: '77', runId: '4' };
  await staging.record({ release: { ...V1, artifact } }, ...TO_STABLE);
  staging.outcomes.v2 = 'unhealthy';
  const work = runDeployment(context('5.1.deploys'), async (history) => ({ kind: 'deploy', release: { ...V2, artifact }, stable: await history.stable() }));
  await staging.clock.run(work);
  expect((await statusOf(context('5.1.reads'))).blocked).toMatchObject([{ version: 'v2' }]);
  expect(summary).toContain('this one (bbbbbbb) is blocked on staging');
});

it('the commit of Stable is not blocked, so the summary does not say that it is', async () => {
  await staging.record({ release: V2 }, ...TO_STABLE);
  const again = { ...V2, version: 'v2-again' };
  staging.outcomes['v2-again'] = 'unhealthy';
  const work = runDeployment(context('5.1.deploys'), async (history) => ({ kind: 'deploy', release: again, stable: await history.stable() }));
  await staging.clock.run(work);
  expect((await statusOf(context('5.1.reads'))).blocked).toEqual([]);
  expect(summary).toContain('v2-again was bad on staging and was rolled back');
  expect(summary).toContain('This one (bbbbbbb) is that of Stable, too, so it is not blocked on staging.');
});
