/** What a run does about a deployment that an earlier process left: whom it waits for, what it may take, and when it gives up. */
import { InMemoryEnvironment, SECOND, STAGING, V1, V2, V3 } from './in-memory-environment';
import { longestVerdictMs } from '../../../src/contract/manifest';
import { longestRestoreMs } from '../../../src/contract/time-budget';
import { RuntimeContext } from '../../../src/runtime/context';
import { Deployment } from '../../../src/runtime/deployment/deployment';
import { isAtWork, RecoveryOptions, recoverUnfinished, standing } from '../../../src/runtime/deployment/recovery';
import { State } from '../../../src/runtime/deployment/state-machine';
import { ArtifactError, EnvironmentLockedError, InterruptedError } from '../../../src/runtime/errors';
import { EventLogError } from '../../../src/runtime/event-log/event-log';
import { Standing } from '../../../src/runtime/ledger/entries';
import { LedgerRecord } from '../../../src/runtime/ledger/record';
import { BLUE_GREEN_TIME_BUDGET } from '../../../src/strategies/blue-green';
import { pointerTo, release, TO_ROLLED_BACK, TO_STABLE } from '../ledger/records';

let staging: InMemoryEnvironment;
let began: number;
beforeEach(() => {
  staging = new InMemoryEnvironment();
  began = staging.clock.now();
});

/** Run 5 recovers what is unfinished. */
function recovered(options: RecoveryOptions = {}, changes: Partial<RuntimeContext> = {}): Promise<Deployment | undefined> {
  return staging.clock.run(recoverUnfinished(staging.context({ id: 5 }, changes), options));
}

/** How long it took. */
const tookMs = () => staging.clock.now() - began;
const commands = () => staging.done.filter((one) => !one.startsWith('probe'));

/** A process writes this entry; another one than that of the record takes the lease with it. */
async function writes(record: LedgerRecord, state: State, processId = record.processId): Promise<void> {
  const taken = processId === record.processId ? {} : { takenFrom: record.processId };
  await staging.ledger.advance(record, { state, note: state, processId, ...taken });
}

/** What its run does after this time. */
function later(ms: number, work: () => Promise<unknown>): void {
  void staging.clock.sleep(ms).then(work);
}

describe('a deployment whose process is gone', () => {
  it.each<[State[], string[], State]>([
    [['deploying', 'verifying'], ['deploy v1'], 'rolledBack'],
    [['deploying', 'verifying', 'rollingBack'], ['deploy v1'], 'rolledBack'],
    // only its confirmation is missing
    [['deploying', 'verifying', 'baking', 'confirming'], [], 'stable'],
    // nothing was changed
    [[], [], 'failed'],
  ])('after %j: it runs %j, and is %s', async (passed, ran, end) => {
    const record = await staging.left({}, ...passed);
    expect((await recovered())?.state).toBe(end);
    expect(commands()).toEqual(ran);
    expect((await staging.statesOf(record)).at(-1)).toBe(end);
    expect(await recovered()).toBeUndefined();
    expect(commands()).toEqual(ran);
  });

  it('is no concern of a run that finds all finished', async () => {
    await staging.left({}, ...TO_ROLLED_BACK);
    expect(await recovered()).toBeUndefined();
    expect([commands(), tookMs()]).toEqual([[], 0]);
  });

  // from the bake on users were verified to see it
  it.each<[State[], number]>([[['deploying'], 5], [['deploying', 'verifying', 'baking'], 0]])(
    'may still show its release after %j: Stable must stay healthy for %d s', async (passed, seconds) => {
      staging = new InMemoryEnvironment({ healthChecks: STAGING.healthChecks.map((one) => ({ ...one, propagationMs: 5 * SECOND })) });
      await staging.left({}, ...passed);
      expect((await recovered())?.state).toBe('rolledBack');
      expect(tookMs()).toBe(seconds * SECOND);
    },
  );

  it('is halted if Stable is not healthy again', async () => {
    staging.outcomes.v1 = 'unhealthy';
    await staging.left({}, 'deploying', 'verifying');
    expect((await recovered())?.state).toBe('halted');
  });
});

