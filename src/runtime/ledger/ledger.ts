import { State } from '../deployment/state-machine';
import { Release } from '../release';

/** The record of deployments. On GitHub the Deployments API, on a laptop a file. */
export interface Ledger {
  /** For a person: where the records are. */
  readonly place: string;
  /**
   * The environment's records, newest first: the newest ones until it is enough, or all that are kept within reach. One request
   * a page on GitHub, none of it cached.
   */
  records(environment: string, question?: RecordQuestion): Promise<LedgerRecord[]>;
  /**
   * What an attempt went through, oldest first; never empty. An entry that the rollout's table cannot
   * reach any more came late and is left out, as is one of a process that did not carry the deployment
   * then, and everything after a final state.
   */
  history(record: LedgerRecord): Promise<Entry[]>;
  /** Writes a new record, in state `pending`. Throws `LedgerError` when it could not be written. */
  create(record: NewRecord): Promise<LedgerRecord>;
  /** Adds an entry. Throws `LedgerError` when it could not be written. */
  advance(record: LedgerRecord, entry: NewEntry): Promise<void>;
  /** Whether a run may still be at work. Where nobody can tell: true. Throws `LedgerError`. */
  isAlive(run: { readonly id: number; readonly attempt: number }): Promise<boolean>;
  /**
   * When a run began, in milliseconds since the epoch; undefined where that cannot be known. Only where nothing promises that
   * the ids of runs increase.
   */
  beganAt?(runId: number): Promise<number | undefined>;
  /**
   * Keeps other processes off an environment until the returned function is called (or this process is gone).
   * Throws `LedgerError` at once when another one works on it. Only where nothing else does that:
   * in CI the jobs' concurrency groups do.
   */
  hold?(environment: string): Promise<() => void | Promise<void>>;
  /** The number of a run that begins now, larger than all before it. For a ledger whose runs no CI numbers. Throws `LedgerError`. */
  nextRun?(): number;
  /** Likewise, and no other run gets that number. */
  beginRun?(): Promise<number>;
}

/** What somebody wants to know of the records, so that no more of them are read. */
export interface RecordQuestion {
  /** Only those of this commit. */
  readonly sha?: string;
  /** Whether these, the newest ones, are enough. */
  readonly isEnough?: (newest: readonly LedgerRecord[]) => boolean;
}

/** Attempts to put a release on an environment. They go through the rollout's states. */
export type AttemptKind = 'deploy' | 'rollback' | 'adopt' | 'drill';

/**
 * What a person decided. It is complete when it is written, and has no states:
 * - `hold`: runs that began before this one deploy nothing here (a rollback by hand begins with it)
 * - `unblock`: the release may be deployed again
 * - `override`: the freeze that holds now is lifted, until it ends
 */
export type DecisionKind = 'hold' | 'unblock' | 'override';

export type RecordKind = AttemptKind | DecisionKind;

/** An attempt to put a release on an environment, or a decision about it. Nothing in it ever changes; its history grows. */
export interface NewRecord {
  readonly environment: string;
  readonly kind: RecordKind;
  readonly release: Release;
  /** Its kind; a record that another version wrote may name one that this runtime does not know. */
  readonly strategy: string;
  /** Stable when this record was made: the one thing it may be rolled back to. */
  readonly stable?: StablePointer;
  /** Where the release goes (blue/green). */
  readonly slot?: string;
  readonly run: { readonly id: number; readonly attempt: number };
  /** The process that made the record, and carries it until another one takes it. @see Entry.processId */
  readonly processId: string;
  /** In a rollback by hand: the release that is left. It is blocked from then on. */
  readonly leaving?: Release;
  /** Who asked. */
  readonly by: string;
  readonly reason?: string;
  /** What the records before this one come to, so that nobody needs to read them again. */
  readonly carried?: Carried;
}

/** What a record's maker knew of all records before it. What it did not see is not in `records`. */
export interface Carried {
  /** The ids of the newest records that this includes, newest first. Where the list is full, older ones are included, too. */
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
 * - `health`: a health verdict took it back. Its files are blocked, too, where the release has them here
 * - `command`: a command failed or timed out. Only the commit is blocked
 * - `left`: a person, or the watch, went back from it
 * - `lifted`: none. A person unblocked this commit, whose files were not known then
 */
export interface Block {
  readonly release: Release;
  readonly why: 'health' | 'command' | 'left' | 'lifted';
}

export interface LedgerRecord extends NewRecord {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

const DECISIONS: readonly RecordKind[] = ['hold', 'unblock', 'override'];

/** Whether the record is about what a person decided, not an attempt with states. */
export function isDecision({ kind }: Pick<NewRecord, 'kind'>): boolean {
  return DECISIONS.includes(kind);
}

/** Whether these records hold so many attempts. */
export function hasAttempts(count: number): (records: readonly LedgerRecord[]) => boolean {
  return (records) => records.filter((record) => !isDecision(record)).length >= count;
}

/** The last release that was verified on an environment. */
export interface StablePointer {
  readonly recordId: string;
  readonly release: Release;
  readonly slot?: string;
  /** ISO 8601: since when it is Stable. */
  readonly since: string;
}

/** What is written; the ledger adds the time. */
export type NewEntry = Omit<Entry, 'at'>;

export interface Entry {
  readonly state: State;
  readonly note: string;
  /** The process that carried the deployment was gone: nobody judged the release. */
  readonly abandoned?: boolean;
  /** A command failed or timed out: no health check judged the release, so its files are not blocked. */
  readonly commandFailed?: boolean;
  /** The release's migration cannot be undone: from here on nothing goes back by itself. */
  readonly irreversible?: boolean;
  /** The process that wrote it: `<run id>.<attempt>.<random>`. */
  readonly processId?: string;
  /** This entry takes the deployment from that process, which must carry it no more. Of several takers the first one has it. */
  readonly takenFrom?: string;
  /** Its process releases the lease: the next process may take the deployment over, though the run is still at work. */
  readonly releasesLease?: boolean;
  /** ISO 8601. */
  readonly at: string;
}

/** The ledger could not be read or written. Says where, and what to do. */
export class LedgerError extends Error {
  /** @param options the system's error as `cause`, where a file is at fault */
  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'LedgerError';
  }
}
