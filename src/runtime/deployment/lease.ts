import { Clock } from '../clock';
import { RuntimeContext } from '../context';
import { LeaseLostError } from '../errors';
import { IN_PROGRESS, isFinal, State } from './state-machine';
import { compareIds, EventLogError, runOfProcess } from '../event-log/event-log';
import { NewerRecordError } from '../event-log/schema';
import { Entry, leaseHolderOf } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { Decision, LaterAttempt, LedgerRecord } from '../ledger/record';

/** What the ledger says. */
interface Seen {
  readonly entries: readonly Entry[];
  /** The newest attempt of a later run. */
  readonly newer?: Awaited<ReturnType<EnvironmentHistory['newerThan']>>;
  /** A hold of a later run. */
  readonly hold?: Decision;
}

/** How long to wait for the ledger: longer before a change. */
const LOOK_MS = 5_000;
const LOOK_BEFORE_CHANGE_MS = 30_000;
const CHANGING: readonly State[] = ['migrating', 'deploying', 'promoting'];

/** GitHub is expected to list a new entry within this time. */
const READ_BACK_MS = 60_000;
const READ_AGAIN_MS = 1_000;

/** Checks in the ledger whether this process holds the lease of a deployment. If the ledger does not respond, the deployment continues. */
export class Lease {
  /** The process that held the lease before: the ledger names it until it lists our own entry. */
  private takenFrom?: string;
  /** The state that this process recorded last. */
  private written?: State;

  constructor(private readonly context: RuntimeContext, private readonly record: LedgerRecord) {}

  /** Returns the process that holds the lease according to these entries; undefined if it is this one. */
  public takesFrom(entries: readonly Entry[]): string | undefined {
    const { processId } = leaseHolderOf(this.record.processId, entries);
    return (this.takenFrom = processId === this.ours ? undefined : processId);
  }

  /**
   * Waits until the ledger lists the entry that takes the lease. Another process may have been faster, or the holder may have continued.
   * Rejects with `LeaseLostError`. Returns the entries until then, if the ledger responds.
   */
  public async checkTaken(state: State): Promise<readonly Entry[] | undefined> {
    const { clock } = this.context;
    const giveUpAt = clock.now() + READ_BACK_MS;
    for (;;) {
      const seen = await this.look(state, () => this.readOwn());
      if (!seen) return undefined;
      if (this.checkCarrier(seen.entries) === this.ours) return seen.entries;
      // entries after a final state do not count, so ours never will
      const last = seen.entries[seen.entries.length - 1]!.state;
      if (isFinal(last)) throw this.lost(`${this.record.release.version} (${this.title(this.record)}) is ${last} already`);
      // a new entry may be listed late
      if (clock.now() >= giveUpAt) throw this.lost('another process that continues this deployment was faster');
      await clock.sleep(READ_AGAIN_MS);
    }
  }

  /**
   * Reads the ledger before each phase: another process may have taken the lease, or a person may have requested another release. Returns
   * why the deployment is no longer wanted, if so. Rejects with `LeaseLostError`.
   */
  public async lookAgain(state: State): Promise<string | undefined> {
    const { record } = this;
    const seen = await this.look(state);
    if (!seen) return undefined;
    const { entries, hold, newer } = seen;
    this.checkCarrier(entries);
    const last = entries[entries.length - 1]!.state;
    if (isFinal(last)) throw this.lost(`${record.release.version} (${this.title(record)}) is ${last} already`);
    // an older record did not come after this one, even if its run is newer
    const isLater = newer && !newer.isPending && compareIds(newer.record.id, record.id) > 0;
    if (isLater) return this.outrun(state, newer.record);
    if (hold && record.kind !== 'rollback' && IN_PROGRESS.includes(state)) return `${hold.by} requested ${hold.release.version} (${this.title(hold)})`;
    return undefined;
  }

  /** Notes what this process recorded: the ledger may list it late. */
  public wrote(state: State): void {
    this.written = state;
  }

  /**
   * Checks that no other process took the lease, before others rely on the entries of this one. Waits until the ledger lists the last one: only
   * then it lists what came before it, too. Rejects with `LeaseLostError`.
   */
  public async checkStands(state: State): Promise<void> {
    const { clock, log } = this.context;
    const giveUpAt = clock.now() + READ_BACK_MS;
    for (;;) {
      const seen = await this.look(state, () => this.readOwn());
      if (!seen) return;
      this.checkCarrier(seen.entries);
      if (this.written === undefined || seen.entries.some((one) => one.processId === this.ours && one.state === this.written)) return;
      if (clock.now() >= giveUpAt) return log.warning('The ledger does not show yet what this process wrote', `${this.written} was recorded; it is not known whether another process took this deployment over.`);
      await clock.sleep(READ_AGAIN_MS);
    }
  }

  private get ours(): string {
    return this.context.run.processId;
  }

  /** Undefined if the ledger does not respond in time. */
  private async look(state: State, read = () => this.readAll()): Promise<Seen | undefined> {
    const { clock, log } = this.context;
    const patienceMs = CHANGING.includes(state) ? LOOK_BEFORE_CHANGE_MS : LOOK_MS;
    for (;;) {
      const startedAt = clock.now();
      const seen = await within(clock, patienceMs, this.unlessUnreadable(read()));
      // the machine was suspended meanwhile, so the response may be outdated
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

  /** Reads only this record: other records do not say who holds its lease. */
  private async readOwn(): Promise<Seen> {
    return { entries: await this.context.ledger.history(this.record) };
  }

  /** Undefined if the ledger cannot be read. What a newer version wrote is readable to others: they may have taken this deployment. */
  private async unlessUnreadable<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof NewerRecordError) throw this.lost(error.message.replace(/\.$/, ''));
      if (error instanceof EventLogError) return undefined;
      throw error;
    }
  }

  private checkCarrier(entries: readonly Entry[]): string {
    const { processId } = leaseHolderOf(this.record.processId, entries);
    if (processId !== this.ours && processId !== this.takenFrom) throw this.lost(`${this.context.run.words.title(runOfProcess(processId).id)} has taken this deployment over`);
    return processId;
  }

  /** A release that lacks its confirmation is superseded; a deployment in progress is taken by the newer run. */
  private outrun(state: State, later: LaterAttempt): string {
    const { version } = later.release;
    if (state === 'confirming') return `${version} (${this.title(later)}) came after it`;
    throw this.lost(`${this.title(later)}, which is newer, is deploying ${version}`);
  }

  private title({ run: { id } }: { readonly run: { readonly id: number } }): string {
    return this.context.run.words.title(id);
  }

  private lost(why: string): LeaseLostError {
    return new LeaseLostError(`${this.context.environment.name}: ${why}; this process changes nothing more.`);
  }
}

/** Undefined if it takes longer. */
async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  const end = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(ms, end.signal).then(() => undefined)]);
  } finally {
    end.abort();
  }
}
