/** What the ledger asks of the place that keeps its records. */
import { newRecord, release } from './records';
import { State } from '../../../src/runtime/deployment/state-machine';
import { AppendOptions, Event, NewEvent, NewStream, Stream, StreamRef } from '../../../src/runtime/event-log/event-log';
import { Ledger } from '../../../src/runtime/ledger/ledger';
import { RecordKind } from '../../../src/runtime/ledger/record';
import { MemoryEventLog } from '../event-log/memory-event-log';

/** Notes what it is asked. */
class AskedEventLog extends MemoryEventLog {
  public readonly created: NewStream[] = [];
  public readonly patience: (number | undefined)[] = [];

  public override async create(stream: NewStream): Promise<Stream> {
    this.created.push(stream);
    return super.create(stream);
  }

  public override async append(ref: StreamRef, event: NewEvent, { patienceMs }: AppendOptions = {}): Promise<Event> {
    this.patience.push(patienceMs);
    return super.append(ref, event);
  }
}

let eventLog: AskedEventLog;
let ledger: Ledger;
beforeEach(() => {
  eventLog = new AskedEventLog();
  ledger = new Ledger({ eventLog, isAlive: async () => false, mask: (text) => text.replaceAll('hunter2', '***') });
});

it.each<[State, number | undefined]>([
  ['deploying', undefined], ['promoting', undefined], ['stable', undefined], ['rolledBack', undefined],
  // nobody waits for these, and readers can do without them
  ['verifying', 5000], ['baking', 5000], ['confirming', 5000], ['rollingBack', 5000],
])('an entry is tried for as long as users can wait for it: %s for %d ms', async (state, patienceMs) => {
  const record = await ledger.create(newRecord());
  await ledger.advance(record, { state, note: '', processId: record.processId });
  expect(eventLog.patience).toEqual([patienceMs]);
});

it('an entry that releases the lease is tried for long: the next job waits for it', async () => {
  const record = await ledger.create(newRecord());
  await ledger.advance(record, { state: 'confirming', note: '', processId: record.processId, releasesLease: true });
  expect(eventLog.patience).toEqual([undefined]);
});

it.each<[RecordKind, boolean]>([['deploy', true], ['drill', true], ['adopt', true], ['rollback', false], ['hold', false], ['unblock', false]])(
  'a record reserves room for its entries, but a rollback never waits for disk space: %s, %s', async (kind, reservesRoom) => {
    await ledger.create(newRecord({ kind }));
    expect(eventLog.created).toMatchObject([{ reservesRoom }]);
  },
);

it('secrets are masked in reasons and notes', async () => {
  const record = await ledger.create(newRecord({ kind: 'hold', reason: 'the password is hunter2' }));
  await ledger.advance(record, { state: 'failed', note: 'hunter2 was refused', processId: record.processId });
  expect(eventLog.created).toMatchObject([{ record: { reason: 'the password is ***' }, closingText: 'hold: the password is ***' }]);
  expect((await ledger.history(record)).at(-1)).toMatchObject({ note: '*** was refused' });
});

it.each([['environment', { environment: 'production' }], ['commit', { release: release('v1', 'f') }]])(
  'a record that names another %s than its stream is no record', async (_, change) => {
    const { environment, ...rest } = newRecord();
    await eventLog.create({ topic: 'deployment', environment, sha: rest.release.sha, title: '', record: { environment, ...rest, ...change } });
    await expect(ledger.records('staging')).rejects.toThrow('record 1 is invalid');
  },
);
