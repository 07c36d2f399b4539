import { Entry, LedgerError, LedgerRecord, NewEntry, NewRecord } from './ledger/ledger';
import { baking } from './phases/baking';
import { confirming } from './phases/confirming';
import { deploying } from './phases/deploying';
import { Phase, PhaseResult } from './phases/phase';
import { promoting } from './phases/promoting';
import { rollingBack } from './phases/rolling-back';
import { verifying } from './phases/verifying';
import { Release } from './release';
import { Course, Event, isFinal, next, State } from './rollout';
import { Surroundings } from './surroundings';

/** A state a deployment went through here, for the summary. */
export interface Travelled {
  readonly state: State;
  readonly durationMs: number;
  readonly result: PhaseResult;
}

/** What the phases learn on the way. */
export interface Learnt {
  /** Per health check: whether it reached the old release before anything was changed. */
  baseline: Record<string, boolean>;
  /** Where the candidate answers, where the strategy or the deploy command named it. */
  candidateUrl?: string;
  /** Whether users may already see the new release. */
  trafficMoved: boolean;
  /** Since when users may see it: the bake counts from here. */
  exposedAt?: number;
  /** In a rollback by hand: the release that is left. */
  readonly leaving?: Release;
}

const PHASES: Partial<Record<State, Phase>> = { deploying, verifying, promoting, baking, confirming, rollingBack };

/**
 * One attempt to put a release on an environment, carried from state to state
 * by the table in `rollout.ts`; each state's work is a phase of its own.
 */
export class Deployment {
  /** Writes the record, with its rollback point. Until then nothing was changed. */
  public static async begin(surroundings: Surroundings, record: NewRecord, known: Pick<Learnt, 'baseline' | 'leaving'>): Promise<Deployment> {
    const written = await surroundings.ledger.create(record);
    return new Deployment(surroundings, written, 'pending', { ...known, trafficMoved: record.strategy === 'redeploy' });
  }

  /** Takes up a record that another process left open. */
  public static resume(surroundings: Surroundings, record: LedgerRecord, state: State, entries: Entry[]): Deployment {
    const exposed: State[] = ['promoting', 'baking', 'confirming'];
    const trafficMoved = record.strategy === 'redeploy' || [state, ...entries.map((entry) => entry.state)].some((passed) => exposed.includes(passed));
    // What the service answered before is not known any more; a check that fails now counts as a failure.
    const baseline = Object.fromEntries(surroundings.environment.healthChecks.map((check) => [check.name, true]));
    return new Deployment(surroundings, record, state, { baseline, trafficMoved }, entries);
  }

  public readonly travelled: Travelled[] = [];
  /** Entries that could not be written; the outcome stands all the same. */
  public readonly unwritten: State[] = [];
  private current: State;

  private constructor(
    public readonly surroundings: Surroundings,
    public readonly record: LedgerRecord,
    state: State,
    public readonly learnt: Learnt,
    /** What it went through before this process took it up. */
    public readonly passed: readonly Entry[] = [],
  ) {
    this.current = state;
  }

  public get state(): State {
    return this.current;
  }

  /** The last thing that happened, for a person. */
  public get note(): string {
    return this.travelled.at(-1)?.result.note ?? '';
  }

  private get course(): Course {
    // A rollback by hand that fails is not undone: nobody knows that what it left was better.
    return { strategy: this.record.strategy, canGoBack: this.record.stable !== undefined && this.record.kind === 'deploy' };
  }

  /** Carries the deployment on until it is final or has reached `until`. Rejects with `Interrupted`. */
  public async carryOn(until?: State): Promise<State> {
    if (this.current === 'pending') await this.move('began', this.opening());
    while (!isFinal(this.current) && this.current !== until) {
      const result = await this.perform(this.current);
      await this.move(result.event, result.note);
    }
    return this.current;
  }

  /** What happened outside a phase: the process that carried it is gone, a newer deployment exists. */
  public async tell(event: Event, note: string): Promise<State> {
    this.travelled.push({ state: this.current, durationMs: 0, result: { event, note } });
    await this.move(event, note);
    return this.current;
  }

  private opening(): string {
    const { release, slot, stable } = this.record;
    return `${release.version}${slot ? ` on ${slot}` : ''}, way back: ${stable?.release.version ?? 'none'}`;
  }

  private async perform(state: State): Promise<PhaseResult> {
    const phase = PHASES[state];
    if (!phase) throw new Error(`no phase for ${state}`);
    const { clock, log } = this.surroundings;
    const startedAt = clock.now();
    log.group(phase.title(this));
    try {
      const result = await phase.perform(this);
      this.travelled.push({ state, durationMs: clock.now() - startedAt, result });
      log.line(result.note);
      return result;
    } catch (error) {
      this.travelled.push({ state, durationMs: clock.now() - startedAt, result: { event: 'abandoned', note: 'interrupted' } });
      throw error;
    } finally {
      log.endGroup();
    }
  }

  private async move(event: Event, note: string): Promise<void> {
    const to = next(this.current, event, this.course);
    if (await this.write({ state: to, note, ...(event === 'abandoned' && { abandoned: true }) })) {
      this.current = to;
    } else if (to === 'deploying') {
      throw new LedgerError(`nothing was changed: the ledger (${this.surroundings.ledger.place}) did not take the record. Run the job again.`);
    } else if (to === 'promoting') {
      // Traffic never moves unrecorded: whoever takes over must know that it may have.
      await this.move('unhealthy', 'the switch could not be recorded, so traffic was not moved');
    } else {
      this.current = to;
    }
  }

  private async write(entry: NewEntry): Promise<boolean> {
    const { ledger, log } = this.surroundings;
    try {
      await ledger.advance(this.record, entry);
      return true;
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      log.warning('The ledger did not take an entry', `${entry.state}: ${error.message}`);
      this.unwritten.push(entry.state);
      return false;
    }
  }
}
