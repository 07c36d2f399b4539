import { createHash } from 'node:crypto';
import { EnvironmentManifest } from '../../contract/manifest';

/** What people are notified of. */
export type Transition = 'firing' | 'reminder' | 'resolved' | 'unwatched';

/**
 * What happens to an alert. Beside the transitions:
 * - `pending`: bad results in a row, but not enough to fire
 * - `cleared`: pending, and healthy again
 * - `recovering`: firing, with `count` healthy results in a row (0: bad again)
 * - `rollback`: an attempt to roll back the deployment that `note` names
 */
export type AlertWord = Transition | 'pending' | 'cleared' | 'recovering' | 'rollback';

export const TRANSITIONS: readonly Transition[] = ['firing', 'reminder', 'resolved', 'unwatched'];

/** Changes an alert, if it counts: of several that follow the same entry only the first does. */
export interface AlertChange {
  readonly kind: 'change';
  readonly word: AlertWord;
  /** @see checkKey */
  readonly check: string;
  /** The id of the alert's last entry as its author saw it; empty if it saw none. */
  readonly after: string;
  /** Results in a row. */
  readonly count: number;
  /** What was seen, for people. */
  readonly note: string;
}

/** The channels that were notified of a transition. It always counts. */
export interface Sent {
  readonly kind: 'notified';
  /** The transition's id. */
  readonly of: string;
  /** @see channelKey */
  readonly channels: readonly string[];
}

/** Takes a notification over from a process that is gone, or that could not reach every channel. Only the first counts. */
export interface Taken {
  readonly kind: 'taken';
  readonly of: string;
  readonly takenFrom: string;
}

/** Every alert is quiet, and every channel was notified: the next bad result begins another episode. */
export interface Closed {
  readonly kind: 'closed';
}

/** The record is full, and another one continues it with its state: later entries count only there. */
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

/** A short and safe key for any name of a check. */
export function checkKey(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}

/** No check can have this name: names contain no control characters. */
export const DEPLOYMENT_KEY = checkKey('\u0000deployment');
/** The key of the alert about a rollback that the watch could not start. */
export const ROLLBACK_KEY = checkKey('\u0000rollback');
/** The key of the alert about a release that someone changed by hand. */
export const RELEASE_KEY = checkKey('\u0000release');

/** The key of the alert about resources that someone changed outside of the releases. */
export const DRIFT_KEY = checkKey('\u0000drift');

/** The names of an environment's alerts by their keys. */
export function alertNames({ healthChecks, watchChecks = [] }: EnvironmentManifest): Map<string, string> {
  const checks = [...healthChecks, ...watchChecks].map(({ name }) => [checkKey(name), name] as const);
  return new Map([[DEPLOYMENT_KEY, 'deployment'], [RELEASE_KEY, 'release'], [DRIFT_KEY, 'drift'], [ROLLBACK_KEY, 'rollback'], ...checks]);
}

/** The name of a removed check, which begins its note. The name may contain a colon. */
export function nameIn(note: string, key: string): string {
  const parts = note.split(': ');
  return parts.map((_, i) => parts.slice(0, i + 1).join(': ')).find((name) => checkKey(name) === key) ?? parts[0]!;
}
