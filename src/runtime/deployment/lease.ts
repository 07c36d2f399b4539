import { Clock } from '../clock';
import { RuntimeContext } from '../context';
import { LeaseLostError } from '../errors';
import { IN_PROGRESS, isFinal, State } from './state-machine';
import { compareIds, EventLogError, runOfProcess } from '../event-log/event-log';
import { Entry, leaseHolderOf } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { Decision, LaterAttempt, LedgerRecord } from '../ledger/record';

/** What a look at the ledger shows. */
interface Seen {
  readonly entries: readonly Entry[];
  /** The newest attempt of a later run. */
  readonly newer?: Awaited<ReturnType<EnvironmentHistory['newerThan']>>;
  /** A hold of a later run. */
  readonly hold?: Decision;
}

/** How long a look may hold up what is under way; before a change it is worth more. */
const LOOK_MS = 5_000;
const LOOK_BEFORE_CHANGE_MS = 30_000;
const CHANGING: readonly State[] = ['migrating', 'deploying', 'promoting'];

/** GitHub lists a new entry within this time, by all that is known. */
const READ_BACK_MS = 10_000;
const READ_AGAIN_MS = 1_000;

/** Whether this process carries a deployment, as the ledger tells. A ledger that does not answer stops nothing. */
export class Lease {
  /** The process it was taken from: until our own entry is read back, the ledger still names that one. */
  private takenFrom?: string;

  constructor(private readonly context: RuntimeContext, private readonly record: LedgerRecord) {}

  /** Whom it must be taken from, by what the ledger showed; undefined where it is ours. */
  public takesFrom(entries: readonly Entry[]): string | undefined {
    const { processId } = leaseHolderOf(this.record.processId, entries);
    return (this.takenFrom = processId === this.ours ? undefined : processId);
  }

  /**
   * The entry that takes it must count: another one may have been faster, or the carrier alive and further on. Rejects with `Lost`.
   * Returns what the carrier had come to until then, where the ledger answers.
   */
  public async checkTaken(state: State): Promise<readonly Entry[] | undefined> {
    const { clock } = this.context;
    const giveUpAt = clock.now() + READ_BACK_MS;
    for (;;) {
      const seen = await this.look(state, () => this.readOwn());
      if (!seen) return undefined;
      if (this.checkCarrier(seen.entries) === this.ours) return seen.entries;
      // nothing counts after a final state: our own entry never will
      const last = seen.entries[seen.entries.length - 1]!.state;
      if (isFinal(last)) throw this.lost(`${this.record.release.version} (${this.title(this.record)}) is ${last} already`);
      // nothing promises that an entry is read back at once
      if (clock.now() >= giveUpAt) throw this.lost('another process that continues this deployment was faster');
      await clock.sleep(READ_AGAIN_MS);
    }
  }

  /**
   * Before each phase: a process that was taken for lost may live on, and a person may have asked for another release
   * meanwhile. Says why the deployment is not wanted any more. Rejects with `Lost`.
   */
  public async lookAgain(state: State): Promise<string | undefined> {
    const { record } = this;
    const seen = await this.look(state);
    if (!seen) return undefined;
    const { entries, hold, newer } = seen;
    this.checkCarrier(entries);
    const last = entries[entries.length - 1]!.state;
    if (isFinal(last)) throw this.lost(`${record.release.version} (${this.title(record)}) is ${last} already`);
    // what was there before this record did not come after it, whatever its run
    const isLater = newer && !newer.isPending && compareIds(newer.record.id, record.id) > 0;
    if (isLater) return this.outrun(state, newer.record);
    if (hold && record.kind !== 'rollback' && IN_PROGRESS.includes(state)) return `${hold.by} requested ${hold.release.version} (${this.title(hold)})`;
    return undefined;
  }

  /** Before others rely on what this process wrote: it counts only if nobody took the deployment meanwhile. Rejects with `Lost`. */
  public async checkStands(state: State): Promise<void> {
    const seen = await this.look(state, () => this.readOwn());
    if (seen) this.checkCarrier(seen.entries);
  }

  private get ours(): string {
    return this.context.run.processId;
  }

  /** Undefined where the ledger does not answer in time. */
  private async look(state: State, read = () => this.readAll()): Promise<Seen | undefined> {
    const { clock, log } = this.context;
    const patienceMs = CHANGING.includes(state) ? LOOK_BEFORE_CHANGE_MS : LOOK_MS;
    for (;;) {
      const startedAt = clock.now();
      const seen = await within(clock, patienceMs, unlessUnreadable(read()));
      // A machine that stood still meanwhile has seen nothing of what happened.
      if (clock.now() - startedAt > 2 * patienceMs) continue;
      if (!seen) log.warning('The ledger could not be read', 'It is not known whether this deployment is still wanted; it continues.');
      return seen;
    }
  }

  private async readAll(): Promise<Seen> {
    const { record, context: { environment, ledger } } = this;
    const history = new EnvironmentHistory(ledger, environment.name);
    const [{ entries }, newer, hold] = await Promise.all([
      history.standing(record), history.newerThan(record.run), history.heldAgainst(record.run.id),
    ]);
    return { entries, newer, hold };
  }

  /** What others brought says nothing of who carries this one: that saves a request. */
  private async readOwn(): Promise<Seen> {
    return { entries: await this.context.ledger.history(this.record) };
  }

  private checkCarrier(entries: readonly Entry[]): string {
    const { processId } = leaseHolderOf(this.record.processId, entries);
    if (processId !== this.ours && processId !== this.takenFrom) throw this.lost(`${this.context.run.words.title(runOfProcess(processId).id)} has taken this deployment over`);
    return processId;
  }

  /** What is not confirmed yet gives way; what is under way belongs to the one that came. */
  private outrun(state: State, later: LaterAttempt): string {
    const { version } = later.release;
    if (state === 'confirming') return `${version} (${this.title(later)}) came after it`;
    throw this.lost(`the newer ${this.title(later)} is deploying ${version}`);
  }

  private title({ run: { id } }: { readonly run: { readonly id: number } }): string {
    return this.context.run.words.title(id);
  }

  private lost(why: string): LeaseLostError {
    return new LeaseLostError(`${this.context.environment.name}: ${why}; this process changes nothing more.`);
  }
}

/** Undefined where the ledger cannot be read. */
async function unlessUnreadable<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof EventLogError) return undefined;
    throw error;
  }
}

/** Undefined where it takes longer. */
async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  const end = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(ms, end.signal).then(() => undefined)]);
  } finally {
    end.abort();
  }
}
