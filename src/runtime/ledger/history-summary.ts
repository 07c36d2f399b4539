import { blocksAfter, blocksAfterDecision } from './blocks';
import type { Standing } from './entries';
import { Decision, HistorySummary, LedgerRecord, StablePointer } from './record';
import { lastOutputs } from './recorded-outputs';
import { isFinal } from '../deployment/state-machine';
import { compareIds } from '../event-log/event-log';
import { sameRelease } from '../release';

/** How many records a summary names; older ones are included. */
export const KNOWN_LIMIT = 20;

export const NO_HISTORY: HistorySummary = { records: [], blocked: [] };

/** Whether a summary includes this record. */
export function includes({ records }: HistorySummary, { id }: Pick<LedgerRecord, 'id'>): boolean {
  return records.includes(id) || isBeyond(records, id);
}

/** Whether these newest records, with the summary that one of them carries, cover all records. */
export function isEnoughToKnow(newest: readonly LedgerRecord[]): boolean {
  const carried = newest.find((record) => record.carried)?.carried;
  const oldest = newest.at(-1);
  return carried !== undefined && oldest !== undefined && isBeyond(carried.records, oldest.id);
}

function isBeyond(records: readonly string[], id: string): boolean {
  const last = records.at(-1);
  return last !== undefined && records.length >= KNOWN_LIMIT && compareIds(id, last) <= 0;
}

/**
 * The summary after these records, oldest first. Leaves out what may still change and all that came after it, unless a later attempt is
 * over: then it does not change any more.
 */
export function carriedOn(carried: HistorySummary, records: readonly (Standing | LedgerRecord)[]): HistorySummary {
  const included = records.slice(0, finishedCount(records));
  const known = [...included.map((one) => recordOf(one).id).reverse(), ...carried.records];
  return { ...included.reduce(after, carried), records: known.sort((a, b) => compareIds(b, a)).slice(0, KNOWN_LIMIT) };
}

/** The summary of all these records, oldest first, including those that may still change. */
export function sumOf(carried: HistorySummary, records: readonly (Standing | LedgerRecord)[]): HistorySummary {
  return records.reduce(after, carried);
}

function finishedCount(records: readonly (Standing | LedgerRecord)[]): number {
  const lastOver = records.map((one) => 'record' in one && isFinal(one.state) && !changedNothing(one)).lastIndexOf(true);
  const open = records.findIndex((one, index) => index > lastOver && 'record' in one && !isFinal(one.state));
  return open < 0 ? records.length : open;
}

function recordOf(one: Standing | LedgerRecord): LedgerRecord {
  return 'record' in one ? one.record : one;
}

function after(carried: HistorySummary, one: Standing | LedgerRecord): HistorySummary {
  return 'record' in one ? afterAttempt(carried, one) : afterDecision(carried, one);
}

function afterDecision(carried: HistorySummary, record: LedgerRecord): HistorySummary {
  const blocked = blocksAfterDecision(carried.blocked, record);
  if (record.kind === 'hold' && record.run.id >= (carried.hold?.run.id ?? 0)) return { ...carried, blocked, hold: decisionOf(record) };
  return record.kind === 'override' ? { ...carried, blocked, override: decisionOf(record) } : { ...carried, blocked };
}

function afterAttempt(carried: HistorySummary, standing: Standing): HistorySummary {
  const { record, entries } = standing;
  const { id, release, run } = record;
  const irreversible = entries.some((entry) => entry.irreversible) ? { irreversible: { id, release } } : {};
  const blocked = blocksAfter(carried.blocked, standing);
  if (changedNothing(standing) || isAdopting(standing)) return { ...carried, ...irreversible, blocked };
  const isLatest = isOutrunning(standing) && (!carried.latest || !isLater(carried.latest.run, run));
  return {
    ...carried,
    ...irreversible,
    ...(isLatest && { latest: { id, release, run } }),
    ...pointerAfter(standing),
    newest: id,
    blocked,
  };
}

function pointerAfter(standing: Standing): Pick<HistorySummary, 'stable'> {
  const { record, state } = standing;
  if (state === 'stable') return { stable: pointerTo(standing) };
  // an adoption has no rollback point: it does not change what was Stable before
  return record.stable || record.kind !== 'adopt' ? { stable: stableAfter(standing) } : {};
}

function decisionOf({ by, createdAt, reason, release: { version, sha }, run }: LedgerRecord): Decision {
  return { by, createdAt, reason, release: { version, sha }, run };
}

/** Whether an earlier run may not replace it. A drill that rolled back and an adoption change nothing. */
export function isOutrunning(standing: Standing): boolean {
  const { record: { kind }, state } = standing;
  return kind !== 'adopt' && !(kind === 'drill' && state === 'rolledBack') && !changedNothing(standing);
}

/** A later run, or a later attempt of the same one. */
export function isLater(one: LedgerRecord['run'], other: LedgerRecord['run']): boolean {
  return one.id > other.id || (one.id === other.id && one.attempt > other.attempt);
}

/** Whether it ended before the first change. */
export function changedNothing({ state, entries }: Standing): boolean {
  return state === 'failed' || (state === 'superseded' && entries.every((entry) => entry.state === 'pending' || entry.state === 'superseded'));
}

/** Whether an adoption still verifies what is live. */
export function isAdopting({ record, state }: Standing): boolean {
  return record.kind === 'adopt' && state === 'pending';
}

export function pointerTo({ record, entries }: Standing): StablePointer {
  const outputs = lastOutputs(entries);
  const since = entries.at(-1)?.at ?? record.createdAt;
  const { checks, id, release, slot } = record;
  return { recordId: id, release, slot, since, ...(checks && { checks }), ...(outputs && { outputs }) };
}

/** The rollback point after an attempt that did not become Stable. What was restored may have other outputs than before. */
export function stableAfter({ record: { stable }, entries, state }: Standing): StablePointer | undefined {
  const outputs = state === 'rolledBack' ? lastOutputs(entries) : undefined;
  return stable && outputs ? { ...stable, outputs } : stable;
}

/** Adds the rollback points that the records name. */
export function withPointers(before: readonly StablePointer[], records: readonly LedgerRecord[]): StablePointer[] {
  const pointers = [...before];
  for (const stable of records.flatMap((record) => [record.stable ?? record.carried?.stable])) {
    const isKnown = !stable || pointers.some(({ release }) => release.version === stable.release.version && sameRelease(release, stable.release));
    if (!isKnown) pointers.push(stable);
  }
  return pointers;
}
