import { countingEntries } from '../../../src/runtime/ledger/entries';
import { Entry, Ledger, LedgerRecord, NewEntry, NewRecord, RecordQuestion } from '../../../src/runtime/ledger/ledger';

const FIRST_DAY = Date.UTC(2026, 0, 1);

/** A ledger without files or network: for histories by the thousand. */
export class MemoryLedger implements Ledger {
  public readonly place = 'memory';
  private readonly stored: { readonly record: LedgerRecord; readonly entries: Entry[] }[] = [];
  private writes = 0;

  public async records(environment: string, { sha }: RecordQuestion = {}): Promise<LedgerRecord[]> {
    const isMeant = (record: LedgerRecord) => record.environment === environment && (!sha || record.release.sha === sha);
    return this.stored.map(({ record }) => record).filter(isMeant).reverse();
  }

  public async history(record: LedgerRecord): Promise<Entry[]> {
    return countingEntries(this.entriesOf(record), record.processId);
  }

  public async create(made: NewRecord): Promise<LedgerRecord> {
    const at = this.timestamp();
    const record = { ...made, id: String(this.stored.length + 1), createdAt: at };
    this.stored.push({ record, entries: [{ state: 'pending', note: '', at }] });
    return record;
  }

  public async advance(record: LedgerRecord, entry: NewEntry): Promise<void> {
    this.entriesOf(record).push({ ...entry, at: this.timestamp() });
  }

  public async isAlive(): Promise<boolean> {
    return false;
  }

  private entriesOf({ id }: LedgerRecord): Entry[] {
    return this.stored[Number(id) - 1].entries;
  }

  private timestamp(): string {
    return new Date(FIRST_DAY + 1000 * this.writes++).toISOString();
  }
}
