import { Event, EventLog } from '../event-log/event-log';
import { refOf } from '../ledger/ledger';
import type { LedgerRecord } from '../ledger/record';

/** Who was notified of a deployment, by one process. */
export interface NotificationEntry {
  /** The process that wrote it. @see newProcessId */
  readonly processId: string;
  /** The channels that were notified, as `channelKey` writes them; empty while the process is notifying them. */
  readonly notified: readonly string[];
  /** Likewise, those that it could not reach. @default - none */
  readonly failed?: readonly string[];
}

export interface WrittenEntry extends Required<NotificationEntry> {
  /** ISO 8601, by the clock of the place. */
  readonly at: string;
}

/** How long writing an entry is retried. */
const PATIENCE_MS = 10_000;
const NOTIFIED = 'notified=';
const FAILED = 'failed=';

/**
 * Records who was notified of a deployment: events of its record that repeat the last state. They change neither what GitHub shows nor
 * the history, because nothing counts after a final state. Rejects with `EventLogError`.
 */
export class NotificationLog {
  /** @param eventLog that of the ledger */
  constructor(private readonly eventLog: EventLog) {}

  /** Oldest first. */
  public async of(record: LedgerRecord): Promise<WrittenEntry[]> {
    return (await this.eventLog.read(refOf(record))).map(readEntry).filter((entry) => entry !== undefined);
  }

  public async add(record: LedgerRecord, { processId, notified, failed = [] }: NotificationEntry): Promise<void> {
    const last = (await this.eventLog.read(refOf(record))).filter((event) => !readEntry(event)).at(-1);
    if (!last) throw new Error(`record ${record.id} has no state to mark`);
    const { status, text, url } = last;
    const fields = [`${NOTIFIED}${notified.join('.')}`, ...(failed.length > 0 ? [`${FAILED}${failed.join('.')}`] : [])];
    await this.eventLog.append(refOf(record), { status, text, processId, fields, ...(url !== undefined && { url }) }, { patienceMs: PATIENCE_MS });
  }
}

function readEntry({ at, fields, processId }: Event): WrittenEntry | undefined {
  const namedIn = (name: string) => fields.find((field) => field.startsWith(name))?.slice(name.length).split('.').filter((channel) => channel !== '');
  const notified = namedIn(NOTIFIED);
  return notified === undefined || processId === undefined ? undefined : { processId, notified, failed: namedIn(FAILED) ?? [], at };
}
