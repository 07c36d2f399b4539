/** After a crash: what users have, what is recovered first, and what the plan expects of that. */
import { InMemoryEnvironment, SECOND, STAGING, V1, V2, V3 } from './in-memory-environment';
import { StrategyKind } from '../../../src/contract/strategies';
import { monitor } from '../../../src/runtime/commands/monitor';
import { plan } from '../../../src/runtime/commands/plan';
import { rollback } from '../../../src/runtime/commands/rollback';
import { RuntimeContext } from '../../../src/runtime/context';
import { sayRecovery, sayUsers } from '../../../src/runtime/deployment/left-open';
import { makePlan } from '../../../src/runtime/deployment/plan';
import { runDeployment } from '../../../src/runtime/deployment/run-deployment';
import { State } from '../../../src/runtime/deployment/state-machine';
import { EventLogError } from '../../../src/runtime/event-log/event-log';
import { NewRecord } from '../../../src/runtime/ledger/record';
import { Outcome } from '../../../src/runtime/probing/observation';
import { liveCells, remarks, statusOf } from '../../../src/runtime/reporting/environment-status';
import { BLUE_GREEN_TIME_BUDGET } from '../../../src/strategies/blue-green';
import { pointerTo, TO_STABLE } from '../ledger/records';

const BLUE_GREEN = {
  strategy: { kind: 'blueGreen' as const, bakeMs: SECOND, commandTimeoutMs: 60 * SECOND, timeBudget: BLUE_GREEN_TIME_BUDGET },
  target: { deploy: { kind: 'exec' as const, argv: ['env', 'deploy'] }, promote: { kind: 'exec' as const, argv: ['env', 'promote'] } },
};

let staging: InMemoryEnvironment;
let printed: string;
let logged: string[];
beforeEach(() => {
  staging = new InMemoryEnvironment();
  printed = '';
  logged = [];
});

/** What a laptop prints and logs. */
function laptop(changes: Partial<RuntimeContext> = {}, inCi = false): RuntimeContext {
  const context = staging.context({ id: 7, inCi });
  const titled = (title: string, text: string) => void logged.push(`${title}: ${text}`);
  const log = { ...context.log, progress: (line: string) => void logged.push(line), error: titled, notice: titled };
  return { ...context, log, print: (text) => { printed += text; }, ...changes };
}

/** v1 is Stable in blue, and v2 was left in green. */
async function leftInGreen(...states: State[]): Promise<void> {
  staging = new InMemoryEnvironment(BLUE_GREEN);
  const stable = await staging.record({ release: V1, strategy: 'blueGreen', slot: 'blue' }, ...TO_STABLE);
  await staging.record({ release: V2, strategy: 'blueGreen', slot: 'green', run: { id: 2, attempt: 1 }, stable: pointerTo(stable) }, ...states);
}

