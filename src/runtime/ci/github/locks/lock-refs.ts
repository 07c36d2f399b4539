import { createHash } from 'node:crypto';
import { isListOf, isNumber, isObject, isText, parseJson } from '../../../json-value';
import { GithubApi, GithubError } from '../api';
import { JobProcess, Claimant } from './job-process';

/** A numbered lock of an environment, and the object that its ref points at. */
export interface LockRef {
  readonly number: number;
  readonly sha: string;
}

/** As GitHub lists it. */
export interface ListedLockRef extends LockRef {
  /** The type of the object; locks are tags. */
  readonly type: string;
}

interface ApiRef {
  readonly ref: string;
  readonly object: { readonly sha: string; readonly type?: unknown };
}

const WRITE = 'contents: write';

/** An environment's locks in the repository: plain refs that point at annotated tags. Every method rejects with `GithubError`. */
export class LockRefs {
  public readonly prefix: string;

  constructor(private readonly api: GithubApi, private readonly environment: string, private readonly blob: string) {
    this.prefix = lockPrefix(environment);
  }

  /** Returns the locks, highest first. */
  public async list(): Promise<ListedLockRef[]> {
    const { data } = await this.api.request({
      what: `list the locks of ${this.environment}`,
      route: 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}',
      permission: WRITE,
      parameters: { ref: withoutRefs(this.prefix) },
      isExpected: isRefList,
    });
    const numbered = data.map(({ ref, object }) => ({ number: this.numberOf(ref), sha: object.sha, type: isText(object.type) ? object.type : 'object' }));
    return numbered.filter(({ number }) => number > 0).sort((a, b) => b.number - a.number);
  }

  /** Writes the message of a lock. No ref points at it yet. */
  public async write(note: LockNote): Promise<string> {
    const { data } = await this.api.request({
      what: `write a lock of ${this.environment}`,
      route: 'POST /repos/{owner}/{repo}/git/tags',
      permission: WRITE,
      parameters: { tag: 'delivery-lock', message: writeNote(note), object: this.blob, type: 'blob' },
      isExpected: hasSha,
    });
    return data.sha;
  }

  /** The message of a lock; undefined if its ref does not point at a tag that GitHub finds. */
  public async read({ number, sha }: LockRef): Promise<string | undefined> {
    try {
      const { data } = await this.api.request({
        what: `read ${this.nameOf(number)}`,
        route: 'GET /repos/{owner}/{repo}/git/tags/{tag_sha}',
        permission: WRITE,
        parameters: { tag_sha: sha },
        isExpected: hasMessage,
      });
      return data.message;
    } catch (error) {
      if (error instanceof GithubError && error.status === 404) return undefined;
      throw error;
    }
  }

  /**
   * The compare-and-swap: of all processes that create a number, one succeeds. Returns GitHub's rejection otherwise: another process was
   * first, or this request succeeded and its response was lost. Only reading shows which.
   */
  public async create({ number, sha }: LockRef): Promise<GithubError | undefined> {
    try {
      await this.api.request({
        what: `create ${this.nameOf(number)}`,
        route: 'POST /repos/{owner}/{repo}/git/refs',
        permission: WRITE,
        parameters: { ref: this.nameOf(number), sha },
        isExpected: isRef,
      });
      return undefined;
    } catch (error) {
      if (error instanceof GithubError && (error.status === 422 || error.status === 409)) return error;
      throw error;
    }
  }

  /** Replaces the message of an own lock. */
  public async move({ number, sha }: LockRef, patienceMs: number): Promise<void> {
    await this.api.request({
      what: `release ${this.nameOf(number)}`,
      route: 'PATCH /repos/{owner}/{repo}/git/refs/{ref}',
      permission: WRITE,
      parameters: { ref: withoutRefs(this.nameOf(number)), sha, force: true },
      isExpected: isRef,
      patienceMs,
    });
  }

  /** One try: the next process tries again. */
  public async delete(number: number): Promise<void> {
    await this.api.once({
      what: `delete ${this.nameOf(number)}`,
      route: 'DELETE /repos/{owner}/{repo}/git/refs/{ref}',
      permission: WRITE,
      parameters: { ref: withoutRefs(this.nameOf(number)) },
      isExpected: isAnything,
    });
  }

  public nameOf(number: number): string {
    return `${this.prefix}${number}`;
  }

  /** 0 if it is not a lock. */
  private numberOf(ref: string): number {
    const number = ref.startsWith(this.prefix) ? ref.slice(this.prefix.length) : '';
    return /^[1-9]\d{0,14}$/.test(number) ? Number(number) : 0;
  }
}

function withoutRefs(name: string): string {
  return name.slice('refs/'.length);
}

function isRefList(data: unknown): data is ApiRef[] {
  return isListOf(data, isRef);
}

function isRef(data: unknown): data is ApiRef {
  return isObject(data) && isText(data.ref) && hasSha(data.object);
}

function hasSha(data: unknown): data is { readonly sha: string } {
  return isObject(data) && isText(data.sha);
}

function hasMessage(data: unknown): data is { readonly message: string } {
  return isObject(data) && isText(data.message);
}

function isAnything(_data: unknown): _data is unknown {
  return true;
}

/** git stores refs as files, which cannot have longer names. */
const LONGEST = 120;

/**
 * The prefix of the names of an environment's locks; a number follows. An environment's name may contain characters that a ref's
 * may not, and GitHub treats `Production` and `production` as one environment.
 */
export function lockPrefix(environment: string): string {
  const segment = Buffer.from(environment.toLowerCase()).toString('latin1').replace(/[^a-z0-9-]/g, (byte) => `_${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  const short = segment.length <= LONGEST ? segment : `${segment.slice(0, LONGEST)}__${createHash('sha256').update(segment).digest('hex').slice(0, 16)}`;
  return `refs/delivery/locks/${short}/lock-`;
}

/** The message of a lock, in the annotated tag that its ref points at. */
export interface LockNote {
  readonly state: 'held' | 'released';
  /** `<run id>.<attempt>.<random>`. */
  readonly processId: string;
  readonly process: JobProcess;
  /** ISO 8601: since when it has this state. */
  readonly since: string;
  /** For people who find it. */
  readonly environment: string;
}

export interface Holder extends Claimant {
  readonly since: string;
}

function writeNote(note: LockNote): string {
  return JSON.stringify(note);
}

/** The holder of the lock; `released` if there is none; undefined if the delivery did not write it. */
export function readNote(text: string): Holder | 'released' | undefined {
  const note = parseJson(text);
  if (!isObject(note)) return undefined;
  if (note.state === 'released') return 'released';
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
