import { countingEntries, Entry, NewEntry } from './entries';
import { includes } from './history-summary';
import { isDecision, LedgerRecord, NewRecord } from './record';
import { eventOf, readEntry, readRecord, unknownKindOf } from './record-codec';
import { State } from '../deployment/state-machine';
import { AppendOptions, EventLog, newestFirst, Stream, StreamRef, RunAttempt } from '../event-log/event-log';
import { NewerRecordError } from '../event-log/schema';
import { truncate } from '../reporting/untrusted-text';

/** What the ledger's place knows about runs, and about processes that work on an environment. */
export interface LedgerPlace {
  readonly eventLog: EventLog;
  /** Whether a run may still be at work; true if unknown. Rejects with `EventLogError`. */
  readonly isAlive: (run: RunAttempt) => Promise<boolean>;
  /**
   * When a run began, in milliseconds since the epoch; undefined if unknown. Absent if the ids of runs always increase.
   */
  readonly beganAt?: (runId: number) => Promise<number | undefined>;
  /**
   * Keeps other processes off an environment until the returned function is called (or this process is gone).
   * Rejects with `EventLogError` at once when another one works on it. Only where nothing else does that:
   * in CI the jobs' concurrency groups do.
   */
  readonly hold?: (environment: string) => Promise<() => void | Promise<void>>;
  /** The number of a run that begins now, larger than all before it. For a place whose runs no CI numbers. Throws `EventLogError`. */
  readonly nextRun?: () => number;
  /** Likewise, and no other run gets that number. */
  readonly beginRun?: () => Promise<number>;
}

export interface LedgerOptions extends LedgerPlace {
  /** The URL of each environment by name: GitHub shows it beside the deployment. */
  readonly environmentUrl?: (environment: string) => string | undefined;
  /** Masks secrets in the texts of services, commands and people. @default - nothing is masked */
  readonly mask?: (text: string) => string;
}

/** Limits the records to read. */
export interface RecordQuestion {
  /** Only those of this commit. */
  readonly sha?: string;
  /** Whether these, the newest ones, are enough. */
  readonly isEnough?: (newest: readonly LedgerRecord[]) => boolean;
}

/** The number of records that most queries need. */
const EXPECTED = 30;
/** Users do not wait for these entries, and readers can do without them. */
const PASSING: readonly State[] = ['verifying', 'baking', 'confirming', 'rollingBack'];
const PASSING_PATIENCE_MS = 5000;
/** How much of an unknown kind a message shows. */
const KIND_SHOWN = 40;

/** The records of deployments, in an event log: a record is a stream, each of its entries an event. */
export class Ledger implements LedgerPlace {
  public readonly eventLog: EventLog;
  public readonly isAlive: LedgerPlace['isAlive'];
  public readonly beganAt: LedgerPlace['beganAt'];
  public readonly hold: LedgerPlace['hold'];
  public readonly nextRun: LedgerPlace['nextRun'];
  public readonly beginRun: LedgerPlace['beginRun'];

  constructor(public readonly options: LedgerOptions) {
    this.eventLog = options.eventLog;
    this.isAlive = options.isAlive;
    this.beganAt = options.beganAt;
    this.hold = options.hold;
    this.nextRun = options.nextRun;
    this.beginRun = options.beginRun;
  }

  /** The place of the records, for messages. */
  public get place(): string {
    return this.eventLog.place;
  }

  /**
   * The environment's records, newest first: the newest ones until it is enough, or all that are kept within reach. Nothing is cached.
   * Rejects with `EventLogError`: also where a newer version wrote a record that no later one includes.
   */
  public async records(environment: string, { sha, isEnough }: RecordQuestion = {}): Promise<LedgerRecord[]> {
    const { streams } = await this.eventLog.streams({
      topic: 'deployment',
      environment,
      ...(sha && { sha }),
      ...(isEnough && { isEnough: (newest) => isEnough(this.recordsOf(newest)) }),
      ...((sha || isEnough) && { expected: EXPECTED }),
    });
    const records = this.recordsOf(streams);
    // those of one commit say nothing of what is newest
    if (sha === undefined) rejectNewer(streams, records);
    return records;
  }