describe('what is said of a deployment that was left', () => {
  it.each<[StrategyKind, State[], Partial<NewRecord>, string, string]>([
    ['redeploy', [], {}, 'users have v1', 'it is closed, because nothing was changed'],
    ['redeploy', ['migrating'], {}, 'users have v1', 'it is rolled back to v1'],
    ['redeploy', ['deploying'], {}, 'users have v1 or v2, which is not verified', 'it is rolled back to v1'],
    ['redeploy', ['deploying', 'verifying'], {}, 'users have v1 or v2, which is not verified', 'it is rolled back to v1'],
    ['redeploy', ['deploying', 'verifying', 'baking'], {}, 'users have v2, which is not verified', 'it is rolled back to v1'],
    ['redeploy', ['deploying', 'verifying', 'baking', 'confirming'], {}, 'users have v2, which is not confirmed', 'it is probed again, and becomes Stable if it is healthy'],
    ['redeploy', ['deploying', 'verifying', 'rollingBack'], {}, 'users have v1 or v2, which is not verified', 'it is rolled back to v1'],
    ['redeploy', ['deploying', 'verifying', 'baking'], { stable: undefined }, 'users have v2, which is not verified', 'it is halted, because there is nothing to go back to'],
    ['redeploy', ['deploying'], { stable: undefined }, 'users may have v2, which is not verified', 'it is halted, because there is nothing to go back to'],
    ['redeploy', [], { stable: undefined }, 'users have what was there before', 'it is closed, because nothing was changed'],
    ['redeploy', ['deploying', 'verifying', 'baking'], { kind: 'rollback', leaving: V3 }, 'users have v2, which is not verified again', 'the rollback to v2 begins again'],
    ['redeploy', ['deploying'], { kind: 'rollback', leaving: V3 }, 'users have v3 or v2, which is not verified again', 'the rollback to v2 begins again'],
    ['blueGreen', ['deploying', 'verifying'], {}, 'users have v1', 'it is rolled back to v1'],
    ['blueGreen', ['deploying', 'verifying', 'promoting'], {}, 'users have v1 or v2, which is not verified', 'it is rolled back to v1'],
    ['blueGreen', ['deploying', 'verifying', 'promoting', 'baking'], {}, 'users have v2, which is not verified', 'it is rolled back to v1'],
    ['blueGreen', ['deploying', 'verifying', 'halted'], {}, 'users have v1', ''],
    ['blueGreen', ['deploying', 'verifying', 'promoting', 'baking', 'halted'], {}, 'users have v2, which is not verified', ''],
    ['redeploy', ['deploying', 'verifying', 'rollingBack', 'halted'], {}, 'users have v1 or v2, which is not verified', ''],
  ])('%s, %j %#', async (strategy, states, change, users, recovery) => {
    const record = await staging.left({ strategy, ...change }, ...states);
    const left = await staging.history.standing(record);
    expect(sayUsers(left)).toBe(users);
    if (recovery !== '') expect(sayRecovery(left, {})).toBe(recovery);
  });

  it('is that it is halted, where its target cannot take it back, or its migration cannot be undone', async () => {
    const record = await staging.left({}, 'deploying', 'verifying');
    const left = await staging.history.standing(record);
    expect(sayRecovery(left, { noRollback: 'publish a fix' })).toContain('it is halted');
    const entries = left.entries.map((one) => ({ ...one, irreversible: true }));
    expect(sayRecovery({ ...left, entries }, {})).toContain('it is halted');
  });

  it('names the share of a canary', async () => {
    const record = await staging.left({ strategy: 'canary', slot: 'green' }, 'deploying', 'verifying');
    await staging.ledger.advance(record, { state: 'promoting', note: '', processId: record.processId, weight: 10 });
    expect(sayUsers(await staging.history.standing(record))).toBe('10 % of the traffic goes to v2, which is not verified, and the rest to v1');
  });
});

describe('killed in the bake, the status', () => {
  it('says what users have, and that it is recovered first', async () => {
    await leftInGreen('deploying', 'verifying', 'promoting', 'baking');
    const row = await statusOf(laptop());
    expect(liveCells(row)).toEqual(['v2, not verified', '']);
    expect(remarks(row).join('\n')).toMatch(
      /^staging: v2 \(of ada, begun 2026-[^)]+\) was left while it was in its bake, and its process is gone: users have v2, which is not verified\. The next command recovers it first: it is rolled back to v1\. To do only that: npx projen delivery rollback staging --recover$/,
    );
  });

  it('says so while it is at work, too', async () => {
    await leftInGreen('deploying', 'verifying', 'promoting', 'baking');
    staging.isAlive = async () => true;
    const row = await statusOf(laptop({}, true));
    expect(remarks(row).join('\n')).toBe('staging: v2 (run 2) is in its bake: users have v2, which is not verified');
  });

  it('names Stable and its time where users have it', async () => {
    await leftInGreen('deploying', 'verifying');
    expect(liveCells(await statusOf(laptop()))).toEqual(['v1', expect.stringMatching(/^2026-/)]);
  });

  it('gives no time by which a dead process has a verdict', async () => {
    const weights = [{ percent: 10, atLeastMs: SECOND, atMostMs: 60 * SECOND }];
    staging = new InMemoryEnvironment({ strategy: { ...STAGING.strategy, kind: 'canary', weights } });
    const record = await staging.left({ strategy: 'canary', slot: 'green' }, 'deploying', 'verifying');
    await staging.ledger.advance(record, { state: 'promoting', note: '', processId: record.processId, weight: 10 });
    const row = await statusOf(laptop());
    expect(row.split?.verdictBy).toBeUndefined();
    expect(remarks(row).join('\n')).toContain('its process is gone: 10 % of the traffic goes to v2');
    expect(remarks(row).join('\n')).not.toContain('has a verdict by');
  });
});

