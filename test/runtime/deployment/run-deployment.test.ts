/** From the claim to the report: a deployment beside others, and a ledger that does not accept what happened. */
import { hold, InMemoryEnvironment, SECOND, STAGING, V1, V2, V3 } from './in-memory-environment';
import { ExitCode } from '../../../src/contract/command-line';
import { Run } from '../../../src/runtime/ci/run';
import { RuntimeContext } from '../../../src/runtime/context';
import { Deployment } from '../../../src/runtime/deployment/deployment';
import { contenderOf, DeploymentOptions, DeploymentRequest, runDeployment } from '../../../src/runtime/deployment/run-deployment';
import { EnvironmentLockedError } from '../../../src/runtime/errors';
import { EventLogError } from '../../../src/runtime/event-log/event-log';
import { LedgerRecord } from '../../../src/runtime/ledger/record';
import { BLUE_GREEN_TIME_BUDGET } from '../../../src/strategies/blue-green';
import { canaryTimeBudget } from '../../../src/strategies/canary';
import { pointerTo, TO_STABLE } from '../ledger/records';

const LAPTOP: Pick<Run, 'id'> & Partial<Run> = { id: 5, inCi: false };
const IN_CI: Pick<Run, 'id'> & Partial<Run> = { id: 5 };

let staging: InMemoryEnvironment;
beforeEach(() => {
  staging = new InMemoryEnvironment();
});

/** Deploys v2 over what is Stable, if nothing else is wanted. */
function deployed(run: Pick<Run, 'id'> & Partial<Run>, wanted: Partial<DeploymentRequest> = {}, options: DeploymentOptions = {}): Promise<ExitCode> {
  return staging.clock.run(runDeployment(staging.context(run), async (history) => (
    { kind: 'deploy', release: V2, stable: await history.stable(), ...wanted }
  ), options));
}

const newest = async (): Promise<LedgerRecord> => (await staging.ledger.records('staging'))[0]!;
const stable = () => staging.record({ release: V1 }, ...TO_STABLE);
/** The ledger does not accept entries that begin so. */
function rejects(...states: string[]): void {
  staging.eventLog.beforeAppend = async ({ text }) => {
    if (states.some((state) => text.startsWith(state))) throw new EventLogError('the disk is full');
  };
}

