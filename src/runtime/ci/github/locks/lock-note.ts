import { JobProcess } from './job-process';
import { Claimant } from './liveness-source';
import { isNumber, isObject, isText } from '../../../json-value';

/** What a lock says of itself: the message of the annotated tag that its ref points at. */
export interface LockNote {
  readonly state: 'held' | 'released';
  /** `<run id>.<attempt>.<random>`. */
  readonly processId: string;
  readonly process: JobProcess;
  /** ISO 8601: since when it is in this state. */
  readonly since: string;
  /** For a person who finds it. */
  readonly environment: string;
}

export interface Holder extends Claimant {
  readonly since: string;
}

export function writeNote(note: LockNote): string {
  return JSON.stringify(note);
}

/** Who holds the lock; `nobody` where it was released; undefined where we did not write that. */
export function readNote(text: string): Holder | 'nobody' | undefined {
  const note = parse(text);
  if (!isObject(note)) return undefined;
  if (note.state === 'released') return 'nobody';
  const run = isText(note.processId) ? runOf(note.processId) : undefined;
  if (note.state !== 'held' || !run || !isText(note.since) || Number.isNaN(Date.parse(note.since))) return undefined;
  return { run, process: readProcess(note.process), since: new Date(note.since).toISOString() };
}

/** The run and attempt that a process belongs to. */
export function runOf(processId: string): Claimant['run'] | undefined {
  const [, id, attempt] = /^(\d{1,15})\.(\d{1,6})\.\w+$/.exec(processId) ?? [];
  return id === undefined ? undefined : { id: Number(id), attempt: Number(attempt) };
}

function readProcess(value: unknown): JobProcess | undefined {
  if (!isObject(value)) return undefined;
  const { job, runner, machine, pid, began } = value;
  if (!isText(machine) || !isNumber(pid) || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  const optional = { job: isNumber(job) ? job : undefined, runner: isText(runner) ? runner : undefined, began: isText(began) ? began : undefined };
  return { ...optional, machine, pid };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