describe('the plan after a crash', () => {
  it.each<[State[], string]>([
    [['deploying', 'verifying', 'promoting', 'baking'], 'green'],
    [['deploying', 'verifying', 'promoting', 'baking', 'confirming'], 'blue'],
    [['deploying', 'verifying'], 'green'],
    [[], 'green'],
  ])('after %j it names the slot that the deployment then uses: %s', async (states, slot) => {
    await leftInGreen(...states);
    expect((await makePlan(laptop(), staging.history, V3)).slot).toBe(slot);
    const used: (string | undefined)[] = [];
    await staging.clock.run(runDeployment(laptop(), async (history) => {
      const made = await makePlan(laptop(), history, V3);
      used.push(made.slot);
      return { kind: 'deploy', ...made };
    }));
    expect(used).toEqual([slot]);
  });

  it('names what is recovered first, and calls nothing live that is not', async () => {
    await leftInGreen('deploying', 'verifying', 'promoting', 'baking');
    const ci = { ...laptop().ci, commits: { named: async () => V3, madeAt: async () => undefined } };
    await plan.run([laptop({ requestedRelease: 'v3', ci })], { flags: {}, json: false });
    expect(printed).toContain('users have v2, which is not verified');
    expect(printed).toContain('1. Recover v2: it is rolled back to v1');
    expect(printed).toMatch(/Stable +v1 at aaaaaaa/);
    expect(printed).not.toContain('live now');
  });

  it('says that nothing is left to do where the recovery restores the release', async () => {
    await leftInGreen('deploying', 'verifying', 'promoting', 'baking');
    expect((await makePlan(laptop(), staging.history, V1)).unfinished?.first).toBe('Recover v2: it is rolled back to v1. Then v1 is live, and nothing is left to do');
  });

  it('waits for a run that is at work', async () => {
    await leftInGreen('deploying', 'verifying');
    staging.isAlive = async () => true;
    const { unfinished } = await makePlan(laptop({}, true), staging.history, V3);
    expect(unfinished).toEqual({ sentence: 'v2 (run 2) is being verified: users have v1', first: 'Wait until that run is done' });
  });
});

