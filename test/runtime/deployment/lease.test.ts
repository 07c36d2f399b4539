/** Who may go on with a deployment: what a process reads in the ledger before each step, and what it does where it cannot read it. */
import { hold, InMemoryEnvironment, SECOND, V2, V3 } from './in-memory-environment';
import { RuntimeContext } from '../../../src/runtime/context';
import { Lease } from '../../../src/runtime/deployment/lease';
import { State } from '../../../src/runtime/deployment/state-machine';
import { LeaseLostError } from '../../../src/runtime/errors';
import { EventLogError } from '../../../src/runtime/event-log/event-log';
import { LedgerRecord, NewRecord } from '../../../src/runtime/ledger/record';
import { HandClock } from '../hand-clock';
import { TO_STABLE } from '../ledger/records';

const OURS = '2.1.ours';
const OTHER = '3.1.other';
const COURSE: State[] = ['migrating', 'deploying', 'verifying', 'promoting', 'baking', 'confirming', 'rollingBack'];

let staging: InMemoryEnvironment;
beforeEach(() => {
  staging = new InMemoryEnvironment();
});

/** The deployment of v2, made by the process that asks. */
function deployment(change: Partial<NewRecord>, ...states: State[]): Promise<LedgerRecord> {
  return staging.record({ release: V2, run: { id: 2, attempt: 1 }, processId: OURS, ...change }, ...states);
}

function leaseOf(record: LedgerRecord, changes: Partial<RuntimeContext> = {}): Lease {
  return new Lease(staging.context({ id: 2, processId: OURS }, changes), record);
}

function takeOver(record: LedgerRecord, by = OTHER, from = record.processId): Promise<void> {
  return staging.ledger.advance(record, { state: 'rollingBack', note: 'it was taken', processId: by, takenFrom: from });
}

/** Lets time pass until it knows. */
const settled = <T>(work: Promise<T>) => staging.clock.run(work);

describe('before a step', () => {
  it.each(COURSE)('a process that holds the lease goes on (%s)', async (state) => {
    const record = await deployment({}, state);
    expect(await settled(leaseOf(record).lookAgain(state))).toBeUndefined();
    expect(staging.warnings).toEqual([]);
  });

  it('it ends when another process has taken the deployment over', async () => {
    const record = await deployment({}, 'deploying');
    await takeOver(record);
    const looked = settled(leaseOf(record).lookAgain('deploying'));
    await expect(looked).rejects.toThrow(new LeaseLostError('staging: run 3 has taken this deployment over; this process changes nothing more.'));
  });

  it('it ends when the deployment is over already', async () => {
    const record = await deployment({}, 'deploying', 'rollingBack', 'rolledBack');
    await expect(settled(leaseOf(record).lookAgain('verifying'))).rejects.toThrow('staging: v2 (run 2) is rolledBack already');
  });
});

describe('the deployment of a newer run', () => {
  it('ends an older one', async () => {
    const record = await deployment({}, 'deploying');
    await staging.record({ release: V3, run: { id: 3, attempt: 1 } }, 'deploying');
    await expect(settled(leaseOf(record).lookAgain('deploying'))).rejects.toThrow(new LeaseLostError(
      'staging: run 3, which is newer, is deploying v3; this process changes nothing more.',
    ));
  });

  it('supersedes a release that lacks only its confirmation', async () => {
    const record = await deployment({}, 'confirming');
    await staging.record({ release: V3, run: { id: 3, attempt: 1 } }, 'deploying');
    expect(await settled(leaseOf(record).lookAgain('confirming'))).toBe('v3 (run 3) came after it');
  });

  it('does not count while it is a claim: it gives way to what is in progress', async () => {
    const record = await deployment({}, 'deploying');
    await staging.record({ release: V3, run: { id: 3, attempt: 1 } });
    expect(await settled(leaseOf(record).lookAgain('deploying'))).toBeUndefined();
  });

  it('does not count if it was recorded before this one', async () => {
    await staging.record({ release: V3, run: { id: 3, attempt: 1 } }, ...TO_STABLE);
    const record = await deployment({}, 'deploying');
    expect(await settled(leaseOf(record).lookAgain('deploying'))).toBeUndefined();
  });
});