describe('a deployment', () => {
  it('is Stable after its bake, and was probed before it began', async () => {
    await stable();
    expect(await deployed(LAPTOP)).toBe(0);
    expect(staging.done.slice(0, 3)).toEqual(['probe v1', 'deploy v2', 'probe v2']);
    expect([await staging.attempts(), staging.outputs.state]).toEqual([['v1 stable', 'v2 stable'], 'stable']);
  });

  it('that users never saw may still show up after its rollback: Stable must stay healthy for as long as that may take', async () => {
    staging = new InMemoryEnvironment({ healthChecks: STAGING.healthChecks.map((one) => ({ ...one, propagationMs: 60 * SECOND })) });
    await stable();
    staging.outcomes.v2 = 'stale';
    expect(await deployed(LAPTOP)).toBe(1);
    expect(await staging.attempts()).toEqual(['v1 stable', 'v2 rolledBack']);
    const after = staging.done.slice(staging.done.lastIndexOf('deploy v1') + 1);
    expect(after).toEqual(Array.from({ length: 61 }, () => 'probe v1'));
  });

  it.each<[string, number, string | undefined, boolean]>([
    ['says that it failed for something else (EX_TEMPFAIL)', 75, 'unavailable', false],
    ['fails', 1, undefined, true],
  ])('whose command %s is rolled back, and blocked only if it may be to blame', async (_, exitCode, fault, isBlocked) => {
    await stable();
    const { execute } = staging.context(LAPTOP);
    const failing: RuntimeContext['execute'] = async (command, options) => (
      options.env.DELIVERY_VERSION === 'v2' ? { outcome: 'failed', durationMs: 0, exitCode } : execute(command, options)
    );
    const work = runDeployment(staging.context(LAPTOP, { execute: failing }), async (history) => ({ kind: 'deploy', release: V2, stable: await history.stable() }));
    expect(await staging.clock.run(work)).toBe(1);
    expect(await staging.attempts()).toEqual(['v1 stable', 'v2 rolledBack']);
    const entries = await staging.ledger.history(await newest());
    expect(entries.map((entry) => [entry.state, entry.fault]).slice(-3)).toEqual([['deploying', undefined], ['rollingBack', fault], ['rolledBack', fault]]);
    expect(await staging.history.isBlocked(V2)).toBe(isBlocked);
  });

  it('does not begin if the command decides that there is nothing to do', async () => {
    expect(await staging.clock.run(runDeployment(staging.context(LAPTOP), async () => 2))).toBe(2);
    expect([staging.done, await staging.attempts()]).toEqual([[], []]);
  });

  it.each<[string, Partial<Run>, Partial<DeploymentRequest>, DeploymentOptions, string]>([
    ['in CI is left to the job that confirms it', {}, {}, {}, 'confirming'],
    ['in CI confirms itself if its command does so', {}, {}, { confirmsItself: true }, 'stable'],
    ['by hand, to an earlier release, confirms itself', {}, { kind: 'rollback', release: V1 }, {}, 'stable'],
    ['on a laptop confirms itself', { inCi: false }, {}, {}, 'stable'],
  ])('%s', async (_, run, wanted, options, state) => {
    await stable();
    expect(await deployed({ ...IN_CI, ...run }, wanted, options)).toBe(0);
    const entries = await staging.ledger.history(await newest());
    expect([entries.at(-1)!.state, staging.outputs.state]).toEqual([state, state]);
    // its job may be over before its run
    expect(entries.some(({ releasesLease }) => releasesLease)).toBe(state === 'confirming');
  });

  it('comes after the recovery of what was left', async () => {
    await staging.left({ release: V3 }, 'deploying', 'verifying');
    expect(await deployed(LAPTOP)).toBe(0);
    expect(staging.done.filter((one) => one.startsWith('deploy'))).toEqual(['deploy v1', 'deploy v2']);
    expect(await staging.attempts()).toEqual(['v1 stable', 'v3 rolledBack', 'v2 stable']);
  });

  it('keeps what a driver noted of the way back, if it goes back by hand', async () => {
    const first = await stable();
    await staging.record({ release: V3, run: { id: 2, attempt: 1 }, stable: pointerTo(first), fastPath: { version: '17' } }, ...TO_STABLE);
    await deployed(LAPTOP, { kind: 'rollback', release: V1 });
    expect((await newest()).fastPath).toEqual({ version: '17' });
  });

  it('is interrupted, and the next step recovers it', async () => {
    await stable();
    const stop = new AbortController();
    void staging.clock.sleep(SECOND).then(() => stop.abort());
    const work = runDeployment(staging.context(IN_CI, { interrupted: stop.signal }), async () => ({ kind: 'deploy', release: V2 }));
    expect(await staging.clock.run(work)).toBe(1);
    expect([(await staging.statesOf(await newest())).at(-1), staging.outputs.state]).toEqual(['baking', undefined]);
  });
});

describe('a claim beside another one', () => {
  /** Another run writes its claim just before ours, each of so many times. */
  function claimsBefore(times: number): void {
    let left = times;
    staging.eventLog.beforeCreate = async ({ record }) => {
      if (record.by !== 'ada' || record.processId !== '5.1.ours' || left-- === 0) return;
      const other = await staging.record({ release: V3, run: { id: 3, attempt: 1 } });
      staging.alive.add(3);
      void staging.clock.sleep(20 * SECOND).then(() => staging.ledger.advance(other, { state: 'failed', note: '', processId: other.processId }));
    };
  }

  it('gives way if it came second, and is made again when the other one is done', async () => {
    await stable();
    claimsBefore(2);
    expect(await deployed(LAPTOP)).toBe(0);
    expect(await staging.attempts()).toEqual(['v1 stable', 'v3 failed', 'v2 superseded', 'v3 failed', 'v2 superseded', 'v2 stable']);
    expect(staging.done.filter((one) => one.startsWith('deploy'))).toEqual(['deploy v2']);
  });

  it('is given up after three times: nothing was changed', async () => {
    await stable();
    claimsBefore(9);
    await expect(deployed(LAPTOP)).rejects.toThrow(EnvironmentLockedError);
    expect(staging.done.filter((one) => one.startsWith('deploy'))).toEqual([]);
    expect((await staging.attempts()).filter((one) => one === 'v2 superseded')).toHaveLength(3);
  });

  it.each<[DeploymentRequest['kind'], boolean]>([['deploy', true], ['drill', true], ['rollback', false], ['adopt', false]])(
    'gives way to a hold of a later run (%s): %s', async (kind, givesWay) => {
      await stable();
      const { history } = staging;
      const known = await history.newest();
      const deployment = await Deployment.begin(staging.context(IN_CI), history, { kind, release: V2 });
      expect(await contenderOf(deployment, known)).toBeUndefined();
      await hold(staging, 9);
      expect(await contenderOf(deployment, known)).toBe(givesWay ? 'grace requested v1 (run 9)' : undefined);
    },
  );

  it('gives way if what it was decided by has changed, or is in progress', async () => {
    const first = await stable();
    const { history } = staging;
    const known = await history.newest();
    const other = await staging.record({ release: V3, run: { id: 3, attempt: 1 }, stable: pointerTo(first) }, 'deploying');
    const deployment = await Deployment.begin(staging.context(IN_CI), history, { kind: 'deploy', release: V2 });
    expect(await contenderOf(deployment, known)).toBe('v3 (run 3) is deploying there');
    expect(await contenderOf(deployment, await history.standing(other))).toBe('v3 (run 3) is deploying there');
    expect(await contenderOf(deployment, undefined)).toBe('v3 (run 3) is deploying there');
  });
});

