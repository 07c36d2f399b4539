import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FileLock } from './file-lock';
import { keyOf } from '../../../contract/manifest';
import { Clock } from '../../clock';
import { STATES } from '../../deployment/state-machine';
import { removeIfThere, writeDurably, writeWhole } from '../../files/durable-file';
import { fileFault, isFull } from '../../files/file-error';
import { countingEntries } from '../../ledger/entries';
import { Entry, isDecision, Ledger, LedgerError, LedgerRecord, NewEntry, NewRecord, RecordQuestion } from '../../ledger/ledger';
import { newestFirst } from '../../ledger/order';
import { isNumber, isObject, isText, readRecord } from '../../ledger/record';
import { DELIVERY, unlessEjected } from '../../reporting/ejected';

export interface FileLedgerOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Whose records these are: those of other projects in the file are not seen. @default - the root project's */
  readonly project?: string;
  /** How long to wait for another process that writes, in milliseconds. @default 10000 */
  readonly patienceMs?: number;
}

const SCHEMA = 1;
/** In bytes: more than the entries of a deployment take, whatever they say. */
const ROOM_FOR_A_DEPLOYMENT = 65_536;

type Edit<T> = (content: Content) => { readonly content: Content; readonly result: T };

interface Content {
  readonly lastId: number;
  /** The largest number that a run was given. */
  readonly lastRun: number;
  readonly records: StoredRecord[];
}

interface StoredRecord extends LedgerRecord {
  readonly entries: Entry[];
}

/** The ledger of a laptop: one JSON file, replaced as a whole, so that it is never seen half written. */
export class FileLedger implements Ledger {
  public readonly place: string;
  private readonly clock: Clock;
  private readonly patienceMs: number;
  private readonly project?: string;

  constructor(options: FileLedgerOptions) {
    this.place = options.path;
    this.clock = options.clock;
    this.patienceMs = options.patienceMs ?? 10_000;
    this.project = options.project;
  }

  public async records(environment: string, { sha }: RecordQuestion = {}): Promise<LedgerRecord[]> {
    const key = keyOf(environment, this.project);
    const ours = this.read().records.filter((stored) => stored.environment === key && (!sha || stored.release.sha === sha));
    return ours.map((stored) => ({ ...withoutEntries(stored), environment })).sort(newestFirst);
  }

  public async history(record: LedgerRecord): Promise<Entry[]> {
    return countingEntries(this.find(this.read(), record).entries, record.processId);
  }

  /** Whoever works on an environment holds it: nobody else can be at work. */
  public async isAlive(): Promise<boolean> {
    return false;
  }

  public async create(record: NewRecord): Promise<LedgerRecord> {
    return this.change((content) => {
      // a rollback never waits for room
      if (!isDecision(record) && record.kind !== 'rollback') this.reserveRoom();
      const id = content.lastId + 1;
      const at = this.timestamp();
      const made: LedgerRecord = { ...record, id: String(id), createdAt: at };
      const stored = { ...made, environment: keyOf(record.environment, this.project), entries: [{ state: 'pending', note: '', at } as const] };
      return { content: { ...content, lastId: id, records: [...content.records, stored] }, result: made };
    });
  }

  public async advance(record: LedgerRecord, entry: NewEntry): Promise<void> {
    await this.change((content) => {
      const stored = this.find(content, record);
      const advanced = { ...stored, entries: [...stored.entries, { ...entry, at: this.timestamp() }] };
      return { content: { ...content, records: content.records.map((other) => (other === stored ? advanced : other)) }, result: undefined };
    });
  }

  public async hold(environment: string): Promise<() => void> {
    this.makeFolder();
    const lock = await this.withReserve(() => FileLock.acquire({
      path: `${this.place}.${keyOf(environment, this.project).replace(/[^A-Za-z0-9_-]/g, '_')}.lock`,
      clock: this.clock,
      patienceMs: 0,
      what: `the environment ${environment}`,
    }));
    return () => lock.release();
  }

  public nextRun(): number {
    const { lastRun, records } = this.read();
    return records.reduce((last, { run }) => Math.max(last, run.id), lastRun) + 1;
  }

  public async beginRun(): Promise<number> {
    return this.change((content) => {
      const run = this.nextRun();
      return { content: { ...content, lastRun: run }, result: run };
    });
  }

  private change<T>(edit: Edit<T>): Promise<T> {
    this.makeFolder();
    return this.withReserve(() => this.changeOnce(edit));
  }

