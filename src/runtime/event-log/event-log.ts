import { randomBytes } from 'node:crypto';
import { NamedError } from '../errors';
import { truncate } from '../reporting/untrusted-text';

/**
 * Append-only streams of events: what the ledger, the alerts and the notifications are kept in. It knows none of them. There is one
 * implementation on GitHub (a stream is a deployment, an event is one of its statuses) and one in a file.
 *
 * Guarantees, which `test/runtime/event-log/contract.test.ts` checks for both:
 * - Order. Ids are whole numbers, given one after the other: `compareIds` is the order of creation. Times are for people.
 * - Atomicity. A stream is created with its record, an event is written whole, or neither is written. Nothing written changes.
 * - Idempotent creation. If the response to a creation is lost, the stream is looked up by its key before it is written again. If it was
 *   written twice anyway, it is listed once, with the lower id, and holds the events of both.
 * - At least once. An event may be written twice if a response is lost: readers must not count it twice.
 * - Read after write. A file shows a write at once. GitHub does not promise that: a reader that depends on its own write reads again
 *   until it finds the id of that event or the key of that stream.
 * - Length. A record is JSON of at most 15,000 bytes. Text is one line without control characters, cut to `textLimit` UTF-16 units,
 *   never within a character. Fields are never cut: they hold nothing but letters, digits, `_`, `.` and `=`.
 * - Authors. Only what this component's own jobs wrote is read: on GitHub what `github-actions[bot]` wrote under the topic's task, in a
 *   file everything.
 *
 * Every method rejects with `EventLogError`.
 */
export interface EventLog {
  /** For a person: where the streams are. */
  readonly place: string;
  /** How long the text of an event can be, in UTF-16 units: 140 on GitHub, 1,000 in a file. */
  readonly textLimit: number;
  /** The streams of a topic, newest first. Older schemas are read as this one. What a newer version wrote is listed without its record. */
  streams(query: StreamQuery): Promise<StreamList>;
  /** Creates a stream with its record. */
  create(stream: NewStream): Promise<Stream>;
  /** Adds an event. */
  append(stream: StreamRef, event: NewEvent, options?: AppendOptions): Promise<Event>;
  /** The events of a stream, oldest first. Rejects with `NewerRecordError` where a newer version wrote one. */
  read(stream: StreamRef): Promise<Event[]>;
  /**
   * Called for an invalid record or event. Throws for a file, which is damaged then. Does nothing on GitHub, where others may write.
   */
  notUnderstood(stream: StreamRef, reason: string): void;
}

/** What streams are about. Those of one topic are never listed with those of another. */
export type Topic = 'deployment' | 'alert';

export interface StreamQuery {
  readonly topic: Topic;
  /** @default - all environments */
  readonly environment?: string;
  /** Only streams about this commit. */
  readonly sha?: string;
  /** Whether these, the newest ones, suffice. @default - reads all, up to a limit of the place */
  readonly isEnough?: (newest: readonly Stream[]) => boolean;
  /** How many probably suffice. @default 100 */
  readonly expected?: number;
  /** The approximate maximum to read, even if they may not be the newest. @default - all that are needed */
  readonly limit?: number;
}

export interface StreamList {
  /** Newest first. */
  readonly streams: readonly Stream[];
  /** Whether there are no others. */
  readonly isComplete: boolean;
}

/** Names a stream. */
export interface StreamRef {
  readonly topic: Topic;
  readonly id: string;
  readonly environment: string;
}

export interface NewStream {
  readonly topic: Topic;
  readonly environment: string;
  /** The commit that it is about. */
  readonly sha: string;
  /** JSON, as the topic's codec writes it. `run.id`, if there is one, is the number of the run that wrote it. */
  readonly record: Readonly<Record<string, unknown>>;
  /** For a person; cut as the text of an event is. */
  readonly title: string;
  /** For a record that gets no events: shown instead of a state. */
  readonly closingText?: string;
  /** Whether to reserve disk space for the events that follow. @default false */
  readonly reservesRoom?: boolean;
}

export interface Stream extends StreamRef {
  readonly sha: string;
  readonly record: Readonly<Record<string, unknown>>;
  /** Chosen by its creator. It identifies the stream even if the creation returned another id. */
  readonly key: string;
  /** ISO 8601, by the clock of the place. */
  readonly createdAt: string;
  /** The version of projen-delivery that wrote it, where it says so. */
  readonly writtenBy?: string;
  /** Its schema, if a newer version wrote it: then the record is empty here. */
  readonly newerSchema?: number;
}

/** The state of a stream after an event, as GitHub's deployments have it. */
export type EventStatus = 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';

export interface NewEvent {
  readonly status: EventStatus;
  /** For a person. */
  readonly text: string;
  /** For the reader's code; see the guarantees. @default - none */
  readonly fields?: readonly string[];
  /** The process that writes it. @see newProcessId */
  readonly processId: string;
  /** The URL of the environment. */
  readonly url?: string;
}

export interface AppendOptions {
  /** How long to retry, in milliseconds. @default that of the place */
  readonly patienceMs?: number;
}

export interface Event extends Omit<NewEvent, 'processId' | 'fields'> {
  readonly id: string;
  readonly fields: readonly string[];
  /** Undefined where its author does not say. */
  readonly processId?: string;
  /** ISO 8601, by the clock of the place. */
  readonly at: string;
}

/** The event log could not be read or written. The message names the place and the fix. */
export class EventLogError extends NamedError {}

/** Another process of this machine is at work. */
export class InUseError extends EventLogError {}

/** Normalizes an event. Throws for an invalid field. */
export function asWritten<T extends Pick<NewEvent, 'text' | 'fields'>>(event: T, textLimit: number): T & { readonly fields: readonly string[] } {
  const { fields = [], text } = event;
  const wrong = fields.find((field) => !/^[\w.=]*$/.test(field));
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} cannot be a field of an event`);
  return { ...event, text: oneLine(text, textLimit), fields };
}

/** One line without control characters, at most so many UTF-16 units, never ending within a character. */
export function oneLine(text: string, limit: number): string {
  return truncate(text.replace(/[\p{Cc}\s]+/gu, ' ').trim(), limit, '...');
}

/** By id: ids are given one after the other, while every machine has a clock of its own. */
export function newestFirst(a: Pick<Stream, 'id'>, b: Pick<Stream, 'id'>): number {
  return compareIds(b.id, a.id);
}

/** Ids are whole numbers that may be too large for a `number`. */
export function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

/** A run of the CI system, and which attempt of it. */
export interface RunAttempt {
  readonly id: number;
  readonly attempt: number;
}

/** A new name for this process in what it writes: `<run id>.<attempt>.<random>`. */
export function newProcessId({ id, attempt }: RunAttempt): string {
  return `${id}.${attempt}.${randomBytes(4).toString('hex')}`;
}

/** The run that a process belongs to. */
export function runOfProcess(processId: string): RunAttempt {
  const [id, attempt] = processId.split('.').map(Number);
  return { id, attempt };
}