describe('a deployment whose run is at work', () => {
  it('is waited for, and left to that run', async () => {
    const record = await staging.left({}, 'deploying');
    staging.alive.add(2);
    later(25 * SECOND, async () => {
      for (const state of TO_STABLE.slice(1)) await writes(record, state);
    });
    expect(await recovered()).toBeUndefined();
    expect([commands(), tookMs()]).toEqual([[], 30 * SECOND]);
  });

  it('is recovered as soon as that run is over', async () => {
    await staging.left({}, 'deploying', 'verifying');
    staging.alive.add(2);
    later(25 * SECOND, async () => staging.alive.delete(2));
    expect((await recovered())?.state).toBe('rolledBack');
    expect(commands()).toEqual(['deploy v1']);
    expect(tookMs()).toBeGreaterThanOrEqual(30 * SECOND);
  });

  it('is never taken from it, however long it takes: the environment is locked, and nothing was changed', async () => {
    const record = await staging.left({}, 'deploying', 'verifying');
    staging.alive.add(2);
    await expect(recovered()).rejects.toThrow(EnvironmentLockedError);
    expect([commands(), tookMs()]).toEqual([[], longestRestoreMs(staging.manifest.environments[0])]);
    expect(await staging.statesOf(record)).toEqual(['pending', 'deploying', 'verifying']);
  });

  it('is recovered at once if its job released it', async () => {
    const record = await staging.left({}, 'deploying', 'verifying', 'baking');
    await staging.ledger.advance(record, { state: 'confirming', note: '', processId: record.processId, releasesLease: true });
    staging.alive.add(2);
    expect((await recovered())?.state).toBe('stable');
  });

  it.each([[1, true], [2, true], [3, false]])('may be taken by attempt 2 of the same run from attempt %d: %s', async (attempt, mayTake) => {
    await staging.left({ run: { id: 2, attempt } }, 'deploying', 'verifying');
    staging.alive.add(2);
    const work = staging.clock.run(recoverUnfinished(staging.context({ id: 2, attempt: 2 })));
    if (mayTake) expect((await work)?.state).toBe('rolledBack');
    else await expect(work).rejects.toThrow(EnvironmentLockedError);
  });

  it('is not waited for after a signal to stop', async () => {
    await staging.left({}, 'deploying');
    let looks = 0;
    staging.isAlive = async () => {
      // no time passes any more
      if (++looks > 9) throw new Error('it waits on and on');
      return true;
    };
    const stop = new AbortController();
    later(15 * SECOND, async () => stop.abort());
    await expect(recovered({}, { interrupted: stop.signal })).rejects.toThrow(InterruptedError);
    expect(tookMs()).toBe(15 * SECOND);
  });
});

describe('another process that recovers it, too', () => {
  it('is waited for if it took the lease a moment ago', async () => {
    const record = await staging.left({}, 'deploying', 'verifying');
    staging.isAlive = async ({ id }) => {
      if (id !== 2) return true;
      staging.isAlive = async (run) => run.id === 4;
      await writes(record, 'rollingBack', '4.1.other');
      later(20 * SECOND, () => staging.ledger.advance(record, { state: 'rolledBack', note: '', processId: '4.1.other' }));
      return false;
    };
    expect(await recovered()).toBeUndefined();
    expect([commands(), await staging.statesOf(record)]).toEqual([[], ['pending', 'deploying', 'verifying', 'rollingBack', 'rolledBack']]);
  });

  it('has it if both write at the same moment, and it is first: its result counts', async () => {
    const record = await staging.left({}, 'deploying', 'verifying');
    staging.alive.add(4);
    staging.eventLog.beforeAppend = async () => {
      staging.eventLog.beforeAppend = undefined;
      await writes(record, 'rollingBack', '4.1.other');
      later(20 * SECOND, () => staging.ledger.advance(record, { state: 'rolledBack', note: '', processId: '4.1.other' }));
    };
    expect(await recovered()).toBeUndefined();
    expect([commands(), await staging.statesOf(record)]).toEqual([[], ['pending', 'deploying', 'verifying', 'rollingBack', 'rolledBack']]);
  });
});

