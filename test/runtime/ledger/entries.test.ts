/** Which entries of a record count, and what follows from them. */
import { State } from '../../../src/runtime/deployment/state-machine';
import { countingEntries, Entry, leaseHolderOf, sharedWeight, weightOf } from '../../../src/runtime/ledger/entries';

const MAKER = '1.1.maker';
const OTHER = '2.1.other';

function entry(state: State, change: Partial<Entry> = {}): Entry {
  return { state, note: state, processId: MAKER, at: '2026-11-24T12:00:00Z', ...change };
}

const counted = (...entries: Entry[]) => countingEntries(entries, MAKER).map(({ note }) => note);

describe('an entry counts', () => {
  it('unless the state machine cannot reach it from the last one', () => {
    expect(counted(entry('deploying'), entry('baking'), entry('verifying', { note: 'late' }), entry('confirming'))).toEqual(['deploying', 'baking', 'confirming']);
  });

  it('unless the deployment was over', () => {
    expect(counted(entry('deploying'), entry('halted'), entry('rollingBack', { note: 'late', processId: OTHER, takenFrom: MAKER }))).toEqual(['deploying', 'halted']);
  });

  it('once, if it was written twice because a response was lost', () => {
    expect(counted(entry('deploying'), entry('deploying'), entry('verifying'))).toEqual(['deploying', 'verifying']);
  });

  it('for each share of the traffic, though its note is the same', () => {
    const shares = [10, 10, 50, 100].map((weight) => entry('promoting', { note: 'healthy', weight }));
    expect(countingEntries([entry('deploying'), entry('verifying'), ...shares], MAKER).map(({ weight }) => weight)).toEqual([undefined, undefined, 10, 50, 100]);
  });

  it('if its process holds the lease: its maker, or the first one that took it from the holder', () => {
    expect(counted(
      entry('deploying'),
      entry('verifying', { note: 'of nobody', processId: OTHER }),
      entry('rollingBack', { note: 'taken', processId: OTHER, takenFrom: MAKER }),
      entry('rollingBack', { note: 'too late', processId: '3.1.third', takenFrom: MAKER }),
      entry('rollingBack', { note: 'the maker again' }),
      entry('rolledBack', { note: 'done', processId: OTHER }),
    )).toEqual(['deploying', 'taken', 'done']);
  });
});

describe('the holder of the lease', () => {
  it('is the maker of the record until another process takes it', () => {
    expect(leaseHolderOf(MAKER, [entry('pending', { processId: undefined })])).toEqual({ processId: MAKER, isReleased: false });
    expect(leaseHolderOf(MAKER, [entry('deploying'), entry('rollingBack', { processId: OTHER })])).toEqual({ processId: OTHER, isReleased: false });
  });

  it('has released it only by its last entry', () => {
    const released = entry('confirming', { releasesLease: true });
    expect(leaseHolderOf(MAKER, [entry('baking'), released])).toEqual({ processId: MAKER, isReleased: true });
    expect(leaseHolderOf(MAKER, [released, entry('confirming', { processId: OTHER })])).toEqual({ processId: OTHER, isReleased: false });
  });
});

describe('the share of the traffic', () => {
  const promoting = (weight: number) => entry('promoting', { weight });

  it('is the last one that was recorded', () => {
    expect([weightOf([promoting(10), promoting(50), entry('rollingBack')]), weightOf([entry('promoting')])]).toEqual([50, undefined]);
  });

  it.each<[string, number | undefined, Entry[]]>([
    ['during a step', 50, [promoting(10), promoting(50)]],
    ['halted in a step', 10, [promoting(10), entry('halted')]],
    ['not once it has all of it', undefined, [promoting(10), promoting(100)]],
    ['not in the bake', undefined, [promoting(10), entry('baking')]],
    ['not after a rollback that failed: nobody knows it', undefined, [promoting(10), entry('rollingBack'), entry('halted')]],
    ['not where all traffic moves at once', undefined, [entry('promoting')]],
  ])('is shared with Stable: %s', (_, weight, entries) => {
    expect(sharedWeight({ entries, state: entries.at(-1)!.state })).toBe(weight);
  });
});
