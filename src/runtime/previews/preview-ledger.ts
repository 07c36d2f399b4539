import { ConfinedEventLog } from './confined-event-log';
import { EnvironmentLockedError } from '../errors';
import { Ledger, LedgerOptions, RecordQuestion } from '../ledger/ledger';
import { LedgerRecord, RecordKind } from '../ledger/record';

const REMOVALS: readonly RecordKind[] = ['removal', 'removed'];

/** Whether the record ends one life of a preview: what was recorded before says nothing of what is there now. */
export function isRemoval({ kind }: Pick<LedgerRecord, 'kind'>): boolean {
  return REMOVALS.includes(kind);
}

/**
 * The records that the last removal does not end, newest first: those after it, and those of newer runs before it, to which it gives way.
 */
export function sinceRemoval(newestFirst: readonly LedgerRecord[]): LedgerRecord[] {
  const end = newestFirst.findIndex(isRemoval);
  if (end < 0) return [...newestFirst];
  const { run } = newestFirst[end]!;
  return newestFirst.filter((record, i) => !isRemoval(record) && (i < end || record.run.id > run.id));
}

/** The records of one preview since its last removal. Those of other environments are out of reach. */
export class PreviewLedger extends Ledger {
  /** @param runId this run: its own removal does not lock it out */
  constructor(private readonly whole: LedgerOptions, private readonly preview: string, private readonly runId: () => number) {
    super({ ...whole, eventLog: new ConfinedEventLog(whole.eventLog, preview) });
  }

  public masked(mask: (text: string) => string): PreviewLedger {
    return new PreviewLedger({ ...this.whole, mask }, this.preview, this.runId);
  }

  /** All records of the preview, newest first. */
  public allRecords(): Promise<LedgerRecord[]> {
    return super.records(this.preview);
  }

  /**
   * The records since the last removal, newest first. They are few, so all are read. Rejects with `EnvironmentLockedError` while another run
   * removes the preview: a deployment reads them again after its claim, and gives way.
   */
  public async records(environment: string, { sha }: RecordQuestion = {}): Promise<LedgerRecord[]> {
    const all = await super.records(environment);
    const removing = await this.removing(all);
    if (removing) throw new EnvironmentLockedError(`${environment} is being removed by run ${removing.run.id}. Nothing else was changed: run this again when that run is done.`);
    const since = sinceRemoval(all);
    return sha === undefined ? since : since.filter(({ release }) => release.sha === sha);
  }

  /** The removal that another run is working on, if there is one. It gives way to a newer run that deployed before it. */
  public async removing(records?: readonly LedgerRecord[]): Promise<LedgerRecord | undefined> {
    const all = records ?? await this.allRecords();
    const end = all.findIndex(isRemoval);
    const last = all[end];
    if (last?.kind !== 'removal' || last.run.id === this.runId()) return undefined;
    if (sinceRemoval(all).some((record) => all.indexOf(record) > end)) return undefined;
    return await this.isAlive(last.run) ? last : undefined;
  }
}
