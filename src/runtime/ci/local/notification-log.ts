import { existsSync, readFileSync } from 'node:fs';
import { writeWhole } from '../../files/durable-file';
import type { LedgerRecord } from '../../ledger/ledger';
import { isObject, isText } from '../../ledger/record';
import { NotificationMark, NotificationLog } from '../../notifications/notification-log';

/** Where the ledger is a file: one more beside it, replaced as a whole. What cannot be read counts as nothing: then it is told again. */
export class FileNotificationLog implements NotificationLog {
  /** @param path of the file; made when somebody is told */
  constructor(private readonly path: string) {}

  public async of({ id }: LedgerRecord): Promise<NotificationMark[]> {
    return this.read()[id] ?? [];
  }

  public async add({ id }: LedgerRecord, mark: NotificationMark): Promise<void> {
    const all = this.read();
    writeWhole(this.path, `${JSON.stringify({ ...all, [id]: [...(all[id] ?? []), mark] }, null, 2)}\n`);
  }

  private read(): Record<string, NotificationMark[]> {
    if (!existsSync(this.path)) return {};
    try {
      const all: unknown = JSON.parse(readFileSync(this.path, 'utf8'));
      if (!isObject(all)) return {};
      return Object.fromEntries(Object.entries(all).map(([id, marks]) => [id, Array.isArray(marks) ? marks.filter(isMark) : []]));
    } catch {
      return {};
    }
  }
}

function isMark(value: unknown): value is NotificationMark {
  return isObject(value) && isText(value.processId) && Array.isArray(value.told) && value.told.every(isText);
}