  private async changeOnce<T>(edit: Edit<T>): Promise<T> {
    const lock = await FileLock.acquire({ path: `${this.place}.lock`, clock: this.clock, patienceMs: this.patienceMs, what: `the ledger ${this.place}` });
    try {
      // nothing is awaited between reading and writing
      const { content, result } = edit(this.read());
      this.write(content);
      return result;
    } finally {
      lock.release();
    }
  }

  private read(): Content {
    let text: string;
    try {
      text = readFileSync(this.place, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { lastId: 0, lastRun: 0, records: [] };
      throw fault(`the ledger ${this.place} could not be read`, error);
    }
    return this.parse(text);
  }

  private parse(text: string): Content {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw this.corrupt((error as Error).message);
    }
    if (!isObject(value) || !isNumber(value.schema) || !isNumber(value.lastId) || !isNumber(value.lastRun) || !Array.isArray(value.records)) throw this.corrupt('it has no schema, lastId, lastRun and records');
    if (value.schema > SCHEMA) {
      throw new LedgerError(`the ledger ${this.place} was written by a newer projen-delivery (schema ${value.schema}, this one knows ${SCHEMA}). ${unlessEjected('Update projen-delivery and run `npx projen`', 'Take .projen from the checkout that wrote it')}.`);
    }
    return { lastId: value.lastId, lastRun: value.lastRun, records: value.records.map((stored, index) => readStored(stored) ?? this.refuse(`record ${index + 1} is none`)) };
  }

  private write(content: Content): void {
    try {
      writeWhole(this.place, `${JSON.stringify({ schema: SCHEMA, ...content }, null, 2)}\n`);
    } catch (error) {
      throw fault(`the ledger ${this.place} could not be written`, error);
    }
  }

  /**
   * A deployment that began can always record how it ends: a file beside the ledger takes the room for that in advance,
   * and is given up when the disk is full.
   */
  private reserveRoom(): void {
    // the new ledger is written beside the old one
    const needed = sizeOf(this.place) + ROOM_FOR_A_DEPLOYMENT;
    if (sizeOf(this.reserve) >= needed) return;
    try {
      // no file system can store it in less
      writeDurably(this.reserve, randomBytes(needed + ROOM_FOR_A_DEPLOYMENT));
    } catch (error) {
      removeIfThere(this.reserve);
      throw fault(`nothing was changed: beside the ledger ${this.place} there is no room for what a deployment records`, error);
    }
  }

  private async withReserve<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const mayFit = error instanceof LedgerError && isFull(error.cause) && removeIfThere(this.reserve);
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
      throw fault(`the folder of the ledger ${this.place} could not be made`, error);
    }
  }

  private find(content: Content, record: LedgerRecord): StoredRecord {
    return content.records.find(({ id }) => id === record.id) ?? this.refuse(`it has no record ${record.id} any more`);
  }

  /** For people: nothing is ordered by it, so a clock that is wrong does no harm. */
  private timestamp(): string {
    return new Date(this.clock.now()).toISOString();
  }

  private refuse(reason: string): never {
    throw this.corrupt(reason);
  }

  private corrupt(reason: string): LedgerError {
    return new LedgerError(
      `the ledger ${this.place} is damaged: ${reason}. Restore it from a backup, or move it away and record what is live: ${DELIVERY} adopt <environment> --release <version>.`,
    );
  }
}

function readStored(value: unknown): StoredRecord | undefined {
  const record = readRecord(value);
  if (!record || !isObject(value)) return undefined;
  const { id, createdAt, entries } = value;
  if (!isText(id) || !isTime(createdAt) || !Array.isArray(entries) || entries.length === 0 || !entries.every(isEntry)) return undefined;
  return { ...record, id, createdAt, entries };
}

function isEntry(value: unknown): value is Entry {
  return isObject(value) && (STATES as readonly unknown[]).includes(value.state) && isText(value.note) && isTime(value.at);
}

function isTime(value: unknown): value is string {
  return isText(value) && !Number.isNaN(Date.parse(value));
}

function withoutEntries({ entries: _, ...record }: StoredRecord): LedgerRecord {
  return record;
}

function fault(what: string, error: unknown): LedgerError {
  return new LedgerError(`${what} (${fileFault(error)} Or choose another place with DELIVERY_LEDGER).`, { cause: error });
}

/** In bytes; 0 where there is none. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
