import { NamedError } from '../errors';
import { truncate } from '../reporting/untrusted-text';
import { randomBytes } from 'node:crypto';

/**
 * Append-only streams of events: what the ledger, the alerts and the notifications are kept in. It knows none of them. There is one
 * implementation on GitHub (a stream is a deployment, an event is one of its statuses) and one in a file.
 *
 * Guarantees, which `test/runtime/event-log/contract.test.ts` checks for both:
 * - Order. Ids are whole numbers, given one after the other: `compareIds` is the order of creation. Times are for people.
 * - Atomicity. A stream is created with its record, an event is written whole, or neither is written. Nothing written changes.
 * - Idempotent creation. A stream whose answer was lost is looked up by its key before it is written again. If it was written twice all
 *   the same, it is listed once, with the lower id, and holds the events of both.
 * - At least once. An event whose answer was lost may be written twice: whoever reads it must not count it twice.
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
  /** The streams of a topic, newest first. Rejects where the newest one of an environment was written by a newer version. */
  streams(query: StreamQuery): Promise<StreamList>;
  /** Creates a stream with its record. */
  create(stream: NewStream): Promise<Stream>;
  /** Adds an event. */
  append(stream: StreamRef, event: NewEvent, options?: AppendOptions): Promise<Event>;
  /** The events of a stream, oldest first. */
  read(stream: StreamRef): Promise<Event[]>;
  /**
   * Called for a record or an event that its reader does not understand. Where only this component writes (a file), that is damage: it
   * throws. On GitHub others may have written it, and it is passed over.
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
  /** Whether these, the newest ones, are enough. @default - all are wanted, or as many as are within reach */
  readonly isEnough?: (newest: readonly Stream[]) => boolean;
  /** How many are expected to be enough. @default 100 */
  readonly expected?: number;
  /** No more than about so many are read, even where it is not known that these are the newest ones. @default - all that are needed */
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
  /** Of a record that is complete and gets no events: what a person reads instead of a state. */
  readonly closingText?: string;
  /** Whether the events that follow must find room: where a disk can be full, room for them is reserved first. @default false */
  readonly reservesRoom?: boolean;
}

export interface Stream extends StreamRef {
  readonly sha: string;
  readonly record: Readonly<Record<string, unknown>>;
  /** Made up by its creator: the same wherever the stream is listed, even if the answer to its creation named another id. */
  readonly key: string;
  /** ISO 8601, by the clock of the place. */
  readonly createdAt: string;
}

/** How a place that shows deployments shows a stream after an event: GitHub's words. */
export type EventStatus = 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';

export interface NewEvent {
  readonly status: EventStatus;
  /** For a person. */
  readonly text: string;
  /** For the reader's code; see the guarantees. @default - none */
  readonly fields?: readonly string[];
  /** The process that writes it. @see newProcessId */
  readonly processId: string;
  /** Where the users of the environment go. */
  readonly url?: string;
}

export interface AppendOptions {
  /** How long writing is tried again, in milliseconds. @default that of the place */
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

/** A place where records are kept could not be read or written. Says where, and what to do. */
export class EventLogError extends NamedError {}

/** An event as every place keeps it. Throws where a field could not be kept. */
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
