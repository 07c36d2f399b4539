import { NewRecord, RecordKind, StablePointer } from './ledger';
import { Artifact, Release } from '../release';

const KINDS: readonly RecordKind[] = ['deploy', 'rollback', 'adopt', 'drill', 'hold', 'unblock', 'override'];

/** A record from outside, checked field by field; undefined if it is none. What is not known is left out. */
export function readRecord(value: unknown): NewRecord | undefined {
  if (!isObject(value)) return undefined;
  const { environment, strategy, slot, run, writer, by, reason } = value;
  const kind = KINDS.find((known) => known === value.kind);
  const release = readRelease(value.release);
  const leaving = value.leaving === undefined ? undefined : readRelease(value.leaving);
  const stable = value.stable === undefined ? undefined : readPointer(value.stable);
  if (!isText(environment) || !isText(by) || !isText(writer) || !release) return undefined;
  if (!isObject(run) || !isNumber(run.id) || !isNumber(run.attempt)) return undefined;
  if (!kind || (value.leaving !== undefined && !leaving)) return undefined;
  if (strategy !== 'redeploy' && strategy !== 'blueGreen') return undefined;
  if (!isOptionalText(slot) || !isOptionalText(reason) || (value.stable !== undefined && !stable)) return undefined;
  const { id, attempt } = run;
  return { environment, kind, release, strategy, stable, slot, run: { id, attempt }, writer, leaving, by, reason };
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
