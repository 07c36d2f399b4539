/** What the watch takes back by itself: which release, for how long, and how often it tries. */
import { INPUT } from '../../../src/contract/workflows';
import { DispatchedRun, DispatchRequest } from '../../../src/runtime/ci/ci-runtime';
import { State } from '../../../src/runtime/deployment/state-machine';
import { NewRecord } from '../../../src/runtime/ledger/record';
import { checkKey, DEPLOYMENT_KEY } from '../../../src/runtime/monitoring/alert-entry';
import { AlertLog } from '../../../src/runtime/monitoring/alert-log';
import { AutomaticRollback, AutomaticRollbackOptions, Cause, RollbackProgress } from '../../../src/runtime/monitoring/automatic-rollback';
import { EnvironmentAlerts } from '../../../src/runtime/monitoring/environment-alerts';
import { environmentStatus } from '../../../src/runtime/monitoring/environment-status';
import { hold, InMemoryEnvironment, SECOND, V1, V2 } from '../deployment/in-memory-environment';
import { pointerTo, TO_ROLLED_BACK, TO_STABLE } from '../ledger/records';

const HOUR = 3600 * SECOND;
const HEALTH = checkKey('health');
const WATCH = { id: 9 };

let staging: InMemoryEnvironment;
let runs: (DispatchedRun & DispatchRequest)[];
beforeEach(() => {
  staging = new InMemoryEnvironment();
  runs = [];
});

/** Every run of rollback.yml is at work until a test says how it ended. */
const dispatch = {
  start: async (request: DispatchRequest) => {
    const id = 100 + runs.length;
    runs.push({ ...request, id, url: dispatch.runUrl(id), title: `rollback (${request.request})`, status: 'in_progress' });
    return runs.at(-1)!;
  },
  started: async () => runs,
  runUrl: (id: number) => `https://ci/${id}`,
};

/** An alert of this check fires, as one run of the watch sees it. */
async function firing(key = HEALTH): Promise<Cause> {
  const { clock, eventLog } = staging;
  const alertLog = new AlertLog({ eventLog, sha: V2.sha, processId: '9.1.ours' });
  const alerts = await EnvironmentAlerts.open({
    alertLog,
    clock,
    environment: 'staging',
    episodes: await alertLog.episodes(['staging']),
    processId: '9.1.ours',
    remembersRollbackMs: HOUR,
    channelsOf: () => [],
    isAlive: async () => false,
  });
  if (alerts.of(key).phase !== 'firing') await alerts.change(key, alerts.of(key), { word: 'firing', count: 3 }, 'health: 500');
  return { key, alerts, why: 'health: 500', status: await environmentStatus(staging.context(WATCH)) };
}

/** When the alert begins to fire, or while it does. */
function watched(
  cause: Cause, how: 'consider' | 'again' = 'consider', limits: Pick<AutomaticRollbackOptions, 'withinMs'> = { withinMs: HOUR },
): Promise<RollbackProgress | undefined> {
  return new AutomaticRollback({ context: staging.context(WATCH), ...limits, dispatch })[how](cause);
}

/** v2 came after v1, and is Stable unless these states say something else. */
function v2(change: Partial<NewRecord> = {}, states: State[] = TO_STABLE): ReturnType<InMemoryEnvironment['left']> {
  return staging.left(change, ...states);
}

/** Part of what a person is told. */
const says = (text: string) => expect.stringContaining(text) as string;
const pass = (ms: number) => staging.clock.run(staging.clock.sleep(ms));

