import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FileLock } from './file-lock';
import { Clock } from '../../clock';
import {
  AppendOptions, asWritten, Event, EventLog, EventLogError, newestFirst, NewEvent, NewStream, Stream, StreamList, StreamQuery, StreamRef,
} from '../../event-log/event-log';
import { isSchema, newerSchemaError, readVersion, SCHEMA, upgradedEvent, upgradedRecord, WRITTEN } from '../../event-log/schema';
import { removeIfThere, writeDurably, writeWhole } from '../../files/durable-file';
import { fileFault, isFull } from '../../files/file-error';
import { isNumber, isObject, isOptionalText, isText } from '../../json-value';

export interface FileEventLogOptions {
  readonly path: string;
  readonly clock: Clock;
  /** The subproject whose streams are read and written. @default - the root project */
  readonly project?: string;
  /** How long to wait for another process that writes, in milliseconds. @default 10000 */
  readonly patienceMs?: number;
  /** How many streams are kept: the newest ones, and of each environment the newest. @default - all */
  readonly keep?: number;
  /** The title of the file in messages: `<title> <path> is damaged`. @default 'the ledger' */
  readonly title?: string;
  /** The fix for a damaged file. @default - to restore it */
  readonly remedy?: () => string;
}

/** In bytes: more than the events of any deployment take. */
const ROOM_FOR_A_DEPLOYMENT = 65_536;

type Edit<T> = (content: Content) => { readonly content: Content; readonly result: T };

interface Content {
  /** Of the streams. */
  readonly lastId: number;
  readonly lastEventId: number;
  /** The largest number of a run. */
  readonly lastRun: number;
  readonly streams: readonly StoredStream[];
}

interface StoredStream extends Stream {
  readonly project?: string;
  readonly events: readonly Event[];
}

/**
 * Streams in one JSON file, which is replaced as a whole, so that readers never see a partial file. A lock prevents concurrent
 * writes.
 */
export class FileEventLog implements EventLog {
  public readonly place: string;
  public readonly textLimit = 1000;

  constructor(private readonly options: FileEventLogOptions) {
    this.place = options.path;
  }

  public async streams({ topic, environment, sha }: StreamQuery): Promise<StreamList> {
    const isMeant = (one: StoredStream) => one.topic === topic && one.project === this.options.project
      && (environment === undefined || one.environment === environment) && (sha === undefined || one.sha === sha);
    return { streams: this.contents().streams.filter(isMeant).map(withoutEvents).sort(newestFirst), isComplete: true };
  }

  public async create({ environment, record, reservesRoom, sha, topic }: NewStream): Promise<Stream> {
    return this.change((content) => {
      if (reservesRoom) this.reserveRoom();
      const lastId = content.lastId + 1;
      // as another process will read it
      const plain = JSON.parse(JSON.stringify(record)) as Stream['record'];
      const { writtenBy } = WRITTEN;
      const stream: Stream = {
        id: String(lastId), topic, environment, sha, key: randomUUID(), createdAt: this.timestamp(), record: plain, writtenBy,
      };
      const { project } = this.options;
      const streams = this.kept([...content.streams, { ...stream, ...(project !== undefined && { project }), events: [] }]);
      return { content: { ...content, lastId, streams }, result: stream };
    });
  }

  public async append(ref: StreamRef, event: NewEvent, { patienceMs }: AppendOptions = {}): Promise<Event> {
    const { fields, processId, status, text, url } = asWritten(event, this.textLimit);
    return this.change((content) => {
      const stored = this.find(content, ref);
      const lastEventId = content.lastEventId + 1;
      const written: Event = { id: String(lastEventId), status, text, fields, processId, ...(url !== undefined && { url }), at: this.timestamp() };
      const longer = { ...stored, events: [...stored.events, written] };
      return { content: { ...content, lastEventId, streams: content.streams.map((other) => (other === stored ? longer : other)) }, result: written };
    }, patienceMs);
  }

  public async read(ref: StreamRef): Promise<Event[]> {
    return [...this.find(this.contents(), ref).events];
  }

  /** Runs while no other process writes to the file. */
  public notUnderstood(_: StreamRef, reason: string): never {
    throw this.damaged(reason);
  }

  /** Locks an environment until the returned function is called, or this process ends. */
  public async hold(environment: string): Promise<() => void> {
    const name = this.options.project === undefined ? environment : `${this.options.project}/${environment}`;
    const lock = await this.withReserve(() => FileLock.acquire({
      path: `${this.place}.${name.replace(/[^A-Za-z0-9_-]/g, '_')}.lock`,
      clock: this.options.clock,
      patienceMs: 0,
      what: `the environment ${environment}`,
    }));
    return () => lock.release();
  }

  /** The number of a run that begins now: larger than that of every run before it, of all projects. */
  public nextRun(): number {
    const { lastRun, streams } = this.contents();
    return streams.reduce((last, { record }) => Math.max(last, runOf(record)), lastRun) + 1;
  }

  /** Likewise, and no other run gets that number. */
  public async beginRun(): Promise<number> {
    return this.change((content) => {
      const lastRun = this.nextRun();
      return { content: { ...content, lastRun }, result: lastRun };
    });
  }

  private change<T>(edit: Edit<T>, patienceMs = this.options.patienceMs ?? 10_000): Promise<T> {
    return this.withReserve(async () => {
      const { clock } = this.options;
      const lock = await FileLock.acquire({ path: `${this.place}.lock`, clock, patienceMs, what: this.title });
      try {
        // nothing is awaited between reading and writing
        const { content, result } = edit(this.contents());
        this.write(content);
        return result;
      } finally {
        lock.release();
      }
    });
  }