describe('a process that was taken for dead', () => {
  it('may have gone on until the lease is taken: what it did counts for the way back', async () => {
    staging = new InMemoryEnvironment({
      strategy: { kind: 'blueGreen', bakeMs: SECOND, commandTimeoutMs: 60 * SECOND, timeBudget: BLUE_GREEN_TIME_BUDGET },
      target: { deploy: { kind: 'exec', argv: ['env', 'deploy'] }, promote: { kind: 'exec', argv: ['env', 'promote'] } },
    });
    const stable = await staging.record({ release: V1, strategy: 'blueGreen', slot: 'blue' }, ...TO_STABLE);
    const change = { release: V2, strategy: 'blueGreen', slot: 'green', run: { id: 2, attempt: 1 }, stable: pointerTo(stable) };
    const record = await staging.record(change, 'deploying', 'verifying');
    staging.eventLog.beforeAppend = async () => {
      staging.eventLog.beforeAppend = undefined;
      await writes(record, 'promoting');
    };
    expect((await recovered())?.state).toBe('rolledBack');
    // users saw v2: they are switched back
    expect(commands()).toEqual(['promote v1']);
  });
});

describe('an adoption', () => {
  /** Run 3 adopts v3. */
  const adopts = () => staging.record({ kind: 'adopt', release: V3, run: { id: 3, attempt: 1 } });

  it('is waited for as long as its verdict may take, and then its claim is taken', async () => {
    const record = await adopts();
    staging.alive.add(3);
    expect((await recovered())?.state).toBe('failed');
    expect([tookMs(), await staging.statesOf(record)]).toEqual([longestVerdictMs(staging.manifest.environments[0].healthChecks), ['pending', 'failed']]);
  });

  it('is left to its run if that is done before', async () => {
    const record = await adopts();
    staging.alive.add(3);
    later(2 * SECOND, () => writes(record, 'stable'));
    expect(await recovered()).toBeUndefined();
    expect(tookMs()).toBe(3 * SECOND);
  });

  it('comes after a deployment that was left unfinished', async () => {
    await staging.left({}, 'deploying', 'verifying');
    await adopts();
    staging.alive.add(3);
    let first: string[] | undefined;
    later(5 * SECOND, async () => {
      first = await staging.attempts();
    });
    await recovered();
    expect(first).toEqual(['v1 stable', 'v2 rolledBack', 'v3 pending']);
    expect(await staging.attempts()).toEqual(['v1 stable', 'v2 rolledBack', 'v3 failed']);
  });
});

describe('only one deployment is asked for', () => {
  it('and no other one is waited for, or recovered', async () => {
    const record = await staging.left({}, 'deploying', 'verifying');
    const again = await staging.record({ release: V2, run: { id: 2, attempt: 2 }, stable: record.stable }, 'deploying');
    expect(await recovered({ only: record })).toBeUndefined();
    expect([commands(), await staging.statesOf(again)]).toEqual([[], ['pending', 'deploying']]);
  });

  it('and the claims of other runs are ignored', async () => {
    const record = await staging.left({}, 'deploying', 'verifying');
    const adoption = await staging.record({ kind: 'adopt', release: V3, run: { id: 3, attempt: 1 } });
    staging.alive.add(3);
    expect((await recovered({ only: record }))?.state).toBe('rolledBack');
    expect(await staging.statesOf(adoption)).toEqual(['pending']);
  });
});

