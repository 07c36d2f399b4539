import { DeploymentOutputs } from '../../contract/deployment-outputs';
import { RunAttempt } from '../event-log/event-log';
import { Release } from '../release';

/** Attempts to put a release on an environment. They have states. */
export type AttemptKind = 'deploy' | 'rollback' | 'adopt' | 'drill';

/**
 * Decisions of a person. They have no states:
 * - `hold`: runs that began before this one deploy nothing here (a rollback by hand begins with it)
 * - `unblock`: the release may be deployed again
 * - `override`: the freeze that is in effect is lifted, until it ends
 * - `removal`: a preview is being removed: what its records say of before no longer holds
 * - `removed`: nothing is left of it
 */
export type DecisionKind = 'hold' | 'unblock' | 'override' | RemovalKind;

export type RemovalKind = 'removal' | 'removed';

export type RecordKind = AttemptKind | DecisionKind;

/** An attempt to put a release on an environment, or a decision about it. It never changes; entries are added to it. */
export interface NewRecord {
  readonly environment: string;
  readonly kind: RecordKind;
  readonly release: Release;
  /** Its kind. A record of another version may name one that this runtime does not know. */
  readonly strategy: string;
  /** Stable when this record was made: the only rollback point. */
  readonly stable?: StablePointer;
  /** What the target's driver noted before the first change, for the way back to Stable. */
  readonly fastPath?: Readonly<Record<string, string>>;
  /** Where the release goes (blue/green). */
  readonly slot?: string;
  readonly run: RunAttempt;
  /** What the health checks asked for, each as its fingerprint. Absent in records of older versions. */
  readonly checks?: readonly string[];
  /** The process that made the record, and holds its lease until another one takes it. @see Entry.processId */
  readonly processId: string;
  /** In a rollback by hand: the release that is rolled back. It is blocked from then on. */
  readonly leaving?: Release;
  /** The person, or the event, that requested it. */
  readonly by: string;
  readonly reason?: string;
  /** A summary of the records before this one, so that no process needs to read them again. */
  readonly carried?: HistorySummary;
}

export interface LedgerRecord extends NewRecord {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** A summary of the earlier records that the record's creator saw. */
export interface HistorySummary {
  /** The ids of the newest records that it includes, newest first. If the list is full, it includes older ones, too. */
  readonly records: readonly string[];
  readonly stable?: StablePointer;
  /** The id of the newest attempt that changed something. */
  readonly newest?: string;
  /** The attempt of the latest run that changed something. */
  readonly latest?: LaterAttempt;
  /** Of the latest run that held the environment. */
  readonly hold?: Decision;
  /** The newest. */
  readonly override?: Decision;
  /** The newest attempt whose migration cannot be undone. */
  readonly irreversible?: Pick<LaterAttempt, 'id' | 'release'>;
  /** What is blocked, newest first: a bounded number. */
  readonly blocked: readonly Block[];
}

export type LaterAttempt = Pick<LedgerRecord, 'id' | 'release' | 'run'>;

export type Decision = Pick<LedgerRecord, 'by' | 'createdAt' | 'reason' | 'release' | 'run'>;

/**
 * A release that may not be deployed again, and why:
 * - `health`: it was rolled back because of its health. Its files are blocked, too, if the release has them here
 * - `command`: a command failed or timed out. Only the commit is blocked
 * - `left`: a person, or the watch, rolled it back
 * - `lifted`: it is not blocked. A person unblocked this commit, whose files were not known then
 */
export interface Block {
  readonly release: Release;
  readonly why: 'health' | 'command' | 'left' | 'lifted';
}

/** The last release that was verified on an environment. */
export interface StablePointer {
  readonly recordId: string;
  readonly release: Release;
  readonly slot?: string;
  /** ISO 8601: since when it is Stable. */
  readonly since: string;
  /** The fingerprints of the health checks that verified it. Absent where an older version recorded it. */
  readonly checks?: readonly string[];
  /** The outputs that URLs and variables need. */
  readonly outputs?: DeploymentOutputs;
}

const DECISIONS: readonly RecordKind[] = ['hold', 'unblock', 'override', 'removal', 'removed'];

/** Whether the record is a decision of a person, not an attempt with states. */
export function isDecision({ kind }: Pick<NewRecord, 'kind'>): boolean {
  return DECISIONS.includes(kind);
}

/** Whether these records contain that many attempts. */
export function hasAttempts(count: number): (records: readonly LedgerRecord[]) => boolean {
  return (records) => records.filter((record) => !isDecision(record)).length >= count;
}
