import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstantClock } from './instant-clock';
import { newRecord, pointerTo, release, TO_ROLLED_BACK, TO_STABLE, write } from './records';
import { fileLedger } from '../../../src/runtime/ci/open-ledger';
import { EnvironmentHistory } from '../../../src/runtime/ledger/history';
import { Ledger, RecordQuestion } from '../../../src/runtime/ledger/ledger';
import { LedgerRecord } from '../../../src/runtime/ledger/record';

const A = release('v1', 'a', '1');
const B = release('v2', 'b', '2');
const C = release('v3', 'c', '3');

describe('The history of an environment', () => {
  let folder: string;
  let ledger: CountingLedger;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'history-'));
    ledger = new CountingLedger(fileLedger({ path: join(folder, 'ledger.json'), clock: new InstantClock() }));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const staging = () => new EnvironmentHistory(ledger, 'staging');

  describe('where nothing was ever tried', () => {
    it('has no results', async () => {
      const history = staging();
      expect(await history.newest()).toBeUndefined();
      expect(await history.open()).toBeUndefined();
      expect(await history.stable()).toBeUndefined();
      expect(await history.ofRun(1)).toBeUndefined();
      expect(await history.newerThan({ id: 0, attempt: 1 })).toBeUndefined();
      expect(await history.isBlocked(A)).toBe(false);
      expect(await history.verified(A.sha)).toBeUndefined();
      expect(await history.verifiedReleases()).toEqual([]);
    });

    it('does not look at other environments', async () => {
      await write(ledger, { environment: 'production', release: A }, ...TO_STABLE);
      expect(await staging().stable()).toBeUndefined();
      expect(await staging().verified(A.sha)).toBeUndefined();
    });
  });

  describe('the slot that users are on', () => {
    it('is that of Stable after a rollback, though the ledger refused the entry that it began', async () => {
      const first = await write(ledger, { release: A, strategy: 'blueGreen', slot: 'green' }, ...TO_STABLE);
      const second = { release: B, strategy: 'blueGreen', slot: 'blue', stable: { ...pointerTo(first), slot: 'green' } } as const;
      await write(ledger, second, 'deploying', 'verifying', 'promoting', 'baking', 'rolledBack');
      expect(await staging().slotWithTraffic()).toBe('green');
    });

    it.each([[10, 'green'], [50, 'green'], [100, 'blue']])('is that of most users while they move: with %d per cent %s', async (weight, slot) => {
      const first = await write(ledger, { release: A, strategy: 'canary', slot: 'green' }, ...TO_STABLE);
      const second = await write(ledger, { release: B, strategy: 'canary', slot: 'blue', stable: pointerTo(first) }, 'deploying', 'verifying');
      await ledger.advance(second, { state: 'promoting', note: '', weight, processId: second.processId });
      expect(await staging().slotWithTraffic()).toBe(slot);
    });

    it('is what it was while an adoption verifies what is live', async () => {
      await write(ledger, { release: A, strategy: 'blueGreen', slot: 'green' }, ...TO_STABLE);
      const adoption = await write(ledger, { kind: 'adopt', release: B, strategy: 'blueGreen', slot: 'blue' });
      expect(await staging().slotWithTraffic()).toBe('green');
      expect(await staging().open()).toBeUndefined();
      expect(await staging().adopting()).toMatchObject({ record: { id: adoption.id } });
    });
  });

  describe('what is newest', () => {
    it('is the last record with where it stands', async () => {
      await write(ledger, { release: A }, ...TO_STABLE);
      const record = await write(ledger, { release: B }, 'deploying', 'verifying');
      const newest = await staging().newest();
      expect(newest).toMatchObject({ record, state: 'verifying' });
      expect(newest?.entries.map(({ state }) => state)).toEqual(['pending', 'deploying', 'verifying']);
    });

    it.each(['pending', 'deploying', 'verifying', 'promoting', 'baking', 'confirming', 'rollingBack'] as const)('is open while it is %s', async (state) => {
      const record = await write(ledger, { release: A }, state);
      expect(await staging().open()).toMatchObject({ record, state });
    });

    it('is open behind the claim of another run, which gives way to it', async () => {
      const left = await write(ledger, { release: A, processId: '1.1.left' }, 'deploying');
      await write(ledger, { release: B, processId: '2.1.claim' });
      await write(ledger, { release: C, processId: '3.1.claim' });
      expect(await staging().open()).toMatchObject({ record: { id: left.id }, state: 'deploying' });
    });

    it('is open for its own run, whatever other runs claim before or after it', async () => {
      const claims = [];
      for (const id of [1, 2, 3]) claims.push(await write(ledger, { release: A, run: { id, attempt: 1 }, processId: `${id}.1.claim` }));
      for (const { id, run } of claims) expect(await staging().openOf(run.id)).toMatchObject({ record: { id } });
      await ledger.advance(claims[1], { state: 'superseded', note: '' });
      expect(await staging().openOf(2)).toBeUndefined();
    });

    it('is not open for its run when a later one is finished', async () => {
      await write(ledger, { release: A, run: { id: 1, attempt: 1 } }, 'deploying');
      await write(ledger, { release: B, run: { id: 2, attempt: 1 } }, ...TO_STABLE);
      expect(await staging().openOf(1)).toBeUndefined();
    });

    it.each(['stable', 'rolledBack', 'halted', 'failed', 'superseded'] as const)('is not open when it is %s', async (state) => {
      const record = await write(ledger, { release: A }, state);
      expect(await staging().open()).toBeUndefined();
      expect(await staging().last()).toMatchObject({ record, state });
    });

    it('can be found by run', async () => {
      const first = await write(ledger, { run: { id: 8, attempt: 1 } }, ...TO_ROLLED_BACK);
      const second = await write(ledger, { run: { id: 8, attempt: 2 } }, 'deploying');
      await write(ledger, { run: { id: 9, attempt: 1 } });
      expect(await staging().ofRun(8)).toMatchObject({ record: { id: second.id }, state: 'deploying' });
      expect(first.id).not.toBe(second.id);
    });

    it('is not taken from the order in which a ledger lists', async () => {
      await write(ledger, { release: A }, ...TO_STABLE);
      const newest = await write(ledger, { release: B });
      ledger.reversed = true;
      expect(await staging().newest()).toMatchObject({ record: { id: newest.id } });
    });
  });

  describe('Stable', () => {
    it('is the newest record when it became Stable, with its slot and since when', async () => {
      const record = await write(ledger, { release: A, strategy: 'blueGreen', slot: 'green' }, ...TO_STABLE);
      const since = (await ledger.history(record)).at(-1)!.at;
      expect(await staging().stable()).toEqual({ recordId: record.id, release: A, slot: 'green', since });
    });

    it.each(['rolledBack', 'halted', 'failed', 'superseded', 'deploying', 'confirming'] as const)('is what the newest record would go back to while it is %s', async (state) => {
      const first = await write(ledger, { release: A }, ...TO_STABLE);
      await write(ledger, { release: B, stable: pointerTo(first) }, state);
      expect(await staging().stable()).toEqual(pointerTo(first));
    });

    it.each([['rolledBack', 'https://restored'], ['halted', 'https://old']] as const)(
      'has the outputs that a rollback recorded, once it has restored it: %s, %s', async (end, url) => {
        const first = await write(ledger, { release: A }, ...TO_STABLE);
        const second = await write(ledger, { release: B, stable: { ...pointerTo(first), outputs: { 'Api.Url': 'https://old' } } }, 'deploying');
        await ledger.advance(second, { state: 'rollingBack', note: '', outputs: { 'Api.Url': 'https://restored' }, processId: second.processId });
        await ledger.advance(second, { state: end, note: '', processId: second.processId });
        expect((await staging().stable())?.outputs).toEqual({ 'Api.Url': url });
      },
    );

    it('is none after a first deployment that did not become Stable', async () => {
      await write(ledger, { release: A }, 'deploying', 'halted');
      expect(await staging().stable()).toBeUndefined();
    });

    it('is not lost to an adoption that was left unfinished', async () => {
      const first = await write(ledger, { release: A }, ...TO_STABLE);
      await write(ledger, { release: B, kind: 'adopt' }, 'failed');
      expect(await staging().stable()).toMatchObject({ recordId: first.id, release: A });
    });

    it('is what was adopted', async () => {
      await write(ledger, { release: A }, 'deploying', 'halted');
      await write(ledger, { release: B, kind: 'adopt' }, 'stable');
      expect(await staging().stable()).toMatchObject({ release: B });
    });

    it('needs one list and the entries of one record, however long the history is', async () => {
      let stable;
      for (let index = 0; index < 20; index++) stable = pointerTo(await write(ledger, { release: A, stable }, 'stable'));
      await write(ledger, { release: B, stable }, ...TO_ROLLED_BACK);
      ledger.reset();
      const history = staging();
      await Promise.all([history.stable(), history.newest(), history.open()]);
      expect(await history.stable()).toMatchObject({ release: A });
      expect([ledger.lists, ledger.histories]).toEqual([1, 1]);
    });
  });

  describe('a release is blocked', () => {
    it('when it was rolled back here', async () => {
      await write(ledger, { release: A }, ...TO_ROLLED_BACK);
      expect(await staging().isBlocked(A)).toBe(true);
      expect(await staging().isBlocked(B)).toBe(false);
    });

    it('by its commit and by its files, whatever its version: tags move', async () => {
      await write(ledger, { release: A }, ...TO_ROLLED_BACK);
      expect(await staging().isBlocked({ version: 'v9', sha: A.sha })).toBe(true);
      expect(await staging().isBlocked({ version: 'v9', sha: B.sha, artifact: A.artifact })).toBe(true);
      expect(await staging().isBlocked({ version: A.version, sha: B.sha, artifact: B.artifact })).toBe(false);
      expect(await staging().isBlocked({ version: A.version, sha: B.sha })).toBe(false);
    });

    it('when its rollback was begun and did not succeed', async () => {
      await write(ledger, { release: A }, 'deploying', 'verifying', 'rollingBack', 'halted');
      expect(await staging().isBlocked(A)).toBe(true);
    });

    it.each(['stable', 'failed', 'superseded', 'halted'] as const)('not when it was merely %s', async (state) => {
      await write(ledger, { release: A }, 'pending', state);
      expect(await staging().isBlocked(A)).toBe(false);
    });

    it.each(['adopt', 'rollback'] as const)('until it is Stable again by %s', async (kind) => {
      await write(ledger, { release: A }, ...TO_ROLLED_BACK);
      await write(ledger, { release: A, kind }, 'deploying', 'halted');
      expect(await staging().isBlocked(A)).toBe(true);
      await write(ledger, { release: A, kind }, 'stable');
      expect(await staging().isBlocked(A)).toBe(false);
    });

    it('when a person rolled it back, and the rollback was at least begun', async () => {
      const first = await write(ledger, { release: A }, ...TO_STABLE);
      const second = await write(ledger, { release: B, stable: pointerTo(first) }, ...TO_STABLE);
      await write(ledger, { kind: 'rollback', release: A, stable: pointerTo(second), leaving: B }, 'deploying', 'halted');
      expect(await staging().isBlocked(B)).toBe(true);
      expect(await staging().isBlocked(A)).toBe(false);
    });

    it('until a person unblocks it, by its commit; and again when it is rolled back again', async () => {
      await write(ledger, { release: A }, ...TO_ROLLED_BACK);
      await write(ledger, { release: B }, ...TO_ROLLED_BACK);
      expect((await staging().blocked()).map(({ release: { version } }) => version)).toEqual(['v2', 'v1']);
      await ledger.create(newRecord({ kind: 'unblock', release: { ...A, version: 'v1-again' } }));
      expect(await staging().isBlocked(A)).toBe(false);
      expect(await staging().blocked()).toEqual([{ release: B, why: 'health' }]);
      await write(ledger, { release: A }, ...TO_ROLLED_BACK);
      expect(await staging().isBlocked(A)).toBe(true);
    });

    it('not by a drill', async () => {
      const first = await write(ledger, { release: A }, ...TO_STABLE);
      await write(ledger, { kind: 'drill', release: A, stable: pointerTo(first) }, ...TO_ROLLED_BACK);
      expect(await staging().isBlocked(A)).toBe(false);
      expect(await staging().stable()).toMatchObject({ recordId: first.id });
    });

    it('again when it is rolled back again', async () => {
      await write(ledger, { release: A }, ...TO_STABLE);
      await write(ledger, { release: A }, ...TO_ROLLED_BACK);
      expect(await staging().isBlocked(A)).toBe(true);
    });
  });

  describe('two releases with the same files', () => {
    const SAME = { ...B, artifact: A.artifact };
    const AGAIN = { ...C, artifact: A.artifact };

    /** A is Stable; the deploy command of B, which has its files, fails once. */
    async function commandFails(): Promise<void> {
      const first = await write(ledger, { release: A }, ...TO_STABLE);
      const second = await write(ledger, { release: SAME, stable: pointerTo(first) }, 'deploying');
      for (const state of ['rollingBack', 'rolledBack'] as const) await ledger.advance(second, { state, note: 'deploy failed', commandFailed: true, processId: second.processId });
    }

    it('the live Stable is not blocked by its files: it stays verified, and something to go back to', async () => {
      await commandFails();
      expect(await staging().isBlocked(A)).toBe(false);
      expect(await staging().verified(A.sha)).toEqual(A);
    });

    it('a failed command blocks its commit, and no other commit with its files', async () => {
      await commandFails();
      for (const one of [SAME, AGAIN]) expect(await staging().isBlocked(one)).toBe(false);
      // once something else is Stable
      await write(ledger, { release: release('v4', 'd', '4') }, ...TO_STABLE);
      expect(await staging().blockOf(SAME)).toEqual({ release: { version: 'v2', sha: B.sha }, why: 'command' });
      expect(await staging().isBlocked(A)).toBe(false);
      expect(await staging().isBlocked(AGAIN)).toBe(false);
    });

    it('a health verdict blocks its files', async () => {
      await write(ledger, { release: SAME }, ...TO_ROLLED_BACK);
      expect(await staging().blockOf(AGAIN)).toEqual({ release: SAME, why: 'health' });
    });

    it('a health verdict says nothing of the files that are Stable all the while, nor later', async () => {
      const first = await write(ledger, { release: A }, ...TO_STABLE);
      await write(ledger, { release: SAME, stable: pointerTo(first) }, ...TO_ROLLED_BACK);
      expect(await staging().isBlocked(A)).toBe(false);
      await write(ledger, { release: release('v4', 'd', '4'), stable: pointerTo(first) }, ...TO_STABLE);
      expect(await staging().isBlocked(A)).toBe(false);
      expect(await staging().isBlocked(SAME)).toBe(true);
    });

    it('one that was never tried is unblocked by its commit, for its files are not known then', async () => {
      await write(ledger, { release: SAME }, ...TO_ROLLED_BACK);
      await ledger.create(newRecord({ kind: 'unblock', release: { version: C.version, sha: C.sha } }));
      expect(await staging().isBlocked(AGAIN)).toBe(false);
      expect(await staging().isBlocked(SAME)).toBe(true);
      expect(await staging().blocked()).toEqual([{ release: SAME, why: 'health' }]);
    });

    it('a rollback that could not be recorded blocks no release', async () => {
      const record = await write(ledger, { release: SAME }, 'deploying');
      await ledger.advance(record, { state: 'rollingBack', note: 'that it is promoting could not be recorded', abandoned: true, processId: record.processId });
      expect(await staging().isBlocked(SAME)).toBe(false);
    });
  });

  describe('a commit is verified', () => {
    it('when it became Stable, though others came after it; with the files that were verified', async () => {
      const record = await write(ledger, { release: A }, ...TO_STABLE);
      await write(ledger, { release: B, stable: pointerTo(record) }, ...TO_STABLE);
      await write(ledger, { release: C, stable: pointerTo(record) }, ...TO_ROLLED_BACK);
      expect(await staging().verified(A.sha)).toEqual(record.release);
      expect((await staging().verified(B.sha))?.artifact).toEqual(B.artifact);
      expect(await staging().verified(C.sha)).toBeUndefined();
    });

    it('by its newest files when it was built twice', async () => {
      await write(ledger, { release: A }, ...TO_STABLE);
      await write(ledger, { release: { ...A, artifact: { digest: '9'.repeat(64) } } }, ...TO_STABLE);
      expect((await staging().verified(A.sha))?.artifact?.digest).toBe('9'.repeat(64));
    });

    it.each([['deploying'], ['confirming'], ['halted'], ['failed'], ['superseded']] as const)('not when it is only %s', async (state) => {
      await write(ledger, { release: A }, state);
      expect(await staging().verified(A.sha)).toBeUndefined();
    });

    it('still, when it was tried again and that attempt failed before it changed anything', async () => {
      await write(ledger, { release: A }, ...TO_STABLE);
      await write(ledger, { release: A }, 'failed');
      expect(await staging().verified(A.sha)).toEqual(A);
    });

    it('not any more when it was rolled back later', async () => {
      await write(ledger, { release: A }, ...TO_STABLE);
      await write(ledger, { release: A }, ...TO_ROLLED_BACK);
      expect(await staging().verified(A.sha)).toBeUndefined();
    });

    it('not any more when a person went back from it', async () => {
      const first = await write(ledger, { release: A }, ...TO_STABLE);
      const second = await write(ledger, { release: B, stable: pointerTo(first) }, ...TO_STABLE);
      const back = { kind: 'rollback', release: A, stable: pointerTo(second), leaving: B } as const;
      await write(ledger, back, 'failed');
      expect(await staging().verified(B.sha)).toEqual(B);
      await write(ledger, back, ...TO_STABLE);
      expect(await staging().verified(B.sha)).toBeUndefined();
      expect(await staging().verified(A.sha)).toEqual(A);
    });
  });

  describe('what a person decided', () => {
    it('is no attempt: it is neither newest nor open nor Stable', async () => {
      const record = await write(ledger, { release: A }, ...TO_STABLE);
      for (const kind of ['hold', 'unblock', 'override'] as const) await ledger.create(newRecord({ kind, release: B, run: { id: 9, attempt: 1 } }));
      expect(await staging().newest()).toMatchObject({ record });
      expect(await staging().open()).toBeUndefined();
      expect(await staging().stable()).toMatchObject({ release: A });
      expect(await staging().newerThan({ id: 1, attempt: 1 })).toBeUndefined();
      expect(await staging().ofRun(9)).toBeUndefined();
    });

    it('holds off runs that began before it, and none that began after', async () => {
      const hold = await ledger.create(newRecord({ kind: 'hold', run: { id: 7, attempt: 1 } }));
      expect(await staging().heldAgainst(6)).toEqual(hold);
      expect(await staging().heldAgainst(7)).toBeUndefined();
      expect(await staging().heldAgainst(8)).toBeUndefined();
    });

    it('lifts only a freeze that was on when it was written', async () => {
      const override = await ledger.create(newRecord({ kind: 'override' }));
      const at = Date.parse(override.createdAt);
      expect(await staging().overrideWithin({ from: at - 1000, until: at + 1000 })).toEqual(override);
      expect(await staging().overrideWithin({ from: at, until: at + 1 })).toEqual(override);
      expect(await staging().overrideWithin({ from: at - 1000, until: at })).toBeUndefined();
      expect(await staging().overrideWithin({ from: at + 1000, until: at + 2000 })).toBeUndefined();
      expect(await staging().overrideWithin({ from: at - 2000, until: at - 1000 })).toBeUndefined();
    });
  });

  describe('an attempt that gave way before it changed anything', () => {
    it.each(['failed', 'superseded'] as const)('(%s) says nothing of what is live, or of what was Stable', async (state) => {
      const first = await write(ledger, { release: A }, ...TO_STABLE);
      const halted = await write(ledger, { release: B, stable: pointerTo(first) }, 'deploying', 'halted');
      await write(ledger, { release: C }, state);
      expect(await staging().newest()).toMatchObject({ record: { id: halted.id } });
      expect(await staging().last()).toMatchObject({ record: { release: C } });
      expect(await staging().stable()).toMatchObject({ recordId: first.id });
    });

    it('leaves the one before it open', async () => {
      const open = await write(ledger, { release: A }, 'deploying');
      await write(ledger, { release: B }, 'superseded');
      expect(await staging().open()).toMatchObject({ record: { id: open.id } });
    });
  });

  it('knows what stands beside a claim: the last that changed something, not a claim that came later', async () => {
    const first = await write(ledger, { release: A }, ...TO_STABLE);
    const claim = await write(ledger, { release: B, processId: '2.1.ours' });
    // its response was lost, so it was written twice
    await write(ledger, { release: B, processId: '2.1.ours' }, 'deploying');
    await write(ledger, { release: C });
    expect(await staging().besides(claim)).toMatchObject({ record: { id: first.id } });
    const later = await write(ledger, { release: C }, 'deploying');
    expect(await staging().besides(claim)).toMatchObject({ record: { id: later.id } });
  });

  it('knows whether a migration that cannot be undone lies between', async () => {
    const first = await write(ledger, { release: A }, ...TO_STABLE);
    const second = await ledger.create(newRecord({ release: B, stable: pointerTo(first) }));
    await ledger.advance(second, { state: 'deploying', note: '', irreversible: true });
    await ledger.advance(second, { state: 'stable', note: '' });
    expect(await staging().irreversibleSince(first.id)).toEqual(B);
    expect(await staging().irreversibleSince(second.id)).toBeUndefined();
  });

  it('lists every release that was verified, newest first, each once, with its newest files', async () => {
    const first = await write(ledger, { release: A }, ...TO_STABLE);
    const second = await write(ledger, { release: B, stable: pointerTo(first) }, ...TO_STABLE);
    await write(ledger, { release: C, stable: pointerTo(second) }, ...TO_ROLLED_BACK);
    const back = await write(ledger, { kind: 'rollback', release: A, stable: pointerTo(second) }, ...TO_STABLE);
    await write(ledger, { release: C, stable: pointerTo(back) }, 'deploying');
    ledger.reset();
    expect((await staging().verifiedReleases()).map(({ release: { version }, recordId }) => [version, recordId])).toEqual([['v1', back.id], ['v2', second.id]]);
    expect([ledger.lists, ledger.histories]).toEqual([1, 1]);

    const newest = await write(ledger, { release: C }, ...TO_STABLE);
    expect((await staging().verifiedReleases())[0]).toMatchObject({ recordId: newest.id, release: C });
  });

  describe('a run is overtaken', () => {
    it('by a deployment or rollback of a run that began later', async () => {
      await write(ledger, { run: { id: 5, attempt: 1 } }, ...TO_STABLE);
      const newer = await write(ledger, { run: { id: 7, attempt: 1 }, kind: 'rollback' }, ...TO_STABLE);
      expect((await staging().newerThan({ id: 5, attempt: 1 }))?.record).toEqual(newer);
      expect((await staging().newerThan({ id: 6, attempt: 1 }))?.record).toEqual(newer);
      expect(await staging().newerThan({ id: 7, attempt: 1 })).toBeUndefined();
    });

    it('not by a drill that restored its release; by one that is under way, or halted, it is', async () => {
      const first = await write(ledger, { run: { id: 5, attempt: 1 }, release: A }, ...TO_STABLE);
      const drill = { run: { id: 102, attempt: 1 }, kind: 'drill', release: A, stable: pointerTo(first) } as const;
      await write(ledger, drill, ...TO_ROLLED_BACK);
      expect(await staging().newerThan({ id: 101, attempt: 1 })).toBeUndefined();
      await write(ledger, drill, 'deploying');
      expect(await staging().newerThan({ id: 101, attempt: 1 })).toMatchObject({ record: { run: { id: 102 } } });
      await write(ledger, drill, 'deploying', 'halted');
      expect(await staging().newerThan({ id: 101, attempt: 1 })).toMatchObject({ record: { run: { id: 102 } } });
    });

    it('though an older run wrote last', async () => {
      const newer = await write(ledger, { run: { id: 7, attempt: 1 } }, ...TO_STABLE);
      await write(ledger, { run: { id: 5, attempt: 2 } }, 'failed');
      expect((await staging().newerThan({ id: 5, attempt: 1 }))?.record).toEqual(newer);
    });

    it('not by an adoption, nor by what failed before it changed anything', async () => {
      await write(ledger, { run: { id: 8, attempt: 1 }, kind: 'adopt' }, 'stable');
      await write(ledger, { run: { id: 9, attempt: 1 } }, 'failed');
      expect(await staging().newerThan({ id: 5, attempt: 1 })).toBeUndefined();
      const rolledBack = await write(ledger, { run: { id: 6, attempt: 1 } }, ...TO_ROLLED_BACK);
      expect((await staging().newerThan({ id: 5, attempt: 1 }))?.record).toEqual(rolledBack);
    });
  });
});

/** Counts what is read, and can list in another order. */
class CountingLedger implements Pick<Ledger, 'advance' | 'create' | 'history' | 'records'> {
  public lists = 0;
  public histories = 0;
  public reversed = false;
  public readonly create: Ledger['create'];
  public readonly advance: Ledger['advance'];

  constructor(private readonly ledger: Ledger) {
    this.create = ledger.create.bind(ledger);
    this.advance = ledger.advance.bind(ledger);
  }

  public async records(environment: string, question?: RecordQuestion) {
    this.lists += 1;
    const records = await this.ledger.records(environment, question);
    return this.reversed ? records.reverse() : records;
  }

  public async history(record: LedgerRecord) {
    this.histories += 1;
    return this.ledger.history(record);
  }

  public reset(): void {
    this.lists = 0;
    this.histories = 0;
  }
}