describe('what the recovery needs', () => {
  const [old, bad] = [release('v1', 'a', '1'), release('v2', 'b', '2')];

  /** Another place keeps the files of releases. */
  function keeping(provide: () => Promise<boolean>): Partial<RuntimeContext> {
    const place = async ({ digest }: { readonly digest: string }) => void staging.done.push(`place ${digest[0]}`);
    return { artifacts: { provide, place } as unknown as RuntimeContext['artifacts'] };
  }

  let record: LedgerRecord;
  beforeEach(async () => {
    staging.manifest = { ...staging.manifest, artifact: { paths: ['dist'] } };
    const stable = await staging.record({ release: old }, ...TO_STABLE);
    record = await staging.record({ release: bad, run: { id: 2, attempt: 1 }, stable: pointerTo(stable) }, 'deploying', 'verifying');
  });

  it('is fetched before the lease is taken: if it cannot be had now, a later process can try again', async () => {
    await expect(recovered({}, keeping(() => Promise.reject(new ArtifactError('GitHub responds 403'))))).rejects.toThrow(ArtifactError);
    expect([commands(), await staging.statesOf(record)]).toEqual([[], ['pending', 'deploying', 'verifying']]);
    expect((await recovered({}, keeping(async () => true)))?.state).toBe('rolledBack');
    expect(commands()).toEqual(['place 1', 'deploy v1']);
  });

  it.each([['is gone for good', new ArtifactError('deleted', { isGone: true }), false], ['is dispensable', new ArtifactError('GitHub responds 403'), true]])(
    'holds nothing up if it %s', async (_, error, isDispensable) => {
      expect((await recovered({ isDispensable }, keeping(() => Promise.reject(error))))?.state).toBe('rolledBack');
      expect(staging.warnings).toEqual(['The files of v1 are not here']);
    },
  );
});

it('a recovery that could not be recorded is an error: nothing is deployed on top of it', async () => {
  const record = await staging.left({}, 'deploying', 'verifying');
  staging.eventLog.beforeAppend = async ({ text }) => {
    if (text.startsWith('rolledBack')) throw new EventLogError('GitHub is out of order');
  };
  await expect(recovered()).rejects.toThrow('it was recovered, but that could not be recorded: GitHub is out of order');
  expect((await staging.statesOf(record)).at(-1)).toBe('rollingBack');
});

describe('the state that a record reached', () => {
  const record = { run: { id: 5, attempt: 1 } } as LedgerRecord;
  const left: Standing = { record, state: 'baking', entries: [] };

  it.each([
    [{ id: 5, deployed: true }, 'confirming'], [{ id: 5, deployed: false }, 'baking'],
    // what another run, or another attempt, deployed says nothing of it
    [{ id: 6, deployed: true }, 'baking'], [{ id: 5, attempt: 2, deployed: true }, 'baking'],
  ])('is for the run %j: %s', (run, state) => {
    expect(standing(staging.context(run), left)).toBe(state);
  });
});

describe('whether a process works on a deployment', () => {
  it.each([[true], [false]])('is in CI whether the run that holds the lease is alive: %s', async (alive) => {
    const record = await staging.left({}, 'deploying');
    await writes(record, 'rollingBack', '4.1.other');
    if (alive) staging.alive.add(4);
    expect(await isAtWork(staging.context({ id: 5 }), { record, state: 'rollingBack', entries: await staging.ledger.history(record) })).toBe(alive);
  });

  it('is on a laptop whether it holds the environment', async () => {
    const record = await staging.left({}, 'deploying');
    let released = 0;
    const open: Standing = { record, state: 'deploying', entries: [] };
    const isHeld = (held: () => Promise<() => void>) => (
      isAtWork(staging.context({ id: 5, inCi: false }, { ledger: { hold: held } as unknown as RuntimeContext['ledger'] }), open)
    );
    expect(await isHeld(() => Promise.reject(new EventLogError('another process works on staging')))).toBe(true);
    expect([await isHeld(async () => () => void (released += 1)), released]).toEqual([false, 1]);
    await expect(isHeld(() => Promise.reject(new TypeError('a fault')))).rejects.toThrow(TypeError);
  });
});
