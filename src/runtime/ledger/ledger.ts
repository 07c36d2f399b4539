import { Release } from '../release';
import { State } from '../rollout';

/** The record of deployments. On GitHub the Deployments API, on a laptop a file. */
export interface Ledger {
  /** For a person: where the records are. */
  readonly place: string;
  /** The environment's records, newest first. One request a page on GitHub, none of it cached. */
  records(environment: string): Promise<LedgerRecord[]>;
  /**
   * What a record went through, oldest first; never empty. An entry that the rollout's table cannot
   * reach any more came late and is left out, as is everything after a final state.
   */
  history(record: LedgerRecord): Promise<Entry[]>;
  /** Writes a new record, in state `pending`. Throws `LedgerError` when it could not be written. */
  create(record: NewRecord): Promise<LedgerRecord>;
  /** Adds an entry. Throws `LedgerError` when it could not be written. */
  advance(record: LedgerRecord, entry: NewEntry): Promise<void>;
  /**
   * Keeps other processes off an environment until the returned function is called (or this process is gone).
   * Throws `LedgerError` at once when another one works on it. Only where nothing else does that:
   * in CI the jobs' concurrency groups do.
   */
  hold?(environment: string): Promise<() => void>;
}

export type RecordKind = 'deploy' | 'rollback' | 'adopt';

/** One attempt to put a release on an environment. Nothing in it ever changes; its history grows. */
export interface NewRecord {
  readonly environment: string;
  readonly kind: RecordKind;
  readonly release: Release;
  readonly strategy: 'redeploy' | 'blueGreen';
  /** Stable when this record was made: the one thing it may be rolled back to. */
  readonly stable?: StablePointer;
  /** Where the release goes (blue/green). */
  readonly slot?: string;
  readonly run: { readonly id: number; readonly attempt: number };
  /** Who asked. */
  readonly by: string;
  readonly reason?: string;
}

export interface LedgerRecord extends NewRecord {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
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
  /** ISO 8601. */
  readonly at: string;
}

/** The ledger could not be read or written. Says where, and what to do. */
export class LedgerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LedgerError';
  }
}