describe('the hold of a person', () => {
  it.each(COURSE)('stops a deployment as long as it is in progress (%s)', async (state) => {
    const record = await deployment({}, state);
    await hold(staging, 9);
    const isInProgress = !['confirming', 'rollingBack'].includes(state);
    expect(await settled(leaseOf(record).lookAgain(state))).toBe(isInProgress ? 'grace requested v1 (run 9)' : undefined);
  });

  it('does not stop the rollback that it begins', async () => {
    const record = await deployment({ kind: 'rollback' }, 'deploying');
    await hold(staging, 9);
    expect(await settled(leaseOf(record).lookAgain('deploying'))).toBeUndefined();
  });
});

describe('a record that a newer version wrote meanwhile', () => {
  it.each(COURSE)('ends the deployment: this process does not know what was done there (%s)', async (state) => {
    const record = await deployment({}, state);
    await staging.eventLog.create({ topic: 'deployment', environment: 'staging', sha: V3.sha, title: '', record: { kind: 'pause', environment: 'staging' } });
    await expect(settled(leaseOf(record).lookAgain(state))).rejects.toThrow(
      /^staging: record 2 of staging was written by a newer projen-delivery \(kind "pause".*run `npx projen`; this process changes nothing more\.$/,
    );
    expect(staging.warnings).toEqual([]);
  });

  it('does not keep a rollback from its end: only an entry in its own record says that another process took it', async () => {
    const record = await deployment({}, 'deploying', 'rollingBack');
    await staging.eventLog.create({ topic: 'deployment', environment: 'staging', sha: V3.sha, title: '', record: { kind: 'pause', environment: 'staging' } });
    await settled(leaseOf(record).checkStands('rollingBack'));
  });
});

describe('a ledger that cannot be read', () => {
  it.each(COURSE)('is waited for, longer before a change, and then the deployment continues (%s)', async (state) => {
    const record = await deployment({}, state);
    staging.eventLog.onRead = () => new Promise(() => undefined);
    const began = staging.clock.now();
    expect(await settled(leaseOf(record).lookAgain(state))).toBeUndefined();
    expect(staging.clock.now() - began).toBe((['migrating', 'deploying', 'promoting'].includes(state) ? 30 : 5) * SECOND);
    expect(staging.warnings).toEqual(['The ledger could not be read']);
  });

  it('is no reason to stop where it rejects the question', async () => {
    const record = await deployment({}, 'deploying');
    staging.eventLog.onRead = () => Promise.reject(new EventLogError('GitHub is out of order'));
    expect(await settled(leaseOf(record).lookAgain('deploying'))).toBeUndefined();
    await settled(leaseOf(record).checkStands('rollingBack'));
    expect(staging.warnings).toEqual(['The ledger could not be read', 'The ledger could not be read']);
  });

  it('is another thing than an error of this process, which is never taken for it', async () => {
    const record = await deployment({}, 'deploying');
    staging.eventLog.onRead = () => Promise.reject(new TypeError('a fault of the runtime'));
    for (const question of ['lookAgain', 'checkTaken', 'checkStands'] as const) {
      await expect(settled<unknown>(leaseOf(record)[question]('deploying'))).rejects.toThrow(new TypeError('a fault of the runtime'));
    }
  });

  it('is read again if the machine was suspended meanwhile: what it said before may be outdated', async () => {
    const record = await deployment({}, 'deploying');
    const clock = new HandClock();
    staging.eventLog.onRead = async (events) => {
      staging.eventLog.onRead = undefined;
      await takeOver(record);
      clock.pass(3600 * SECOND);
      return events;
    };
    await expect(leaseOf(record, { clock }).lookAgain('deploying')).rejects.toThrow('run 3 has taken this deployment over');
  });
});

describe('a process that takes the lease', () => {
  /** The deployment of another process, from which ours takes the lease. */
  async function takes(): Promise<{ readonly record: LedgerRecord; readonly lease: Lease }> {
    const record = await staging.record({ release: V2, processId: '1.1.dead' }, 'deploying');
    const lease = leaseOf(record);
    expect(lease.takesFrom(await staging.ledger.history(record))).toBe('1.1.dead');
    return { record, lease };
  }

  it('takes it from nobody if it is its own', async () => {
    const record = await deployment({}, 'deploying');
    expect(leaseOf(record).takesFrom(await staging.ledger.history(record))).toBeUndefined();
  });

  it('has it as soon as the ledger lists its entry, however late, and gets all entries until then', async () => {
    const { record, lease } = await takes();
    await takeOver(record, OURS);
    let reads = 0;
    staging.eventLog.onRead = async (events) => (++reads < 5 ? events.slice(0, -1) : events);
    const entries = await settled(lease.checkTaken('rollingBack'));
    expect(entries?.map(({ state, processId }) => [state, processId])).toEqual([['pending', undefined], ['deploying', '1.1.dead'], ['rollingBack', OURS]]);
  });

  it('has lost it if another process was faster', async () => {
    const { record, lease } = await takes();
    await takeOver(record);
    await takeOver(record, OURS);
    await expect(settled(lease.checkTaken('rollingBack'))).rejects.toThrow('staging: run 3 has taken this deployment over');
  });

  it('has lost it if its entry does not show: the holder goes on', async () => {
    const { lease } = await takes();
    const began = staging.clock.now();
    await expect(settled(lease.checkTaken('rollingBack'))).rejects.toThrow('another process that continues this deployment was faster');
    expect(staging.clock.now() - began).toBe(60 * SECOND);
  });

  it('has lost it at once if the holder was done', async () => {
    const { record, lease } = await takes();
    for (const state of TO_STABLE) await staging.ledger.advance(record, { state, note: state, processId: '1.1.dead' });
    await takeOver(record, OURS);
    const began = staging.clock.now();
    await expect(settled(lease.checkTaken('rollingBack'))).rejects.toThrow('v2 (run 1) is stable already');
    expect(staging.clock.now()).toBe(began);
  });

  it('does not wait for a ledger that cannot be read: it rolls back all the same', async () => {
    const { lease } = await takes();
    staging.eventLog.onRead = () => Promise.reject(new EventLogError('GitHub is out of order'));
    expect(await settled(lease.checkTaken('rollingBack'))).toBeUndefined();
  });
});

it('what it wrote stands only if no other process took the lease', async () => {
  const record = await deployment({}, 'deploying');
  await settled(leaseOf(record).checkStands('deploying'));
  await takeOver(record);
  await expect(settled(leaseOf(record).checkStands('deploying'))).rejects.toThrow(LeaseLostError);
});

describe('what it wrote is read back', () => {
  /** Lists show an entry only after so many seconds. */
  function lags(seconds: number): void {
    const writtenAt = new Map<string, number>();
    staging.eventLog.onRead = async (events) => {
      for (const { id } of events) if (!writtenAt.has(id)) writtenAt.set(id, staging.clock.now());
      return events.filter(({ id }) => staging.clock.now() - writtenAt.get(id)! >= seconds * SECOND);
    };
  }

  it.each([0, 30, 59])('and waited for, if lists lag %i s: what came before it is listed then, too', async (seconds) => {
    const record = await deployment({}, 'migrating');
    const lease = leaseOf(record);
    await takeOver(record);
    // it was not seen that it was taken over, so this one does not count
    await staging.ledger.advance(record, { state: 'deploying', note: 'v2', processId: OURS });
    lease.wrote('deploying');
    lags(seconds);
    await expect(settled(lease.checkStands('deploying'))).rejects.toThrow('run 3 has taken this deployment over');
  });

  it('and stands as soon as it is listed', async () => {
    const record = await deployment({}, 'deploying');
    const lease = leaseOf(record);
    lease.wrote('deploying');
    lags(20);
    const began = staging.clock.now();
    await settled(lease.checkStands('deploying'));
    expect(staging.clock.now() - began).toBe(20 * SECOND);
    expect(staging.warnings).toEqual([]);
  });

  it('and the deployment continues with a warning, if it is not listed within a minute', async () => {
    const record = await deployment({}, 'deploying');
    const lease = leaseOf(record);
    lease.wrote('deploying');
    lags(3600);
    const began = staging.clock.now();
    await settled(lease.checkStands('deploying'));
    expect(staging.clock.now() - began).toBe(60 * SECOND);
    expect(staging.warnings).toEqual(['The ledger does not show yet what this process wrote']);
  });

  it('and is not asked for where nothing was written', async () => {
    const record = await deployment({}, 'deploying');
    lags(3600);
    await settled(leaseOf(record).checkStands('deploying'));
    expect(staging.warnings).toEqual([]);
  });
});
