import { Facts, factsOf } from './facts';
import { Lease } from './lease';
import { RolloutStrategy } from '../../contract/strategies';
import { RuntimeContext } from '../context';
import { EventLogError } from '../event-log/event-log';
import { Entry, NewEntry, Standing } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { LedgerRecord, NewRecord } from '../ledger/record';
import { Named } from '../release';
import { baking } from './phases/baking';
import { confirming } from './phases/confirming';
import { deploying } from './phases/deploying';
import { forcedVerdict } from './phases/forced-verdict';
import { migrating } from './phases/migrating';
import { DeploymentInProgress, Phase, PhaseResult } from './phases/phase';
import { promoting } from './phases/promoting';
import { rollingBack } from './phases/rolling-back';
import { verifying } from './phases/verifying';
import { Course, Event, isFinal, next, State } from './state-machine';
import { Baseline } from '../probing/gate';
import { strategyOfRecord } from '../strategies/rollout-strategy';

/** A state a deployment went through here, for the summary. */
export interface CompletedPhase {
  readonly state: State;
  readonly durationMs: number;
  readonly result: PhaseResult;
}

/** How an entry changes who carries the deployment. */
interface Handover {
  /** The state in which this process puts it down. */
  readonly until?: State;
  readonly takenFrom?: string;
  /** It was taken from a process that had done its part. */
  readonly isHandedOver?: boolean;
}

const PHASES: Partial<Record<State, Phase>> = { migrating, deploying, verifying, promoting, baking, confirming, rollingBack };

/** In these a command of the user's is at work, and no health check judges. */
const COMMAND_STATES: readonly State[] = ['migrating', 'deploying', 'promoting'];

/**
 * One attempt to put a release on an environment, carried from state to state
 * by the table in `state-machine.ts`; each state's work is a phase of its own.
 */
export class Deployment implements DeploymentInProgress {
  /** Writes the record, with its rollback point. Until then nothing was changed. */
  public static async begin(
    context: RuntimeContext,
    history: EnvironmentHistory,
    record: Omit<NewRecord, 'environment' | 'run' | 'processId' | 'by' | 'strategy' | 'carried'>,
    { reached, releases }: Baseline = { reached: {}, releases: [] },
  ): Promise<Deployment> {
    const { environment, ledger, run } = context;
    const written = await ledger.create({
      ...record,
      environment: environment.name,
      strategy: environment.strategy.kind,
      run: { id: run.id, attempt: run.attempt },
      processId: run.processId,
      by: run.actor,
      carried: await history.carriedOn(),
    });
    return new Deployment(context, written, 'pending', {
      baseline: reached, before: releases.map(named), hasBegun: false, trafficMoved: false, isSeen: false, irreversible: false, commandFailed: false,
    });
  }

  /** Continues a record that another process left, or only reports it. */
  public static resume(context: RuntimeContext, { record, state, entries }: Standing): Deployment {
    // What the service answered before is not known any more; a check that fails now counts as a failure.
    const baseline = Object.fromEntries(context.environment.healthChecks.map((check) => [check.name, true]));
    return new Deployment(context, record, state, { baseline, before: [], ...factsOf(strategyOfRecord(record), [...entries, { state }]) }, entries);
  }

  public readonly strategy: RolloutStrategy;
  public readonly completedPhases: CompletedPhase[] = [];
  /** Entries that could not be written; the outcome stands all the same. */
  public readonly unwritten: State[] = [];
  /** The last state that the ledger took; it may be behind. */
  public recorded: State;
  private isTaken = true;
  /** Why the ledger did not record the last entry. */
  public refusal = '';
  /** The process that this one takes the deployment from: part of each entry until one is recorded. */
  private takesFrom?: string;
  private readonly ownership: Lease;
  private current: State;

  private constructor(
    public readonly context: RuntimeContext,
    public readonly record: LedgerRecord,
    state: State,
    public readonly facts: Facts,
    /** What it went through before this process took it up. */
    public readonly passed: readonly Entry[] = [],
  ) {
    this.current = state;
    this.recorded = state;
    this.strategy = strategyOfRecord(record);
    this.ownership = new Lease(context, record);
  }

  public get state(): State {
    return this.current;
  }

  /**
   * Whether others may rely on what it came to: only once the ledger says so. What this process leaves to be confirmed
   * counts all the same, for the next job is told by this one's success.
   */
  public get counts(): boolean {
    return this.isTaken || this.current === 'confirming';
  }

  /** The state to report: a release is not Stable before that is recorded. */
  public get outcome(): State {
    return this.current === 'stable' && !this.counts ? 'confirming' : this.current;
  }

  /** The last thing that happened, for a person. */
  public get note(): string {
    return this.completedPhases.at(-1)?.result.note ?? '';
  }

  private get course(): Course {
    const { kind, stable } = this.record;
    return {
      steps: this.strategy.steps,
      // A rollback by hand that fails is not undone: nobody knows that what it left was better.
      canGoBack: stable !== undefined && kind !== 'rollback' && !this.facts.irreversible,
      // What is live was migrated already.
      migrates: kind === 'deploy' && this.context.environment.target.migrate !== undefined,
      byHand: kind === 'rollback',
    };
  }

