import { Holder, readNote, runOf } from './lock-note';
import { LockRef, LockRefs } from './lock-refs';
import { Clock } from '../clock';
import { GithubApi, GithubError } from '../ledger/github-api';
import { Ledger, LedgerError } from '../ledger/ledger';

export interface GitRefLockOptions {
  readonly api: GithubApi;
  readonly clock: Clock;
  /** Whether another run may still be at work. */
  readonly isAlive: Ledger['isAlive'];
  /** This process: `<run id>.<attempt>.<random>`. */
  readonly writer: string;
  /**
   * Any blob that the repository has, only because an annotated tag must name an object. No commit: for one whose workflows
   * are not those of the default branch GitHub wants `workflows: write`, which a job's token never has.
   */
  readonly blob: string;
  /** What could not be done, and does not matter enough to fail. */
  readonly warn: (text: string) => void;
  /** How long to wait for another run, in milliseconds. @default 300000 */
  readonly patienceMs?: number;
  /** For links to runs. @default 'https://github.com' */
  readonly serverUrl?: string;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** Gives the lock back. Never rejects: what is not released ends with the run. */
export type Release = () => Promise<void>;

/** Each wait is twice the one before, up to the last. */
const FIRST_WAIT_MS = 1000;
const LAST_WAIT_MS = 30_000;
/** GitHub may show a ref some seconds after it was made. */
const LOOKS_MS = [0, 1000, 2000, 4000, 8000];
const RELEASE_PATIENCE_MS = 20_000;
/** So many locks stay behind the newest, so that whoever reads an old list finds the next number taken. */
const KEPT = 8;
const DELETED_AT_ONCE = 5;

/**
 * One process at a time on an environment, whatever workflow it belongs to: the refs
 * `refs/delivery/locks/<environment>/lock-<n>`, of which the highest counts. Creating a ref is GitHub's one
 * compare-and-swap (422 where it exists), and needs `contents: write`. Each points at an annotated tag whose message says
 * who holds it, since when, and whether it was released. It is free where there is none, it was released, its holder's
 * run is not alive, or the holder is an earlier process of our own run (its step is over): then the next number is created.
 *
 * GitHub takes refs outside `heads` and `tags`: it shows them nowhere, clones do not fetch them, and no workflow starts.
 * The lock stops no command on a machine that was paused; the ledger's carrier is looked at before each phase for that.
 *
 * @see https://docs.github.com/en/rest/git/refs#create-a-reference
 */
export class GitRefLock {
  private readonly patienceMs: number;

  constructor(private readonly options: GitRefLockOptions) {
    this.patienceMs = options.patienceMs ?? 300_000;
  }

  /** Waits, bounded, for whoever holds it. Rejects with `LedgerError`, which says who that is and since when. */
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
      if (signal?.aborted) throw new LedgerError(`asked to stop while waiting for the lock of ${environment}. Nothing was changed.`);
    }
  };

  /** Undefined: it is free. */
  private async holderOf(refs: LockRefs, highest: LockRef | undefined): Promise<Holder | undefined> {
    if (!highest) return undefined;
    const holder = readNote(await refs.read(highest));
    if (!holder) {
      throw new LedgerError(`${refs.nameOf(highest.number)} was not written by projen-delivery, so nobody can tell who holds the lock. Delete it: git push origin --delete ${refs.nameOf(highest.number)}`);
    }
    if (holder === 'nobody' || this.isOurRun(holder) || !await this.options.isAlive(holder.run)) return undefined;
    return holder;
  }

  private isOurRun({ run }: Holder): boolean {
    const ours = runOf(this.options.writer);
    return run.id === ours?.id && run.attempt === ours.attempt;
  }

  /** The lock, or why it could not be had. */
  private async take(refs: LockRefs, environment: string, before: readonly LockRef[]): Promise<Release | Refused> {
    const { writer } = this.options;
    const note = (state: 'held' | 'released') => ({ state, writer, since: new Date(this.options.clock.now()).toISOString(), environment });
    const lock = { number: (before[0]?.number ?? 0) + 1, sha: await refs.write(note('held')) };
    const refusal = await refs.create(lock);
    const release = async () => refs.move({ ...lock, sha: await refs.write(note('released')) }, RELEASE_PATIENCE_MS);
    if (!await this.isHighest(refs, lock, refusal === undefined)) {
      // made by a process that had been paused since it looked: nobody waits for it, but it shall not look held
      if (!refusal) await release().catch(() => undefined);
      return { refusal };
    }
    return async () => {
      await release().catch((error: Error) => this.options.warn(`The lock of ${environment} could not be released; it ends with this run. ${error.message}`));
      await deleteOld(refs, before);
    };
  }

  /** A list that does not show what is known to exist is an old one: it is read again. */
  private async isHighest(refs: LockRefs, { number, sha }: LockRef, exists: boolean): Promise<boolean> {
    for (const waitMs of exists ? LOOKS_MS : [0]) {
      if (waitMs > 0) await this.options.clock.sleep(waitMs);
      const [highest] = await refs.list();
      if (highest && highest.number >= number) return highest.number === number && highest.sha === sha;
    }
    return false;
  }

  private inUse(environment: string, why: Holder | Refused): LedgerError {
    const waited = `This job waited ${Math.round(this.patienceMs / 1000)} s and changed nothing.`;
    if (!('run' in why)) {
      const said = why.refusal?.message ?? 'Others were always faster.';
      return new LedgerError(`the lock of ${environment} could not be had. ${said} ${waited} Run it again; if GitHub refuses the ref each time, look for a ruleset that forbids it.`);
    }
    const { run: { id, attempt }, since } = why;
    const url = `${this.options.serverUrl ?? 'https://github.com'}/${this.options.api.repository}/actions/runs/${id}/attempts/${attempt}`;
    return new LedgerError(`another run works on ${environment} since ${since}: ${url}. ${waited} Run it again when that run is over; if it hangs, cancel it, and its lock ends with it.`);
  }
}

/** GitHub's refusal; undefined where the ref was created, and others had gone further meanwhile. */
interface Refused {
  readonly refusal: GithubError | undefined;
}

async function deleteOld(refs: LockRefs, before: readonly LockRef[]): Promise<void> {
  for (const { number } of before.slice(KEPT).reverse().slice(0, DELETED_AT_ONCE)) await refs.delete(number).catch(() => undefined);
}
