import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstantClock } from './instant-clock';
import { MAKER, newRecord, pointerTo, release, TO_STABLE, write } from './records';
import { GithubApi } from '../../../src/runtime/ci/github/api';
import { GithubEventLog } from '../../../src/runtime/ci/github/event-log';
import { fileLedger } from '../../../src/runtime/ci/open-ledger';
import { State } from '../../../src/runtime/deployment/state-machine';
import { EventLogError } from '../../../src/runtime/event-log/event-log';
import { leaseHolderOf, NewEntry } from '../../../src/runtime/ledger/entries';
import { Ledger } from '../../../src/runtime/ledger/ledger';
import { LedgerRecord } from '../../../src/runtime/ledger/record';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';

/** A place that ledgers write to, as different jobs would: each with a ledger of its own. */
interface Place {
  /** @param project the root project's, where none is named */
  open(project?: string): Ledger;
  close(): Promise<void>;
}

const places: Record<string, (clock: InstantClock) => Promise<Place>> = {
  'a file': async (clock) => {
    const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    return {
      open: (project) => fileLedger({ path: join(folder, 'deep', 'ledger.json'), clock, project }),
      close: async () => rmSync(folder, { recursive: true }),
    };
  },
  'GitHub': async (clock) => {
    const github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now() });
    return {
      open: (project) => new Ledger({
        eventLog: new GithubEventLog({
          project, api: new GithubApi({ url: github.url, token: github.token({ deployments: 'write' }), repository: 'acme/shop', clock }),
        }),
        isAlive: async () => false,
      }),
      close: async () => {
        await github.stop();
        expect(github.violations).toEqual([]);
      },
    };
  },
};