  /**
   * The entries of an attempt, oldest first; never empty. Entries that the state machine cannot reach came late and are omitted, and so are
   * entries of a process that did not hold the lease, and all entries after a final state. Rejects with `EventLogError`.
   */
  public async history(record: LedgerRecord): Promise<Entry[]> {
    const ref = refOf(record);
    const entries: Entry[] = [{ state: 'pending', note: '', at: record.createdAt }];
    for (const event of await this.eventLog.read(ref)) {
      const entry = readEntry(event);
      if (entry) entries.push(entry);
      else this.eventLog.notUnderstood(ref, `entry ${event.id} of record ${record.id} is invalid`);
    }
    return countingEntries(entries, record.processId);
  }

  /** Writes a new record, in state `pending`. Rejects with `EventLogError` when it could not be written. */
  public async create(given: NewRecord): Promise<LedgerRecord> {
    const record = { ...given, ...(given.reason !== undefined && { reason: this.mask(given.reason) }) };
    const { environment, kind, reason = '', release } = record;
    const { id, createdAt } = await this.eventLog.create({
      topic: 'deployment',
      environment,
      sha: release.sha,
      record: { ...record },
      title: `${kind} ${release.version}`,
      ...(isDecision(record) && { closingText: `${kind}: ${reason}` }),
      // a rollback never waits for disk space
      reservesRoom: !isDecision(record) && kind !== 'rollback',
    });
    return { ...record, id, createdAt };
  }

  /** Adds an entry; `knownUrl` is the environment's, where only a deployment knows it. Rejects with `EventLogError` when it could not be written. */
  public async advance(record: LedgerRecord, entry: NewEntry, knownUrl?: string): Promise<void> {
    const url = knownUrl ?? this.options.environmentUrl?.(record.environment);
    const event = eventOf({ ...entry, note: this.mask(entry.note) }, record.processId);
    // the next process waits only for the release of the lease
    const options: AppendOptions = PASSING.includes(entry.state) && !entry.releasesLease ? { patienceMs: PASSING_PATIENCE_MS } : {};
    await this.eventLog.append(refOf(record), { ...event, ...(url !== undefined && { url }) }, options);
  }

  /** Returns the same ledger with secrets masked, because GitHub shows the records to everyone who can read the repository. */
  public masked(mask: (text: string) => string): Ledger {
    return new Ledger({ ...this.options, mask });
  }

  private recordsOf(streams: readonly Stream[]): LedgerRecord[] {
    return streams.map((stream) => this.recordOf(stream)).filter((record) => record !== undefined);
  }

  private recordOf(stream: Stream): LedgerRecord | undefined {
    if (unknownIn(stream) !== undefined) return undefined;
    const record = readRecord(stream.record);
    // the record and its stream must agree
    if (record && record.environment === stream.environment && record.release.sha === stream.sha) {
      return { ...record, id: stream.id, createdAt: stream.createdAt };
    }
    this.eventLog.notUnderstood(stream, `record ${stream.id} is invalid`);
    return undefined;
  }

  private mask(text: string): string {
    return this.options.mask?.(text) ?? text;
  }
}

/** What a newer version wrote into a record that this one does not know; undefined if it is understood, or no record. */
function unknownIn({ newerSchema, record }: Stream): string | undefined {
  if (newerSchema !== undefined) return `schema ${newerSchema}`;
  const kind = unknownKindOf(record);
  return kind === undefined ? undefined : `kind ${JSON.stringify(truncate(kind, KIND_SHOWN, '...'))}`;
}

/** Who does not know what is newest changes nothing. What the writer of a later record understood is in that record. */
function rejectNewer(streams: readonly Stream[], records: readonly LedgerRecord[]): void {
  const summary = [...records].sort(newestFirst).find(({ carried }) => carried)?.carried;
  for (const stream of streams) {
    const unknown = unknownIn(stream);
    if (unknown === undefined || (summary && includes(summary, stream))) continue;
    throw new NewerRecordError(`record ${stream.id} of ${stream.environment}`, unknown, stream.writtenBy);
  }
}

/** The stream that holds a record. */
export function refOf({ environment, id }: Pick<LedgerRecord, 'environment' | 'id'>): StreamRef {
  return { topic: 'deployment', environment, id };
}