describe('a release whose alert fires', () => {
  it('is rolled back to the one before it: this deployment only', async () => {
    const { id } = await v2();
    expect(await watched(await firing())).toMatchObject({ url: 'https://ci/100', fix: 'A rollback was started: https://ci/100' });
    expect(runs).toMatchObject([{
      workflow: 'rollback.yml',
      inputs: {
        [INPUT.ENVIRONMENT]: 'staging', [INPUT.ACTION]: 'rollback', [INPUT.RELEASE]: V1.sha, [INPUT.FROM_DEPLOYMENT]: id, [INPUT.REASON]: 'the watch: health: 500',
      },
    }]);
  });

  it.each<[string, number | undefined, number]>([
    ['is rolled back until the time limit', HOUR, 1], ['stays after the time limit', HOUR - 1, 0], ['stays where no time limit is set', undefined, 0],
  ])('%s', async (_, withinMs, started) => {
    await v2();
    const cause = await firing();
    await pass(Date.parse(cause.status.stable!.since) + HOUR - staging.clock.now());
    await watched(cause, 'consider', { withinMs });
    expect(runs).toHaveLength(started);
  });

  it.each<NewRecord['kind']>(['rollback', 'adopt'])('stays if a person chose it (%s)', async (kind) => {
    await v2({ kind });
    expect(await watched(await firing())).toBeUndefined();
    expect(runs).toEqual([]);
  });

  it('stays if there is none before it', async () => {
    await v2({ stable: undefined });
    expect(await watched(await firing())).toBeUndefined();
  });

  it('stays if an attempt came after it: the cause is likely elsewhere', async () => {
    await v2({}, TO_ROLLED_BACK);
    expect(await watched(await firing())).toBeUndefined();
  });

  it('stays where a deployment waits for its approval: nothing is wrong with what is live', async () => {
    await v2();
    expect(await watched(await firing(DEPLOYMENT_KEY))).toBeUndefined();
  });

  it('stays if its target cannot take a release back', async () => {
    staging = new InMemoryEnvironment({ target: { deploy: { kind: 'exec', argv: ['env', 'deploy'] }, noRollback: 'aRegistry' } });
    await v2();
    expect(await watched(await firing())).toBeUndefined();
    expect(runs).toEqual([]);
  });

  it('stays if its migration cannot be undone', async () => {
    const record = await v2({}, TO_STABLE.slice(0, 3));
    await staging.ledger.advance(record, { state: 'confirming', note: '', processId: record.processId, irreversible: true });
    await staging.ledger.advance(record, { state: 'stable', note: '', processId: record.processId });
    expect(await watched(await firing())).toBeUndefined();
  });

  it('is left to a person who requested another one since, or whose decision it is because the one before was rolled back, too', async () => {
    const first = await staging.record({ release: V1 }, ...TO_ROLLED_BACK);
    await staging.record({ release: V2, run: { id: 2, attempt: 1 }, stable: pointerTo(first) }, ...TO_STABLE);
    expect(await watched(await firing())).toMatchObject({ fix: says('v1 was rolled back here, too, and is blocked') });
    await hold(staging, 3);
    expect(await watched(await firing())).toMatchObject({ fix: says('grace requested v1 after v2 was deployed. See that run: https://ci/3') });
    expect(runs).toEqual([]);
  });
});

describe('a deployment that a dead run left unfinished', () => {
  it('is rolled back, however long ago it was; if it is halted, people decide', async () => {
    const record = await v2({}, ['deploying', 'verifying']);
    await pass(9 * HOUR);
    expect(await watched(await firing(DEPLOYMENT_KEY))).toMatchObject({ url: 'https://ci/100' });
    await staging.ledger.advance(record, { state: 'halted', note: '', processId: record.processId });
    expect(await watched(await firing())).toBeUndefined();
  });

  it('goes on to the release of a rollback that was under way, not to the one that it leaves', async () => {
    await v2({ kind: 'rollback', release: V1, leaving: V2 }, ['deploying']);
    await watched(await firing(DEPLOYMENT_KEY));
    expect(runs).toMatchObject([{ inputs: { [INPUT.RELEASE]: V1.sha } }]);
  });
});

describe('a rollback that was started', () => {
  it('is not started again while its run is at work, or waits for an approval', async () => {
    await v2();
    await watched(await firing());
    expect(await watched(await firing(), 'again')).toMatchObject({ fix: 'A rollback to v1 was started, and is under way: https://ci/100' });
    runs = [{ ...runs[0]!, status: 'waiting' }];
    expect(await watched(await firing(), 'again')).toMatchObject({ fix: 'A rollback to v1 was started, and waits for an approval: https://ci/100' });
    expect(runs).toHaveLength(1);
  });

  it('is tried three times, each under a name of its own, and then a person is asked', async () => {
    await v2();
    await watched(await firing());
    for (let attempt = 1; attempt <= 4; attempt++) {
      runs = runs.map((run) => ({ ...run, status: 'completed', conclusion: 'failure' }));
      const now = await watched(await firing(), 'again');
      if (attempt < 3) expect(now).toMatchObject({ fix: says(`(attempt ${attempt + 1} of 3; the one before failed, or was not approved`) });
      else expect(now).toMatchObject({ fault: says('v2 (run 2) was not rolled back to v1: the watch tried 3 times'), fix: says('By hand: ') });
    }
    expect(new Set(runs.map(({ request }) => request)).size).toBe(3);
    expect(runs).toHaveLength(3);
  });
});
