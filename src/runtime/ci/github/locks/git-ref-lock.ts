import { ProcessFate, fateOf, JobProcess, isJobOver, livenessSource, LivenessSource } from './job-process';
import { Holder, readNote, runOf, ListedLockRef, LockRef, LockRefs } from './lock-refs';
import { formatDuration } from '../../../../contract/duration-text';
import { Clock } from '../../../clock';
import { EventLogError } from '../../../event-log/event-log';
import { Ledger } from '../../../ledger/ledger';
import { GithubApi, GithubError } from '../api';
import { readWorkflowJobs } from '../workflow-run';

export interface GitRefLockOptions {
  readonly api: GithubApi;
  readonly clock: Clock;
  /** Whether another run may still be at work. */
  readonly isAlive: Ledger['isAlive'];
  /** This process: `<run id>.<attempt>.<random>`. */
  readonly processId: string;
  /** This process on its machine. */
  readonly process: JobProcess;
  /** The state of a process of this machine. @default - read from the system */
  readonly fateOf?: (process: JobProcess) => ProcessFate;
  /**
   * A blob of the repository, because an annotated tag must name an object. Not a commit: if its workflows differ from those of the default
   * branch, GitHub requires `workflows: write`, which a job's token never has.
   */
  readonly blob: string;
  /** Receives warnings about failures that do not matter enough to fail. */
  readonly warn: (text: string) => void;
  /** How long to wait for another run, in milliseconds. @default 300000 */
  readonly patienceMs?: number;
  /** For links to runs. @default 'https://github.com' */
  readonly serverUrl?: string;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** Releases the lock. Never rejects: a lock that is not released ends with the run. */
export type Release = () => Promise<void>;

/** Each wait is twice as long as the one before, up to the last. */
const FIRST_WAIT_MS = 1000;
const LAST_WAIT_MS = 30_000;
/** GitHub may list a ref some seconds after its creation. */
const LOOKS_MS = [0, 1000, 2000, 4000, 8000];
const RELEASE_PATIENCE_MS = 20_000;
/** The number of older locks to keep, so that a process that reads an old list finds the next number taken. */
const KEPT = 8;
const DELETED_AT_ONCE = 5;

/**
 * Allows one process at a time on an environment, from any workflow, with the refs
 * `refs/delivery/locks/<environment>/lock-<n>`, of which the highest counts. Creating a ref is GitHub's only
 * compare-and-swap (422 if it exists), and needs `contents: write`. Each points at an annotated tag whose message contains
 * the holder, since when, and whether it was released. The lock is free if there is no ref, it was released, or its holder
 * ended: then the next number is created. `livenessSource` names the source that knows it.
 *
 * GitHub accepts refs outside `heads` and `tags`: it does not show them, clones do not fetch them, and they start no workflow.
 * The lock cannot stop a command on a machine that was paused; the lease in the ledger is checked before each phase for that.
 *
 * @see https://docs.github.com/en/rest/git/refs#create-a-reference
 */
export class GitRefLock {
  private readonly patienceMs: number;

  constructor(private readonly options: GitRefLockOptions) {
    this.patienceMs = options.patienceMs ?? 300_000;
  }