describe('a ledger that does not accept an entry', () => {
  it('prevents the first change', async () => {
    await stable();
    rejects('deploying');
    await expect(deployed(LAPTOP)).rejects.toThrow('nothing was changed: the ledger (memory) did not accept the record');
    expect(staging.done.filter((one) => one.startsWith('deploy'))).toEqual([]);
  });

  it('prevents a promotion: the release is taken back', async () => {
    staging = new InMemoryEnvironment({
      strategy: { kind: 'blueGreen', bakeMs: SECOND, commandTimeoutMs: 60 * SECOND, timeBudget: BLUE_GREEN_TIME_BUDGET },
      target: { deploy: { kind: 'exec', argv: ['env', 'deploy'] }, promote: { kind: 'exec', argv: ['env', 'promote'] } },
    });
    await staging.record({ release: V1, strategy: 'blueGreen', slot: 'blue' }, ...TO_STABLE);
    rejects('promoting');
    expect(await deployed(LAPTOP, { slot: 'green' })).toBe(1);
    expect(staging.done.filter((one) => !one.startsWith('probe'))).toEqual(['deploy v2']);
    expect(await staging.attempts()).toEqual(['v1 stable', 'v2 rolledBack']);
  });

  it('does not stop a rollback by hand', async () => {
    await stable();
    rejects('deploying', 'verifying', 'baking');
    expect(await deployed(LAPTOP, { kind: 'rollback', release: V1 })).toBe(0);
    expect(await staging.attempts()).toEqual(['v1 stable', 'v1 stable']);
  });

  it('means that the release is not Stable, though it is healthy', async () => {
    await stable();
    rejects('stable');
    expect(await deployed(LAPTOP)).toBe(1);
    expect([staging.outputs.state, (await staging.attempts()).at(-1)]).toEqual(['confirming', 'v2 confirming']);
  });
});

it('a process that lost its lease while it took the traffic away restores nothing', async () => {
  const weights = [{ percent: 10, atLeastMs: SECOND }];
  staging = new InMemoryEnvironment({
    strategy: { kind: 'canary', bakeMs: SECOND, commandTimeoutMs: 60 * SECOND, weights, timeBudget: canaryTimeBudget(weights) },
    target: { deploy: { kind: 'exec', argv: ['env', 'deploy'] }, setWeight: { kind: 'exec', argv: ['env', 'weigh'] } },
  });
  const first = await staging.record({ release: V1, strategy: 'canary', slot: 'blue' }, ...TO_STABLE);
  staging.outcomes.v2 = 'unhealthy';
  const context = staging.context(LAPTOP);
  const execute: typeof context.execute = async (command, options) => {
    const record = await newest();
    const isTaken = (await staging.statesOf(record)).at(-1) === 'rollingBack';
    if (isTaken) await staging.ledger.advance(record, { state: 'rollingBack', note: 'it was taken', processId: '6.1.other', takenFrom: '5.1.ours' });
    return context.execute(command, options);
  };
  const work = runDeployment({ ...context, execute }, async () => ({ kind: 'deploy', release: V2, slot: 'green', stable: pointerTo(first) }));
  await expect(staging.clock.run(work)).rejects.toThrow('run 6 has taken this deployment over');
  // no traffic, the release, a share, and none again
  expect(staging.done.filter((one) => !one.startsWith('probe'))).toEqual(['weigh v2', 'deploy v2', 'weigh v2', 'weigh v2']);
});

it('a process that was taken for dead reports nothing', async () => {
  await stable();
  let isTaken = false;
  const { eventLog, ledger } = staging;
  eventLog.beforeAppend = async ({ text }) => {
    if (!text.startsWith('stable') || isTaken) return;
    isTaken = true;
    await ledger.advance(await newest(), { state: 'confirming', note: 'it was taken', processId: '6.1.other', takenFrom: '5.1.ours' });
  };
  await expect(deployed(LAPTOP)).rejects.toThrow('run 6 has taken this deployment over');
  expect(staging.outputs.state).toBeUndefined();
});
