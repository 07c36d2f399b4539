import { Block, Carried, Decision, LaterAttempt, NewRecord, RecordKind, StablePointer } from './ledger';
import { Artifact, Release } from '../release';

const KINDS: readonly RecordKind[] = ['deploy', 'rollback', 'adopt', 'drill', 'hold', 'unblock', 'override'];

/** A record from outside, checked field by field; undefined if it is none. What is not known is left out. */
export function readRecord(value: unknown): NewRecord | undefined {
  if (!isObject(value)) return undefined;
  const { environment, strategy, slot, run, processId, by, reason } = value;
  const kind = KINDS.find((known) => known === value.kind);
  const release = readRelease(value.release);
  const leaving = value.leaving === undefined ? undefined : readRelease(value.leaving);
  const stable = value.stable === undefined ? undefined : readPointer(value.stable);
  if (!isText(environment) || !isText(strategy) || !isText(by) || !isText(processId) || !release) return undefined;
  if (!isObject(run) || !isNumber(run.id) || !isNumber(run.attempt)) return undefined;
  if (!kind || (value.leaving !== undefined && !leaving)) return undefined;
  if (!isOptionalText(slot) || !isOptionalText(reason) || (value.stable !== undefined && !stable)) return undefined;
  const { id, attempt } = run;
  const carried = readCarried(value.carried);
  return { environment, kind, release, strategy, stable, slot, run: { id, attempt }, processId, leaving, by, reason, ...(carried && { carried }) };
}

/** Undefined where it is none: then the records before it are read. */
function readCarried(value: unknown): Carried | undefined {
  if (!isObject(value) || !Array.isArray(value.records) || !value.records.every(isText) || !Array.isArray(value.blocked)) return undefined;
  const blocked = value.blocked.map(readBlock).filter((block) => block !== undefined);
  const parts = {
    stable: readPart(value.stable, readPointer),
    newest: readPart(value.newest, (id) => (isText(id) ? id : undefined)),
    latest: readPart(value.latest, readLater),
    hold: readPart(value.hold, readDecision),
    override: readPart(value.override, readDecision),
    irreversible: readPart(value.irreversible, readIrreversible),
  };
  const isWhole = blocked.length === value.blocked.length && Object.values(parts).every((part) => part !== 'none');
  return isWhole ? { records: value.records, blocked, ...withoutUndefined(parts as Partial<Carried>) } : undefined;
}

function readPart<T>(value: unknown, read: (value: unknown) => T | undefined): T | 'none' | undefined {
  return value === undefined ? undefined : read(value) ?? 'none';
}

function withoutUndefined(parts: Partial<Carried>): Partial<Carried> {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}

const REASONS: readonly Block['why'][] = ['health', 'command', 'left', 'lifted'];

function readBlock(value: unknown): Block | undefined {
  const release = isObject(value) ? readRelease(value.release) : undefined;
  const why = isObject(value) ? REASONS.find((known) => known === value.why) : undefined;
  return release && why && { release, why };
}

function readIrreversible(value: unknown): Carried['irreversible'] {
  const release = isObject(value) ? readRelease(value.release) : undefined;
  return isObject(value) && release && isText(value.id) ? { id: value.id, release } : undefined;
}

function readLater(value: unknown): LaterAttempt | undefined {
  const attempt = readIrreversible(value);
  const run = isObject(value) ? readRun(value.run) : undefined;
  return attempt && run && { ...attempt, run };
}

function readDecision(value: unknown): Decision | undefined {
  if (!isObject(value) || !isText(value.by) || !isText(value.createdAt) || !isOptionalText(value.reason)) return undefined;
  const { by, createdAt, reason } = value;
  const [release, run] = [readRelease(value.release), readRun(value.run)];
  return release && run && { by, createdAt, ...(reason !== undefined && { reason }), release, run };
}

function readRun(value: unknown): NewRecord['run'] | undefined {
  return isObject(value) && isNumber(value.id) && isNumber(value.attempt) ? { id: value.id, attempt: value.attempt } : undefined;
}

function readRelease(value: unknown): Release | undefined {
  if (!isObject(value) || !isText(value.version) || !isText(value.sha)) return undefined;
  const artifact = value.artifact === undefined ? undefined : readArtifact(value.artifact);
  if (value.artifact !== undefined && !artifact) return undefined;
  return { version: value.version, sha: value.sha, ...(artifact && { artifact }) };
}

function readArtifact(value: unknown): Artifact | undefined {
  if (!isObject(value) || !isText(value.digest) || !isOptionalText(value.id) || !isOptionalText(value.runId)) return undefined;
  return { digest: value.digest, ...(value.id !== undefined && { id: value.id }), ...(value.runId !== undefined && { runId: value.runId }) };
}

function readPointer(value: unknown): StablePointer | undefined {
  if (!isObject(value) || !isText(value.recordId) || !isText(value.since) || !isOptionalText(value.slot)) return undefined;
  const release = readRelease(value.release);
  return release && { recordId: value.recordId, release, since: value.since, ...(value.slot !== undefined && { slot: value.slot }) };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || isText(value);
}
