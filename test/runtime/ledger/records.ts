import { State } from '../../../src/runtime/deployment/state-machine';
import { Ledger } from '../../../src/runtime/ledger/ledger';
import { LedgerRecord, NewRecord, StablePointer } from '../../../src/runtime/ledger/record';
import { Release } from '../../../src/runtime/release';

/** A release whose commit (and files, if a digest is given) is a row of one digit. */
export function release(version: string, commit: string, digest?: string): Release {
  const artifact = digest && { artifact: { digest: digest.repeat(64), id: '77', runId: '4' } };
  return { version, sha: commit.repeat(40), ...artifact };
}

/** The process that makes the records here, and carries them. */
export const MAKER = '1.1.maker';

export function newRecord(change: Partial<NewRecord> = {}): NewRecord {
  return {
    environment: 'staging',
    kind: 'deploy',
    release: release('v1', 'a'),
    strategy: 'redeploy',
    run: { id: 1, attempt: 1 },
    processId: MAKER,
    by: 'ada',
    ...change,
  };
}

/** Writes a record that went through these states. */
export async function write(ledger: Pick<Ledger, 'advance' | 'create'>, change: Partial<NewRecord>, ...states: State[]): Promise<LedgerRecord> {
  const record = await ledger.create(newRecord(change));
  for (const state of states) await ledger.advance(record, { state, note: `now ${state}`, processId: record.processId });
  return record;
}

export const TO_STABLE: State[] = ['deploying', 'verifying', 'baking', 'confirming', 'stable'];
export const TO_ROLLED_BACK: State[] = ['deploying', 'verifying', 'rollingBack', 'rolledBack'];

export function pointerTo(record: LedgerRecord, since = record.createdAt): StablePointer {
  return { recordId: record.id, release: record.release, slot: record.slot, since };
}
