import { createHash } from 'node:crypto';
import type { LedgerRecord } from '../ledger/ledger';

/** What somebody wrote beside a deployment's record about telling of it. */
export interface NotificationMark {
  /** The process that wrote it: `<run id>.<attempt>.<random>`. */
  readonly processId: string;
  /** The channels that were told, as `channelMark` spells them; empty where it only says that its author is about to notify. */
  readonly told: readonly string[];
}

/** Who was told of what became of a deployment: beside its record in the ledger, where it changes nothing of the record's history. */
export interface NotificationLog {
  /** Oldest first. Rejects where they cannot be read. */
  of(record: LedgerRecord): Promise<NotificationMark[]>;
  /** Rejects where it could not be written. */
  add(record: LedgerRecord, mark: NotificationMark): Promise<void>;
}

/** A channel as a mark spells it: short, and the same as long as the channel is called the same. */
export function channelMark(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8);
}
