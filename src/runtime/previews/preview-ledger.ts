import { ConfinedEventLog } from './confined-event-log';
import { EnvironmentLockedError } from '../errors';
import { Ledger, LedgerOptions, RecordQuestion } from '../ledger/ledger';
import { LedgerRecord, RecordKind } from '../ledger/record';

const REMOVALS: readonly RecordKind[] = ['removal', 'removed'];

/** Whether the record ends one life of a preview: what was recorded before says nothing of what is there now. */
export function isRemoval({ kind }: Pick<LedgerRecord, 'kind'>): boolean {
  return REMOVALS.includes(kind);
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
    const end = all.findIndex(isRemoval);
    const since = end < 0 ? all : all.slice(0, end);
    return sha === undefined ? since : since.filter(({ release }) => release.sha === sha);
  }

  /** The removal that another run is working on, if there is one. */
  public async removing(records?: readonly LedgerRecord[]): Promise<LedgerRecord | undefined> {
    const last = (records ?? await this.allRecords()).find(isRemoval);
    if (last?.kind !== 'removal' || last.run.id === this.runId()) return undefined;
    return await this.isAlive(last.run) ? last : undefined;
  }
}