describe('a command that is interrupted', () => {
  async function interruptedIn(seconds: number, inCi: boolean): Promise<void> {
    staging = new InMemoryEnvironment({ strategy: { ...STAGING.strategy, bakeMs: 20 * SECOND } });
    await staging.record({ release: V1 }, ...TO_STABLE);
    const stop = new AbortController();
    void staging.clock.sleep(seconds * SECOND).then(() => stop.abort());
    await staging.clock.run(runDeployment(laptop({ interrupted: stop.signal }, inCi), async (history) => ({ kind: 'deploy', release: V2, stable: await history.stable() })));
  }

  it('says what users have, and what is recovered first', async () => {
    await interruptedIn(5, false);
    expect(logged.at(-1)).toBe('Interrupted: Users have v2, which is not verified. The next command recovers it first: it is rolled back to v1. To do only that: npx projen delivery rollback staging --recover');
  });

  it('in CI leaves it to the next step', async () => {
    await interruptedIn(5, true);
    expect(logged.at(-1)).toBe('Interrupted: Users have v2, which is not verified. The next step recovers it: it is rolled back to v1.');
  });

  it('says so in a recovery, too', async () => {
    await staging.left({}, 'deploying', 'verifying');
    const stop = new AbortController();
    staging.outcomes.v1 = 'unreachable';
    void staging.clock.sleep(2 * SECOND).then(() => stop.abort());
    const recovers = rollback.run([laptop({ interrupted: stop.signal })], { flags: { recover: true }, json: false });
    await expect(staging.clock.run(recovers)).rejects.toThrow(/signal to stop\. Users have v1 or v2, which is not verified\. The next command recovers it first: it is rolled back to v1/);
  });
});

describe('rollback --recover', () => {
  const recovers = (inCi: boolean) => staging.clock.run(rollback.run([laptop({}, inCi)], { flags: { recover: true }, json: false }));

  it.each<[string, State[], Outcome, number, number]>([
    ['rolled it back', ['deploying', 'verifying', 'baking'], 'healthy', 0, 1],
    ['confirmed it', ['deploying', 'verifying', 'baking', 'confirming'], 'healthy', 0, 0],
    ['closed it', [], 'healthy', 0, 1],
    ['halted it', ['deploying', 'verifying'], 'unhealthy', 3, 3],
  ])('that %s: on a laptop exit code %#', async (_, states, outcome, onLaptop, inCi) => {
    for (const [isCi, code] of [[false, onLaptop], [true, inCi]] as const) {
      staging = new InMemoryEnvironment();
      await staging.left({ run: { id: 7, attempt: 1 } }, ...states);
      Object.assign(staging.outcomes, { v1: outcome });
      expect([isCi, await recovers(isCi)]).toEqual([isCi, code]);
    }
  });

  it('failed, if its end could not be recorded', async () => {
    await staging.left({}, 'deploying', 'verifying');
    staging.eventLog.beforeAppend = async ({ text }) => {
      if (text.startsWith('rolledBack')) throw new EventLogError('the disk is full');
    };
    expect(await recovers(false)).toBe(1);
  });

  it('says in its notice what users have, without a number of a command that nobody has seen', async () => {
    await staging.left({}, 'deploying', 'verifying', 'baking');
    await recovers(false);
    expect(logged[0]).toMatch(/^An earlier deployment was left unfinished: v2 \(of ada, begun 2026-[^)]+\) was left while it was in its bake: users have v2, which is not verified\. It is recovered first: it is rolled back to v1\.$/);
    expect(logged.join('\n')).not.toMatch(/command \d/);
  });
});

it('the monitor of a laptop says what users have, and what is recovered first', async () => {
  await staging.left({}, 'deploying', 'verifying', 'baking');
  await monitor.run([laptop()], { flags: {}, json: false });
  expect(logged.at(-1)).toMatch(/was left while it was in its bake: users have v2, which is not verified\. The next command recovers it first: it is rolled back to v1\. To do only that: npx projen delivery rollback staging --recover$/);
});

it('while Stable must stay healthy for a time, the time that is left counts down', async () => {
  staging = new InMemoryEnvironment({ healthChecks: STAGING.healthChecks.map((one) => ({ ...one, propagationMs: 30 * SECOND })) });
  await staging.record({ release: V1 }, ...TO_STABLE);
  staging.outcomes.v2 = 'stale';
  await staging.clock.run(runDeployment(laptop(), async (history) => ({ kind: 'deploy', release: V2, stable: await history.stable() })));
  const rows = logged.filter((line) => /in a row · /.test(line)).map((line) => line.split(' · ').at(-1));
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((left) => left === '0 s left').length).toBeLessThan(2);
  expect(rows).toContain('15 s left');
});