  /** Carries the deployment on until it is final or has reached `until`. Rejects with `Interrupted`, or `Lost`. */
  public async carryOn(until?: State): Promise<State> {
    if (this.current === 'pending') await this.move('began', this.opening());
    while (!isFinal(this.current) && this.current !== until) {
      const wish = await this.ownership.lookAgain(this.current);
      if (wish) {
        await this.tell('superseded', wish);
        continue;
      }
      const result = await this.perform(this.current);
      this.facts.irreversible ||= result.irreversible ?? false;
      await this.move(result.event, result.note, { until });
    }
    await this.checkStands();
    return this.current;
  }

  /** Checks that no other process took the lease, if the ledger can be read. Rejects with `LeaseLostError`. */
  public checkStands(): Promise<void> {
    return this.ownership.checkStands(this.current);
  }

  /** Takes the deployment from the process that carried it, which is gone, or has done its part (`isHandedOver`). Rejects with `Lost`. */
  public async take(note: string, isHandedOver = false): Promise<State> {
    const takenFrom = this.ownership.takesFrom(this.passed);
    if (!isHandedOver) this.completedPhases.push({ state: this.current, durationMs: 0, result: { event: 'abandoned', note } });
    await this.move('abandoned', note, { takenFrom, isHandedOver });
    const entries = this.isTaken ? await this.ownership.checkTaken(this.current) : undefined;
    // it may have written more since this process looked
    if (entries) Object.assign(this.facts, factsOf(this.strategy, entries));
    return this.current;
  }

  /** What happened outside a phase: the process that carried it is gone, a newer deployment exists. */
  public async tell(event: Event, note: string): Promise<State> {
    this.completedPhases.push({ state: this.current, durationMs: 0, result: { event, note } });
    await this.move(event, note);
    return this.current;
  }

  private opening(): string {
    const { release, slot, stable } = this.record;
    return `${release.version}${slot ? ` on ${slot}` : ''}, rollback point: ${stable?.release.version ?? 'none'}`;
  }

  private async perform(state: State): Promise<PhaseResult> {
    const phase = this.record.kind === 'drill' && state === 'baking' ? forcedVerdict : PHASES[state];
    if (!phase) throw new Error(`no phase for ${state}`);
    const { clock, log } = this.context;
    const startedAt = clock.now();
    log.group(phase.title(this));
    try {
      const result = await phase.perform(this);
      this.completedPhases.push({ state, durationMs: clock.now() - startedAt, result });
      log.line(result.note);
      return result;
    } catch (error) {
      this.completedPhases.push({ state, durationMs: clock.now() - startedAt, result: { event: 'abandoned', note: 'interrupted' } });
      throw error;
    } finally {
      log.endGroup();
    }
  }

  private async move(event: Event, note: string, how: Handover = {}): Promise<void> {
    const to = next(this.current, event, this.course);
    const isTakenBack = to === 'rollingBack' || this.current === 'rollingBack';
    this.facts.commandFailed ||= isTakenBack && COMMAND_STATES.includes(this.current) && ['commandFailed', 'timedOut'].includes(event);
    this.takesFrom = how.takenFrom ?? this.takesFrom;
    const written = await this.write({
      state: to,
      note,
      processId: this.context.run.processId,
      ...(this.takesFrom && { takenFrom: this.takesFrom }),
      ...(to === how.until && { releasesLease: true }),
      ...(['abandoned', 'superseded', 'unrecorded'].includes(event) && !how.isHandedOver && { abandoned: true }),
      ...(isTakenBack && this.facts.commandFailed && { commandFailed: true }),
      ...(this.facts.irreversible && { irreversible: true }),
    });
    if (written || this.record.kind === 'rollback') {
      // A rollback is never given up because a record could not be written.
      this.current = to;
    } else if (this.current === 'pending' && !isFinal(to)) {
      throw new EventLogError(`nothing was changed: the ledger (${this.context.ledger.place}) did not accept the record. Fix the cause, then ${this.context.run.words.repeat}.`);
    } else if (to === 'deploying' || to === 'promoting') {
      // Whoever takes over must know what may have been changed, and what can be undone.
      await this.move('unrecorded', `the state ${to} could not be recorded, so it does not begin`);
    } else {
      this.current = to;
    }
  }

  private async write(entry: NewEntry): Promise<boolean> {
    const { ledger, log } = this.context;
    try {
      await ledger.advance(this.record, entry);
      this.recorded = entry.state;
      this.isTaken = true;
      this.takesFrom = undefined;
      return true;
    } catch (error) {
      if (!(error instanceof EventLogError)) throw error;
      log.warning('The ledger did not record an entry', `${entry.state}: ${error.message}`);
      this.unwritten.push(entry.state);
      this.refusal = error.message;
      this.isTaken = false;
      return false;
    }
  }
}

/** A release of which only that is known what it says of itself. */
function named(version: string): Named {
  return { version, sha: '' };
}
