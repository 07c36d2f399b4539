import { Entry, NewEntry } from './entries';
import { Block, Decision, HistorySummary, LaterAttempt, NewRecord, RecordKind, StablePointer } from './record';
import { outputsField, readOutputs, readOutputsField } from './recorded-outputs';
import { State, STATES } from '../deployment/state-machine';
import { Event, EventStatus, NewEvent } from '../event-log/event-log';
import { isListOf, isNumber, isObject, isOptionalText, isText } from '../json-value';
import { OUTSIDE_FAULTS } from '../outside-fault';
import { Artifact, Release } from '../release';

const KINDS: readonly RecordKind[] = ['deploy', 'rollback', 'adopt', 'drill', 'hold', 'unblock', 'override', 'removal', 'removed'];

/** The kind of a record of another version, if this one does not know it. Undefined if it is known, or none. */
export function unknownKindOf(value: unknown): string | undefined {
  const kind = isObject(value) ? value.kind : undefined;
  return isText(kind) && !KINDS.some((known) => known === kind) ? kind : undefined;
}

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
  const carried = readSummary(value.carried);
  const fastPath = readTexts(value.fastPath);
  const checks = readList(value.checks);
  return {
    environment,
    kind,
    release,
    strategy,
    stable,
    slot,
    run: { id, attempt },
    processId,
    leaving,
    by,
    reason,
    ...(fastPath && { fastPath }),
    ...(checks && { checks }),
    ...(carried && { carried }),
  };
}

/** Undefined where it is none: a rollback does without it. */
function readTexts(value: unknown): Readonly<Record<string, string>> | undefined {
  return isObject(value) && Object.values(value).every(isText) ? value as Record<string, string> : undefined;
}

/** Undefined where it is none: then it is not known what verified the release. */
function readList(value: unknown): readonly string[] | undefined {
  return isListOf(value, isText) ? value : undefined;
}

/** Undefined where it is none: then the records before it are read. */
function readSummary(value: unknown): HistorySummary | undefined {
  if (!isObject(value) || !isListOf(value.records, isText) || !Array.isArray(value.blocked)) return undefined;
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
  return isWhole ? { records: value.records, blocked, ...withoutUndefined(parts as Partial<HistorySummary>) } : undefined;
}

function readPart<T>(value: unknown, read: (value: unknown) => T | undefined): T | 'none' | undefined {
  return value === undefined ? undefined : read(value) ?? 'none';
}

function withoutUndefined(parts: Partial<HistorySummary>): Partial<HistorySummary> {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}

const REASONS: readonly Block['why'][] = ['health', 'command', 'left', 'lifted'];

function readBlock(value: unknown): Block | undefined {
  const release = isObject(value) ? readRelease(value.release) : undefined;
  const why = isObject(value) ? REASONS.find((known) => known === value.why) : undefined;
  return release && why && { release, why };
}

function readIrreversible(value: unknown): HistorySummary['irreversible'] {
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
  if (!isObject(value) || !isText(value.version) || !isText(value.sha) || !isOptionalText(value.engineId)) return undefined;
  const artifact = value.artifact === undefined ? undefined : readArtifact(value.artifact);
  const image = value.image === undefined ? undefined : readArtifact(value.image);
  if ((value.artifact !== undefined && !artifact) || (value.image !== undefined && image?.image === undefined)) return undefined;
  const { engineId, sha, version } = value;
  return { version, sha, ...(artifact && { artifact }), ...(image && { image }), ...(engineId !== undefined && { engineId }) };
}

function readArtifact(value: unknown): Artifact | undefined {
  if (!isObject(value) || !isText(value.digest)) return undefined;
  const { digest, id, image, runId } = value;
  if (!isOptionalText(id) || !isOptionalText(image) || !isOptionalText(runId)) return undefined;
  return { digest, ...(id !== undefined && { id }), ...(runId !== undefined && { runId }), ...(image !== undefined && { image }) };
}

function readPointer(value: unknown): StablePointer | undefined {
  if (!isObject(value) || !isText(value.recordId) || !isText(value.since) || !isOptionalText(value.slot)) return undefined;
  const release = readRelease(value.release);
  const outputs = readOutputs(value.outputs);
  const checks = readList(value.checks);
  const { recordId, since, slot } = value;
  return release && { recordId, release, since, ...(slot !== undefined && { slot }), ...(checks && { checks }), ...(outputs && { outputs }) };
}

/** How a place that shows deployments shows a state. */
const STATUSES: Record<State, EventStatus> = {
  pending: 'queued',
  migrating: 'in_progress',
  deploying: 'in_progress',
  verifying: 'in_progress',
  promoting: 'in_progress',
  baking: 'in_progress',
  confirming: 'in_progress',
  rollingBack: 'in_progress',
  stable: 'success',
  rolledBack: 'failure',
  failed: 'failure',
  halted: 'error',
  superseded: 'inactive',
};

const MARKS = { abandoned: ', abandoned', commandFailed: ', command failed', irreversible: ', irreversible' } as const;
const TEXT = /^([A-Za-z]+)(, abandoned)?(, command failed)?(, irreversible)?:(?: (.*))?$/s;

/** An entry as an event: its state, marks and note are the text; who had the lease before, whether it is released, a fault, a weight, and new outputs are fields. */
export function eventOf(entry: NewEntry, creator: string): NewEvent {
  const flags = (Object.keys(MARKS) as (keyof typeof MARKS)[]).map((mark) => (entry[mark] ? MARKS[mark] : '')).join('');
  return {
    status: STATUSES[entry.state],
    text: `${entry.state}${flags}: ${entry.note}`,
    processId: entry.processId ?? creator,
    fields: [...(entry.takenFrom ? [`from=${entry.takenFrom}`] : []), ...(entry.releasesLease ? ['done'] : []), ...(entry.fault ? [`fault=${entry.fault}`] : []), ...(entry.weight === undefined ? [] : [`weight=${entry.weight}`]), ...(entry.outputs ? [outputsField(entry.outputs)] : [])],
  };
}

/** Strict: undefined for what is no entry, or contradicts itself. */
export function readEntry({ at, fields, processId, status, text }: Event): Entry | undefined {
  const [, word, abandoned, commandFailed, irreversible, note = ''] = TEXT.exec(text) ?? [];
  const state = STATES.find((candidate) => candidate === word);
  if (!state || STATUSES[state] !== status) return undefined;
  const flags = { ...(abandoned && { abandoned: true }), ...(commandFailed && { commandFailed: true }), ...(irreversible && { irreversible: true }) };
  const takenFrom = fields.find((field) => field.startsWith('from='))?.slice('from='.length);
  const lease = { ...(takenFrom && { takenFrom }), ...(fields.includes('done') && { releasesLease: true }) };
  const fault = OUTSIDE_FAULTS.find((known) => fields.includes(`fault=${known}`));
  const outputs = readOutputsField(fields);
  const weight = fields.map((field) => /^weight=(\d{1,3})$/.exec(field)?.[1]).find((found) => found !== undefined);
  const facts = { ...(fault && { fault }), ...(weight !== undefined && { weight: Number(weight) }), ...(outputs && { outputs }) };
  return { state, note, ...flags, ...facts, ...(processId !== undefined && { processId }), ...lease, at };
}
