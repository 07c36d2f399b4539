import { createHash } from 'node:crypto';

/** What people are told of. */
export type Transition = 'firing' | 'reminder' | 'resolved' | 'unwatched';

/**
 * What happens to an alert. Beside the transitions:
 * - `pending`: so many bad results in a row, and not enough
 * - `cleared`: pending, and healthy again
 * - `recovering`: firing, and so many healthy results in a row (0: it is bad again)
 * - `rollback`: a rollback was asked for, of what `note` names
 */
export type AlertWord = Transition | 'pending' | 'cleared' | 'recovering' | 'rollback';

export const TRANSITIONS: readonly Transition[] = ['firing', 'reminder', 'resolved', 'unwatched'];

/** Changes an alert, if it counts: of those that follow the same entry only the first does. */
export interface AlertChange {
  readonly kind: 'change';
  readonly word: AlertWord;
  /** @see checkKey */
  readonly check: string;
  /** The id of the entry that its author took for the alert's last one; empty where it saw none. */
  readonly after: string;
  /** Results in a row. */
  readonly count: number;
  /** For a person: what was seen. */
  readonly note: string;
}

/** Who was told of a transition. It says only what is true, so it always counts. */
export interface Sent {
  readonly kind: 'told';
  /** The transition's id. */
  readonly of: string;
  /** @see channelKey */
  readonly channels: readonly string[];
}

/** The telling of a transition is taken from a process that is gone, or that could not tell everyone. Only the first counts. */
export interface Taken {
  readonly kind: 'taken';
  readonly of: string;
  readonly takenFrom: string;
}

/** Everything is quiet, and everyone was told: the next bad result begins another episode. */
export interface Closed {
  readonly kind: 'closed';
}

/** The record is long enough and goes on in another one, with the state so far: what comes after this entry counts only where it is written there. */
export interface Continued {
  readonly kind: 'continued';
}

export type NewAlertEntry = AlertChange | Sent | Taken | Closed | Continued;

export type AlertEntry = NewAlertEntry & {
  /** A whole number; the order of ids is the order of entries. */
  readonly id: string;
  /** The process that wrote it: `<run id>.<attempt>.<random>`. */
  readonly processId: string;
  /** ISO 8601. */
  readonly at: string;
};

/** Whatever a check is called, this is short and safe. */
export function checkKey(name: string): string {
  return shortHash(name, 12);
}

/** No check can be called so: names hold no control characters. */
export const DEPLOYMENT_KEY = checkKey('\u0000deployment');
/** Of a rollback that the watch could not bring about. */
export const ROLLBACK_KEY = checkKey('\u0000rollback');

/** The name of a check that is gone: a note begins with it. It may hold a colon itself. */
export function nameIn(note: string, key: string): string {
  const parts = note.split(': ');
  return parts.map((_, i) => parts.slice(0, i + 1).join(': ')).find((name) => checkKey(name) === key) ?? parts[0]!;
}

export function channelKey(name: string): string {
  return shortHash(name, 8);
}

function shortHash(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