  private contents(): Content {
    let text: string;
    try {
      text = readFileSync(this.place, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { lastId: 0, lastEventId: 0, lastRun: 0, streams: [] };
      throw this.fault(`${this.title} could not be read`, error);
    }
    return this.parse(text);
  }

  private parse(text: string): Content {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw this.damaged((error as Error).message);
    }
    if (!isObject(value) || !isSchema(value.schema)) throw this.damaged('it has no schema');
    if (value.schema > SCHEMA) throw newerSchemaError(this.title, { schema: value.schema, writtenBy: readVersion(value.writtenBy) });
    const { lastEventId, lastId, lastRun, schema, streams } = value;
    if (!isNumber(lastId) || !isNumber(lastEventId) || !isNumber(lastRun) || !Array.isArray(streams)) {
      throw this.damaged('it has no lastId, lastEventId, lastRun and streams');
    }
    streams.forEach((stream, index) => {
      if (!isStored(stream)) throw this.damaged(`record ${index + 1} is invalid`);
    });
    return { lastId, lastEventId, lastRun, streams: (streams as StoredStream[]).map((stream) => upgraded(stream, schema)) };
  }

  private write(content: Content): void {
    try {
      writeWhole(this.place, `${JSON.stringify({ ...WRITTEN, ...content }, null, 2)}\n`);
    } catch (error) {
      throw this.fault(`${this.title} could not be written`, error);
    }
  }

  private kept(streams: readonly StoredStream[]): readonly StoredStream[] {
    const { keep } = this.options;
    if (keep === undefined) return streams;
    const last = new Map(streams.map((stream) => [`${stream.project}/${stream.environment}`, stream]));
    return streams.filter((stream, index) => index >= streams.length - keep || last.get(`${stream.project}/${stream.environment}`) === stream);
  }

  /**
   * Reserves disk space in a file beside this one, so that a deployment that began can record its end. It is deleted when the disk is
   * full.
   */
  private reserveRoom(): void {
    // the new file is written beside the old one
    const needed = sizeOf(this.place) + ROOM_FOR_A_DEPLOYMENT;
    if (sizeOf(this.reserve) >= needed) return;
    try {
      // no file system can store it in less
      writeDurably(this.reserve, randomBytes(needed + ROOM_FOR_A_DEPLOYMENT));
    } catch (error) {
      removeIfThere(this.reserve);
      throw this.fault(`nothing was changed: beside ${this.title} there is no room for what a deployment records`, error);
    }
  }

  private async withReserve<T>(work: () => Promise<T>): Promise<T> {
    this.makeFolder();
    try {
      return await work();
    } catch (error) {
      const mayFit = error instanceof EventLogError && isFull(error.cause) && removeIfThere(this.reserve);
      if (!mayFit) throw error;
      return work();
    }
  }

  private get reserve(): string {
    return `${this.place}.reserve`;
  }

  private makeFolder(): void {
    try {
      mkdirSync(dirname(this.place), { recursive: true });
    } catch (error) {
      throw this.fault(`the folder of ${this.title} could not be made`, error);
    }
  }

  private find({ streams }: Content, { id }: StreamRef): StoredStream {
    const found = streams.find((stream) => stream.id === id && stream.project === this.options.project);
    if (!found) throw this.damaged(`it has no record ${id} any more`);
    return found;
  }

  /** For people only: nothing is ordered by it, so a wrong clock does no harm. */
  private timestamp(): string {
    return new Date(this.options.clock.now()).toISOString();
  }

  private get title(): string {
    return `${this.options.title ?? 'the ledger'} ${this.place}`;
  }

  private damaged(reason: string): EventLogError {
    return new EventLogError(`${this.title} is damaged: ${reason}. ${this.options.remedy?.() ?? 'Restore it from a backup.'}`);
  }

  private fault(what: string, error: unknown): EventLogError {
    return new EventLogError(`${what} (${fileFault(error)} Or move the ledger to another place, and name it there: DELIVERY_LEDGER=<path>).`, { cause: error });
  }
}

function isStored(value: unknown): value is StoredStream {
  return isObject(value) && ['id', 'topic', 'environment', 'sha', 'key'].every((name) => isText(value[name])) && isTime(value.createdAt)
    && isObject(value.record) && isOptionalText(value.writtenBy)
    && (value.project === undefined || isText(value.project)) && Array.isArray(value.events) && value.events.every(isEvent);
}

function isEvent(value: unknown): value is Event {
  return isObject(value) && isText(value.id) && isText(value.status) && isText(value.text) && isTime(value.at) && isText(value.processId)
    && Array.isArray(value.fields) && value.fields.every(isText);
}

function isTime(value: unknown): boolean {
  return isText(value) && !Number.isNaN(Date.parse(value));
}

function upgraded(stream: StoredStream, schema: number): StoredStream {
  const { events, record, topic } = stream;
  return { ...stream, record: upgradedRecord(record, topic, schema), events: events.map((event) => upgradedEvent(event, topic, schema)) };
}

function withoutEvents({ events: _, project: __, ...stream }: StoredStream): Stream {
  return stream;
}

function runOf({ run }: Stream['record']): number {
  return isObject(run) && isNumber(run.id) ? run.id : 0;
}

/** In bytes; 0 where there is none. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
