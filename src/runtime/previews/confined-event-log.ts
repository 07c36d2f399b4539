import { AppendOptions, Event, EventLog, EventLogError, NewEvent, NewStream, Stream, StreamList, StreamQuery, StreamRef } from '../event-log/event-log';

/** The event log of a process that runs the code of a pull request: it reads and writes the streams of one environment, and refuses all others. */
export class ConfinedEventLog implements EventLog {
  public readonly place: string;
  public readonly textLimit: number;

  constructor(private readonly whole: EventLog, private readonly environment: string) {
    this.place = whole.place;
    this.textLimit = whole.textLimit;
  }

  public async streams(query: StreamQuery): Promise<StreamList> {
    this.check(query.environment);
    return this.whole.streams({ ...query, environment: this.environment });
  }

  public async create(stream: NewStream): Promise<Stream> {
    this.check(stream.environment);
    return this.whole.create(stream);
  }

  public async append(stream: StreamRef, event: NewEvent, options?: AppendOptions): Promise<Event> {
    this.check(stream.environment);
    return this.whole.append(stream, event, options);
  }

  public async read(stream: StreamRef): Promise<Event[]> {
    this.check(stream.environment);
    return this.whole.read(stream);
  }

  public notUnderstood(stream: StreamRef, reason: string): void {
    this.whole.notUnderstood(stream, reason);
  }

  private check(environment: string | undefined): void {
    if (environment === undefined || environment === this.environment) return;
    throw new EventLogError(`this process may use the records of ${this.environment} only, and not those of ${environment}: it runs the code of a pull request.`);
  }
}
