import { asWritten, Event, EventLog, newestFirst, NewEvent, NewStream, Stream, StreamList, StreamQuery, StreamRef } from '../../../src/runtime/event-log/event-log';
import { Ledger } from '../../../src/runtime/ledger/ledger';

const FIRST_DAY = Date.UTC(2026, 0, 1);

/** An event log without files or network: for histories by the thousand. */
export class MemoryEventLog implements EventLog {
  public readonly place = 'memory';
  public readonly textLimit = 140;
  private readonly stored: { readonly stream: Stream; readonly events: Event[] }[] = [];
  private writes = 0;

  public async streams({ topic, environment, sha }: StreamQuery): Promise<StreamList> {
    const isMeant = (one: Stream) => one.topic === topic && (!environment || one.environment === environment) && (!sha || one.sha === sha);
    return { streams: this.stored.map(({ stream }) => stream).filter(isMeant).sort(newestFirst), isComplete: true };
  }

  public async create({ environment, record, sha, topic }: NewStream): Promise<Stream> {
    const id = String(this.stored.length + 1);
    const stream = { topic, environment, sha, record, id, key: id, createdAt: this.timestamp() };
    this.stored.push({ stream, events: [] });
    return stream;
  }

  public async append({ id }: StreamRef, event: NewEvent): Promise<Event> {
    const { fields, processId, status, text, url } = asWritten(event, this.textLimit);
    const written: Event = { id: String(this.writes + 1), status, text, fields, processId, url, at: this.timestamp() };
    this.stored[Number(id) - 1].events.push(written);
    return written;
  }

  public async read({ id }: StreamRef): Promise<Event[]> {
    return [...this.stored[Number(id) - 1].events];
  }

  public notUnderstood({ id }: StreamRef, reason: string): void {
    throw new Error(`stream ${id}: ${reason}`);
  }

  private timestamp(): string {
    return new Date(FIRST_DAY + 1000 * this.writes++).toISOString();
  }
}

export function memoryLedger(): Ledger {
  return new Ledger({ eventLog: new MemoryEventLog(), isAlive: async () => false });
}