describe.each(Object.entries(places))('A ledger in %s', (_, start) => {
  const clock = new InstantClock();
  let place: Place;
  let ledger: Ledger;

  beforeEach(async () => {
    place = await start(clock);
    ledger = place.open();
  });
  afterEach(() => place.close());

  it('has no records at first', async () => {
    expect(await ledger.records('staging')).toEqual([]);
  });

  it('gives a record back to another job as it was written', async () => {
    const stable = pointerTo(await ledger.create(newRecord({ release: release('v0', '0', 'd'), slot: 'blue' })));
    const written = await ledger.create(newRecord({
      kind: 'rollback', release: release('v1', 'a', 'e'), strategy: 'blueGreen', stable, slot: 'green', run: { id: 7, attempt: 2 }, reason: 'too "slow"\n',
    }));
    expect(written).toMatchObject({ kind: 'rollback', release: { version: 'v1', artifact: { id: '77', runId: '4' } }, stable });

    const [read] = await place.open().records('staging');
    expect(read).toEqual(written);
  });

  it('lists the newest first, by id', async () => {
    const first = await write(ledger, {});
    const second = await write(ledger, {});
    clock.advance(60_000);
    const third = await write(ledger, {});
    expect((await place.open().records('staging')).map(({ id }) => id)).toEqual([third.id, second.id, first.id]);
  });

  it('keeps the projects of a repository apart, though their environments are called alike', async () => {
    const ledgers = [ledger, place.open('api'), place.open('web')];
    const written = await Promise.all(ledgers.map((one) => write(one, { environment: 'production' }, 'deploying')));
    for (const [i, one] of ledgers.entries()) {
      const records = await one.records('production');
      expect(records).toEqual([written[i]]);
      expect((await one.history(records[0])).map(({ state }) => state)).toEqual(['pending', 'deploying']);
    }
    expect(await place.open('ap').records('production')).toEqual([]);
  });

  it('keeps environments apart', async () => {
    const staging = await write(ledger, { environment: 'staging' });
    const production = await write(ledger, { environment: 'production' });
    expect((await ledger.records('staging')).map(({ id }) => id)).toEqual([staging.id]);
    expect((await ledger.records('production')).map(({ id }) => id)).toEqual([production.id]);
  });

  it('begins every record as pending', async () => {
    const record = await ledger.create(newRecord());
    expect(await ledger.history(record)).toEqual([{ state: 'pending', note: '', at: record.createdAt }]);
  });

  it('returns the entries of a record to another job, oldest first, with time and reason', async () => {
    const record = await ledger.create(newRecord());
    clock.advance(5_000);
    await ledger.advance(record, { state: 'deploying', note: 'v1: the rollback point is v0' });
    clock.advance(5_000);
    await ledger.advance(record, { state: 'verifying', note: '' });

    const other = place.open();
    const [read] = await other.records('staging');
    const history = await other.history(read);
    expect(history.map(({ state, note }) => [state, note])).toEqual([['pending', ''], ['deploying', 'v1: the rollback point is v0'], ['verifying', '']]);
    expect(history.map(({ at }) => Date.parse(at) - Date.parse(record.createdAt))).toEqual([0, 5_000, 10_000]);
  });

  it('keeps every state a rollout can be in', async () => {
    const record = await write(ledger, {}, 'deploying', 'verifying', 'promoting', 'baking', 'confirming', 'rollingBack', 'rolledBack');
    expect((await ledger.history(record)).map(({ state }) => state)).toEqual([
      'pending', 'deploying', 'verifying', 'promoting', 'baking', 'confirming', 'rollingBack', 'rolledBack',
    ]);
    expect((await ledger.history(await write(ledger, {}, 'migrating', 'deploying'))).map(({ state }) => state)).toEqual(['pending', 'migrating', 'deploying']);
    for (const last of ['stable', 'failed', 'superseded', 'halted'] as const) {
      expect((await ledger.history(await write(ledger, {}, last))).at(-1)).toMatchObject({ state: last });
    }
  });

  it('does not let a paused process rewrite what was decided', async () => {
    const record = await write(ledger, {}, ...TO_STABLE, 'rollingBack', 'rolledBack');
    expect((await ledger.history(record)).at(-1)).toMatchObject({ state: 'stable' });
  });

  it('takes the first of two jobs at its word when both say the same', async () => {
    const record = await write(ledger, {}, ...TO_STABLE);
    clock.advance(60_000);
    await ledger.advance(record, { state: 'stable', note: 'says another job' });
    expect((await ledger.history(record)).at(-1)).toMatchObject({ state: 'stable', note: 'now stable' });
  });

  it('leaves out an entry that comes later than the ones after it', async () => {
    const record = await write(ledger, {}, 'deploying', 'verifying', 'baking', 'verifying');
    expect((await ledger.history(record)).map(({ state }) => state)).toEqual(['pending', 'deploying', 'verifying', 'baking']);
  });

  it('never calls Stable what is being rolled back', async () => {
    const record = await write(ledger, {}, 'deploying', 'verifying', 'baking', 'confirming', 'rollingBack', 'stable');
    expect((await ledger.history(record)).at(-1)).toMatchObject({ state: 'rollingBack' });
  });

  it('takes a step whose entry was lost as done', async () => {
    const record = await write(ledger, {}, 'deploying', 'confirming', 'stable');
    expect((await ledger.history(record)).map(({ state }) => state)).toEqual(['pending', 'deploying', 'confirming', 'stable']);
  });

  describe('the process that holds the lease', () => {
    const by = (processId: string, state: State, more: Partial<NewEntry> = {}): NewEntry => ({ state, note: `${state} by ${processId}`, processId, ...more });
    const notes = async (record: LedgerRecord) => (await place.open().history(record)).map(({ note }) => note).slice(1);

    it('is the process that created it, until another one takes it from there', async () => {
      const record = await ledger.create(newRecord());
      await ledger.advance(record, by(MAKER, 'deploying'));
      expect(leaseHolderOf(MAKER, await ledger.history(record))).toEqual({ processId: MAKER, isReleased: false });
      await ledger.advance(record, by('2.1.other', 'rollingBack', { takenFrom: MAKER }));
      expect(leaseHolderOf(MAKER, await ledger.history(record))).toEqual({ processId: '2.1.other', isReleased: false });
    });

    it('alone writes entries that count', async () => {
      const record = await ledger.create(newRecord());
      await ledger.advance(record, by('2.1.other', 'rollingBack', { takenFrom: MAKER }));
      await ledger.advance(record, by(MAKER, 'halted'));
      await ledger.advance(record, by('3.1.stranger', 'halted'));
      await ledger.advance(record, by('2.1.other', 'rolledBack'));
      expect(await notes(record)).toEqual(['rollingBack by 2.1.other', 'rolledBack by 2.1.other']);
    });

    it('is the first of two that take it at once', async () => {
      const record = await ledger.create(newRecord());
      await ledger.advance(record, by('2.1.first', 'rollingBack', { takenFrom: MAKER }));
      await ledger.advance(record, by('3.1.second', 'rollingBack', { takenFrom: MAKER }));
      expect(leaseHolderOf(MAKER, await ledger.history(record)).processId).toBe('2.1.first');
      expect(await notes(record)).toEqual(['rollingBack by 2.1.first']);
    });

    it('may begin a rollback by hand again', async () => {
      const record = await write(ledger, { kind: 'rollback' }, 'deploying', 'verifying');
      await ledger.advance(record, by('2.1.other', 'deploying', { takenFrom: MAKER, abandoned: true }));
      await ledger.advance(record, by('2.1.other', 'verifying'));
      expect((await notes(record)).at(-1)).toBe('verifying by 2.1.other');
    });

    it('can release the lease for the next process', async () => {
      const record = await ledger.create(newRecord());
      await ledger.advance(record, by(MAKER, 'confirming', { releasesLease: true }));
      expect(leaseHolderOf(MAKER, await ledger.history(record))).toEqual({ processId: MAKER, isReleased: true });
      await ledger.advance(record, by('2.1.judge', 'confirming', { takenFrom: MAKER }));
      expect(leaseHolderOf(MAKER, await ledger.history(record))).toEqual({ processId: '2.1.judge', isReleased: false });
    });
  });

  it('keeps that a migration cannot be undone, and that a process was gone', async () => {
    const record = await ledger.create(newRecord());
    await ledger.advance(record, { state: 'deploying', note: 'migrated', irreversible: true });
    await ledger.advance(record, { state: 'halted', note: '', abandoned: true, irreversible: true });
    expect((await place.open().history(record)).slice(1)).toMatchObject([{ irreversible: true, note: 'migrated' }, { abandoned: true, irreversible: true, note: '' }]);
    expect((await place.open().history(record))[1].abandoned).toBeUndefined();
  });

  it('keeps what in the world made it fail, and leaves out a fault that it does not know', async () => {
    const record = await ledger.create(newRecord());
    await ledger.advance(record, { state: 'deploying', note: '' });
    await ledger.advance(record, { state: 'rollingBack', note: 'the disk is full', abandoned: true, fault: 'unavailable' });
    await ledger.advance(record, { state: 'rolledBack', note: '', abandoned: true, fault: 'comet' as 'conflict' });
    const entries = await place.open().history(record);
    expect(entries.slice(-3).map(({ fault }) => fault)).toEqual([undefined, 'unavailable', undefined]);
  });

  it('keeps what a person decided: who, why, about which release', async () => {
    const written = await ledger.create(newRecord({ kind: 'hold', release: release('v1', 'a'), reason: 'checkout is slow', run: { id: 9, attempt: 1 } }));
    const left = await ledger.create(newRecord({ kind: 'rollback', leaving: release('v2', 'b', '7') }));
    expect(await place.open().records('staging')).toEqual([left, written]);
  });

  it('says so when a record is gone', async () => {
    const record = { ...(await ledger.create(newRecord())), id: '999' };
    await expect(ledger.advance(record, { state: 'deploying', note: '' })).rejects.toThrow(EventLogError);
    await expect(ledger.history(record)).rejects.toThrow(EventLogError);
  });

  it('keeps hundreds of records', async () => {
    for (let run = 1; run <= 250; run++) await ledger.create(newRecord({ run: { id: run, attempt: 1 } }));
    const records = await place.open().records('staging');
    expect(records.map(({ run }) => run.id)).toEqual(Array.from({ length: 250 }, (__, index) => 250 - index));
  });
});
