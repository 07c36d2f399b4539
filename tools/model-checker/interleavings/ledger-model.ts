import { DecisionCode } from './decision-code';
import { Numbers } from './numbers';
import type { State } from '../../../src/runtime/deployment/state-machine';
import type { Entry, NewEntry } from '../../../src/runtime/ledger/entries';
import type { LedgerRecord, NewRecord } from '../../../src/runtime/ledger/record';

/** A record with every entry that was ever written to it, counted or not. Never changed; a write makes a new one. */
export interface Stored {
  readonly record: LedgerRecord;
  readonly entries: readonly Entry[];
  /** The same for what is the same. */
  readonly recordKey: number;
  readonly key: number;
  /** Without its last entry, as a list shows it that lags. */
  readonly before?: Stored;
}

/** Where a record stands, as the code reads it from what is stored. */
export interface Standing {
  readonly entries: readonly Entry[];
  readonly state: State;
  /** Reckoned here, from the contract and not by the code: the process that carries it. */
  readonly carrier: string;
  readonly isFinal: boolean;
  readonly key: number;
}

const FINAL: readonly State[] = ['stable', 'rolledBack', 'halted', 'failed', 'superseded'];
const FIRST_DAY = Date.UTC(2026, 0, 1);

/** The ledger as GitHub keeps it: ids in the order of creation, entries in the order of writing, no compare-and-swap. */
export class LedgerModel {
  private readonly standings = new Map<number, Standing>();
  private readonly stored = new Map<number, Stored>();
  private readonly numbers = new Numbers();

  constructor(private readonly code: DecisionCode) {}

  /** Times are the same however steps are mixed: only their order within a record means anything. */
  public create(ledger: readonly Stored[], made: NewRecord): Stored[] {
    const id = ledger.length + 1;
    const key = this.numbers.of(`record ${id} ${JSON.stringify(made)}`);
    return [...ledger, this.once(key, () => {
      const record: LedgerRecord = { ...structuredClone(made), id: String(id), createdAt: at(id, 0) };
      return { record, entries: [], recordKey: key, key };
    })];
  }

  public advance(ledger: readonly Stored[], recordId: string, entry: NewEntry): Stored[] {
    return ledger.map((stored) => {
      if (stored.record.id !== recordId) return stored;
      const key = this.numbers.of(`${stored.key} ${JSON.stringify(entry)}`);
      return this.once(key, () => {
        const written: Entry = { ...structuredClone(entry), at: at(Number(recordId), stored.entries.length + 1) };
        return { ...stored, entries: [...stored.entries, written], key, before: stored };
      });
    });
  }

  /** All processes share it: none can change it. */
  private once(key: number, make: () => Stored): Stored {
    const known = this.stored.get(key);
    if (known) return known;
    const made = frozen(make());
    this.stored.set(key, made);
    return made;
  }

  public standing(stored: Stored): Standing {
    const known = this.standings.get(stored.key);
    if (known) return known;
    const pending: Entry = { state: 'pending', note: '', at: stored.record.createdAt };
    const entries = this.code.countingEntries([pending, ...stored.entries], stored.record.processId);
    const state = entries.at(-1)!.state;
    const standing: Standing = frozen({
      entries,
      state,
      carrier: carrierOf(stored.record.processId, entries),
      isFinal: FINAL.includes(state),
      key: this.numbers.of(JSON.stringify(entries)),
    });
    this.standings.set(stored.key, standing);
    return standing;
  }
}

/** Nothing in it can be changed any more. */
function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value) as unknown[]) if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) frozen(part);
  return Object.freeze(value);
}

function at(recordId: number, entry: number): string {
  return new Date(FIRST_DAY + recordId * 86_400_000 + entry * 1000).toISOString();
}

/** An entry that names the carrier as the one it takes the record from takes it; what others write changes nothing. */
function carrierOf(creator: string, counted: readonly Entry[]): string {
  return counted.reduce((carrier, { processId, takenFrom }) => (takenFrom === carrier && processId !== undefined ? processId : carrier), creator);
}