  /** Waits for the holder, for a limited time. Rejects with `EventLogError`, which names the holder and since when. */
  public readonly hold = async (environment: string): Promise<Release> => {
    const { api, clock, blob, signal } = this.options;
    const refs = new LockRefs(api, environment, blob);
    const giveUpAt = clock.now() + this.patienceMs;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LAST_WAIT_MS)) {
      const locks = await refs.list();
      const holder = await this.holderOf(refs, locks[0]);
      const taken = holder ?? await this.take(refs, environment, locks);
      if (typeof taken === 'function') return taken;
      if (clock.now() + waitMs > giveUpAt) throw this.inUse(environment, taken);
      await clock.sleep(waitMs, signal);
      if (signal?.aborted) throw new EventLogError(`stopped while waiting for the lock of ${environment}. Nothing was changed.`);
    }
  };

  /** Undefined: it is free. */
  private async holderOf(refs: LockRefs, highest: ListedLockRef | undefined): Promise<AtWork | undefined> {
    if (!highest) return undefined;
    if (highest.type !== 'tag') throw foreign(refs, highest, `points at a ${highest.type} and not at a tag, where the lock says who holds it`);
    const said = await refs.read(highest);
    if (said === undefined) throw foreign(refs, highest, 'points at a tag that GitHub does not find');
    const holder = readNote(said);
    if (!holder) throw foreign(refs, highest, 'points at a tag that says something else');
    if (holder === 'released') return undefined;
    const { fateOf: fate = fateOf, process, processId } = this.options;
    const own = { run: runOf(processId)!, process };
    const itsFate = holder.process && livenessSource(holder, own, true) === 'machine' ? fate(holder.process) : 'unknown';
    const source = livenessSource(holder, own, itsFate !== 'unknown');
    return await this.isOver(holder, source, itsFate) ? undefined : { ...holder, source };
  }

  private async isOver({ run, process }: Holder, source: LivenessSource, fate: ProcessFate): Promise<boolean> {
    switch (source) {
      case 'none': return true;
      case 'machine': return fate === 'gone';
      case 'job': return isJobOver(await this.jobsOf(run.id), process ?? {});
      case 'run': return !await this.options.isAlive(run);
    }
  }

  /** Undefined if the token may not read it: then each job counts as running. */
  private async jobsOf(runId: number): Promise<Awaited<ReturnType<typeof readWorkflowJobs>>> {
    try {
      return await readWorkflowJobs(this.options.api, runId);
    } catch (error) {
      if (!(error instanceof GithubError) || error.status !== 403) throw error;
      this.options.warn(`${error.message} Until then every other job of this run counts as still at work.`);
      return [];
    }
  }

  /** The lock, or why it could not be acquired. */
  private async take(refs: LockRefs, environment: string, before: readonly LockRef[]): Promise<Release | Rejected> {
    const { process, processId } = this.options;
    const note = (state: 'held' | 'released') => ({ state, processId, process, since: new Date(this.options.clock.now()).toISOString(), environment });
    const lock = { number: (before[0]?.number ?? 0) + 1, sha: await refs.write(note('held')) };
    const rejection = await refs.create(lock);
    const release = async () => refs.move({ ...lock, sha: await refs.write(note('released')) }, RELEASE_PATIENCE_MS);
    if (!await this.isHighest(refs, lock, rejection === undefined)) {
      // created by a process that was paused after it read the list: no process waits for it, but it must not look held
      if (!rejection) await release().catch(() => undefined);
      return { rejection };
    }
    return async () => {
      await release().catch((error: Error) => this.options.warn(`The lock of ${environment} could not be released; it ends with this run. ${error.message}`));
      await deleteOld(refs, before);
    };
  }

  /** A list that lacks a ref that is known to exist is outdated: it is read again. */
  private async isHighest(refs: LockRefs, { number, sha }: LockRef, exists: boolean): Promise<boolean> {
    for (const waitMs of exists ? LOOKS_MS : [0]) {
      if (waitMs > 0) await this.options.clock.sleep(waitMs);
      const [highest] = await refs.list();
      if (highest && highest.number >= number) return highest.number === number && highest.sha === sha;
    }
    return false;
  }

  private inUse(environment: string, why: AtWork | Rejected): EventLogError {
    const waited = `This job waited ${formatDuration(this.patienceMs)} and changed nothing.`;
    if (!('run' in why)) {
      const said = why.rejection?.message ?? 'Others were always faster.';
      return new EventLogError(`the lock of ${environment} could not be acquired. ${said} ${waited} Run it again; if GitHub rejects the ref each time, look for a ruleset that forbids it.`);
    }
    const { run: { id, attempt }, process, since, source } = why;
    const runUrl = `${this.options.serverUrl ?? 'https://github.com'}/${this.options.api.repository}/actions/runs/${id}`;
    switch (source) {
      case 'machine':
        return new EventLogError(`process ${process?.pid} on this machine works on ${environment} since ${since}, for ${runUrl}/attempts/${attempt}. ${waited} Run it again when that process is over; if it hangs, end it, and its lock ends with it.`);
      case 'job':
        return new EventLogError(`another job of this run works on ${environment} since ${since}: ${process?.job ? `${runUrl}/job/${process.job}` : `${runUrl}/attempts/${attempt}`}. ${waited} Let jobs that work on one environment come one after another: name the other job in this one's needs. If it hangs, cancel the run, and its lock ends with it.`);
      default:
        return new EventLogError(`another run works on ${environment} since ${since}: ${runUrl}/attempts/${attempt}. ${waited} Run it again when that run is over; if it hangs, cancel it, and its lock ends with it.`);
    }
  }
}

/** The holder of the lock, and the source that knows that it still runs. */
interface AtWork extends Holder {
  readonly source: LivenessSource;
}

/** A ref among the locks that the delivery did not write. */
function foreign(refs: LockRefs, { number }: LockRef, what: string): EventLogError {
  const name = refs.nameOf(number);
  return new EventLogError(`${name} ${what}: it was not written by projen-delivery, so it is not known who holds the lock. Delete it: git push origin --delete ${name}`);
}

/** GitHub's rejection; undefined if the ref was created, but newer locks exist. */
interface Rejected {
  readonly rejection: GithubError | undefined;
}

async function deleteOld(refs: LockRefs, before: readonly LockRef[]): Promise<void> {
  for (const { number } of before.slice(KEPT).reverse().slice(0, DELETED_AT_ONCE)) await refs.delete(number).catch(() => undefined);
}
