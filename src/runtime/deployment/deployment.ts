import { Facts, factsOf } from './facts';
import { checksOf } from './failing-live';
import { Lease } from './lease';
import { canGoBackTo } from './left-open';
import { contextWith, neededOf } from './outputs';
import { WeightManifest } from '../../contract/manifest';
import { RolloutStrategy } from '../../contract/strategies';
import { RuntimeContext } from '../context';
import { Course, Event, isFinal, next, State } from './state-machine';
import { EventLogError } from '../event-log/event-log';
import { Entry, NewEntry, Standing } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { HistorySummary, LedgerRecord, NewRecord } from '../ledger/record';
import { jsonOf } from '../ledger/recorded-outputs';
import { OutsideFault } from '../outside-fault';
import { Named } from '../release';
import { deploying } from './phases/deploying';
import { migrating } from './phases/migrating';
import { DeploymentInProgress, Phase, PhaseResult } from './phases/phase';
import { baking, confirming, forcedVerdict, verifying } from './phases/probing';
import { promoting } from './phases/promoting';
import { rollingBack } from './phases/rolling-back';
import { Baseline } from '../probing/gate';
import { webUrl } from '../reporting/untrusted-text';
import { isWeighted, promotionOf, strategyOfRecord } from '../strategies/rollout-strategy';

/** A state a deployment went through here, for the summary. */
export interface CompletedPhase {
  readonly state: State;
  readonly durationMs: number;
  readonly result: PhaseResult;
}

/** How an entry changes which process holds the lease. */
interface Handover {
  /** The state in which this process releases the lease. */
  readonly until?: State;
  readonly takenFrom?: string;
  /** The earlier process released the lease after its part. */
  readonly isHandedOver?: boolean;
}

/** How a deployment moves to its next state. */
interface Move extends Handover {
  /** What in the world made a command fail. */
  readonly fault?: OutsideFault;
}

const PHASES: Partial<Record<State, Phase>> = { migrating, deploying, verifying, promoting, baking, confirming, rollingBack };

/** In these states a command runs, and no health check decides. */
const COMMAND_STATES: readonly State[] = ['migrating', 'deploying', 'promoting'];

/** After these events nothing is known of the release. */
const UNDECIDED: readonly Event[] = ['abandoned', 'superseded', 'unrecorded'];

/** One attempt to deploy a release to an environment. The table in `state-machine.ts` decides the next state, and each state runs one phase. */
export class Deployment implements DeploymentInProgress {
  /** Writes the record, with its rollback point; `carried` is what its summary has from elsewhere. Nothing was changed before. */
  public static async begin(
    context: RuntimeContext,
    history: EnvironmentHistory,
    record: Omit<NewRecord, 'environment' | 'run' | 'processId' | 'by' | 'strategy' | 'checks' | 'carried'> & { readonly carried?: Partial<HistorySummary> },
    { reached, releases, unhealthy }: Baseline = { reached: {}, releases: [], unhealthy: [] },
  ): Promise<Deployment> {
    const { environment, ledger, run } = context;
    const written = await ledger.create({
      ...record,
      environment: environment.name,
      strategy: environment.strategy.kind,
      checks: checksOf(context),
      run: { id: run.id, attempt: run.attempt },
      processId: run.processId,
      by: run.actor,
      carried: { ...await history.carriedOn(), ...record.carried },
    });
    return new Deployment(context, written, 'pending', {
      baseline: reached,
      before: releases.map(named),
      unhealthyBefore: unhealthy,
      hasBegun: false,
      trafficMoved: false,
      isSeen: false,
      irreversible: false,
      commandFailed: false,
      hasNoVerdict: false,
    });
  }

  /** Reads a record that another process left, to continue or to report it. */
  public static resume(context: RuntimeContext, { record, state, entries }: Standing): Deployment {
    // the baseline is lost, so a check that fails now counts as a failure
    const baseline = Object.fromEntries(context.environment.healthChecks.map((check) => [check.name, true]));
    const facts = factsOf(strategyOfRecord(record), [...entries, { state }]);
    return new Deployment(context, record, state, { baseline, before: [], unhealthyBefore: [], ...facts }, entries);
  }

  public readonly strategy: RolloutStrategy;
  public readonly completedPhases: CompletedPhase[] = [];
  /** Entries that could not be written. The outcome is valid nevertheless. */
  public readonly unwritten: State[] = [];
  /** The last state that the ledger recorded; it may be older than `state`. */
  public recorded: State;
  private isTaken = true;
  /** Why the ledger did not record the last entry. */
  public rejection = '';
  /** The process that held the lease before: part of each entry until one is recorded. */
  private takesFrom?: string;
  private readonly ownership: Lease;
  private current: State;
  private readonly promotion: readonly WeightManifest[];
  /** Where `promotion` is. A process that resumes begins again, or restores Stable. */
  private weightIndex = 0;
  /** The entries that the ledger recorded, as far as this process knows. */
  private known: readonly Entry[];
  private recordedOutputs?: string;

  private constructor(
    private readonly given: RuntimeContext,
    public readonly record: LedgerRecord,
    state: State,
    public readonly facts: Facts,
    /** The entries of earlier processes. */
    public readonly passed: readonly Entry[] = [],
  ) {
    this.current = state;
    this.recorded = state;
    this.known = passed;
    this.strategy = strategyOfRecord(record);
    this.promotion = promotionOf(this.strategy, given.environment, record);
    this.ownership = new Lease(given, record);
    this.recordedOutputs = facts.outputs && jsonOf(facts.outputs);
  }

  /** What this deployment brought replaces the placeholders of its outputs. */
  public get context(): RuntimeContext {
    return contextWith(this.given, this.facts.outputs);
  }

  public get state(): State {
    return this.current;
  }

  /**
   * Whether others may rely on the outcome: only after the ledger recorded it. What is left to be confirmed counts in any case, because
   * the next job reads the result of this one.
   */
  public get counts(): boolean {
    return this.isTaken || this.current === 'confirming';
  }

  /** The state to report: a release is Stable only after that is recorded. */
  public get outcome(): State {
    return this.current === 'stable' && !this.counts ? 'confirming' : this.current;
  }

  /** What the ledger has of it. */
  public get standing(): Standing {
    return { record: this.record, state: this.recorded, entries: [...this.known] };
  }

  /** Where it stands, whatever the ledger has of it. */
  public get reached(): Standing {
    return { ...this.standing, state: this.current };
  }

  /** What happened last, for a person. */
  public get note(): string {
    return this.completedPhases.at(-1)?.result.note ?? '';
  }

  /** The share of the traffic that promoting gives to the release, in per cent. */
  public get weight(): WeightManifest {
    return this.promotion[this.weightIndex]!;
  }

  public get isLastShare(): boolean {
    return this.promotion[this.weightIndex + 1]?.percent === 100;
  }

  /** Returns why the deployment is no longer wanted, if so. Rejects with `LeaseLostError`. */
  public lookAgain(): Promise<string | undefined> {
    return this.ownership.lookAgain(this.current);
  }

  private get course(): Course {
    const { kind } = this.record;
    return {
      steps: this.strategy.steps,
      canGoBack: canGoBackTo(this.record, { irreversible: this.facts.irreversible, isOneWay: this.isOneWay }),
      // a release that was live before needs no migration
      migrates: kind === 'deploy' && this.context.environment.target.migrate !== undefined,
      byHand: kind === 'rollback',
      weightsLeft: this.promotion.length - 1 - this.weightIndex,
    };
  }

  /** Continues until the state is final or `until`. Rejects with `InterruptedError` or `LeaseLostError`. */
  public async carryOn(until?: State): Promise<State> {
    if (this.current === 'pending') {
      // from here on every process knows it, whatever its manifest says
      this.facts.irreversible ||= this.isOneWay;
      await this.move('began', this.opening());
    }
    while (!isFinal(this.current) && this.current !== until) {
      const wish = await this.lookAgain();
      if (wish) {
        await this.recordEvent('superseded', wish);
        continue;
      }
      const result = await this.perform(this.current);
      this.facts.irreversible ||= result.irreversible ?? false;
      await this.move(result.event, result.note, { until, fault: result.fault });
    }
    await this.checkStands();
    return this.current;
  }

  /** Checks that no other process took the lease, if the ledger can be read. Rejects with `LeaseLostError`. */
  public checkStands(): Promise<void> {
    return this.ownership.checkStands(this.current);
  }

  /**
   * Takes the lease from a process that died, or that released it after its part (`isHandedOver`). Rejects with `LeaseLostError`.
   *
   * @param event what became of that part
   */
  public async take(note: string, isHandedOver = false, event: Event = 'abandoned'): Promise<State> {
    const takenFrom = this.ownership.takesFrom(this.passed);
    if (!isHandedOver || event !== 'abandoned') this.completedPhases.push({ state: this.current, durationMs: 0, result: { event, note } });
    await this.move(event, note, { takenFrom, isHandedOver });
    const entries = this.isTaken ? await this.ownership.checkTaken(this.current) : undefined;
    // the earlier process may have written more entries since
    if (entries) {
      this.known = entries;
      Object.assign(this.facts, factsOf(this.strategy, entries));
    }
    return this.current;
  }

  /** Records an event outside of a phase: the process died, or a newer deployment exists. */
  public async recordEvent(event: Event, note: string): Promise<State> {
    this.completedPhases.push({ state: this.current, durationMs: 0, result: { event, note } });
    await this.move(event, note);
    return this.current;
  }

  /** Whether the target cannot take the release back. */
  private get isOneWay(): boolean {
    return this.context.environment.target.noRollback !== undefined;
  }

  private opening(): string {
    const { release, slot, stable } = this.record;
    return `${release.version}${slot ? ` on ${slot}` : ''}, rollback point: ${(this.isOneWay ? undefined : stable?.release.version) ?? 'none'}`;
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

  private async move(event: Event, note: string, how: Move = {}): Promise<void> {
    const to = next(this.current, event, this.course);
    const isTakenBack = to === 'rollingBack' || this.current === 'rollingBack';
    // what fails in a rollback is not why it is rolled back
    if (this.current !== 'rollingBack') this.facts.fault ??= how.fault;
    const { fault } = this.facts;
    this.facts.commandFailed ||= isTakenBack && !fault && COMMAND_STATES.includes(this.current) && ['commandFailed', 'timedOut'].includes(event);
    this.takesFrom = how.takenFrom ?? this.takesFrom;
    const isUndecided = fault !== undefined || (UNDECIDED.includes(event) && !how.isHandedOver);
    const isFirst = this.current !== 'rollingBack';
    this.facts.hasNoVerdict ||= isTakenBack && isFirst && isUndecided;
    // from one weight to the next; each time that promoting begins, from the first one
    const index = to === 'promoting' && this.current === 'promoting' ? this.weightIndex + 1 : 0;
    const written = await this.write({
      state: to,
      note,
      processId: this.context.run.processId,
      ...(this.takesFrom && { takenFrom: this.takesFrom }),
      ...(to === how.until && { releasesLease: true }),
      // the entry with which the rollback began may be lost
      ...((isUndecided || (this.facts.hasNoVerdict && this.recorded !== 'rollingBack' && isTakenBack)) && { abandoned: true }),
      ...(fault && { fault }),
      ...(isTakenBack && this.facts.commandFailed && { commandFailed: true }),
      ...(this.facts.irreversible && { irreversible: true }),
      ...(to === 'promoting' && isWeighted(this.strategy) && { weight: this.promotion[index]!.percent }),
      ...this.newOutputs,
    });
    if (written || this.record.kind === 'rollback') {
      // a rollback continues even if an entry cannot be written
      this.current = to;
      this.weightIndex = index;
    } else if (this.current === 'pending' && !isFinal(to)) {
      throw new EventLogError(`nothing was changed: the ledger (${this.context.ledger.place}) did not accept the record. Fix the cause, then ${this.context.run.words.repeat}.`);
    } else if (to === 'deploying' || to === 'promoting') {
      // the next process must know what may have been changed
      await this.move('unrecorded', `the state ${to} could not be recorded, so it does not begin`);
    } else {
      this.current = to;
    }
  }

  /** The outputs that the ledger does not have yet. */
  private get newOutputs(): Pick<NewEntry, 'outputs'> {
    const outputs = this.facts.outputs && neededOf(this.given, this.facts.outputs);
    return !outputs || Object.keys(outputs).length === 0 || jsonOf(outputs) === this.recordedOutputs ? {} : { outputs };
  }

  private async write(entry: NewEntry): Promise<boolean> {
    const { environment, ledger, log } = this.context;
    try {
      await ledger.advance(this.record, entry, environment.outputs && webUrl(environment.url)?.href);
      if (entry.outputs) this.recordedOutputs = jsonOf(entry.outputs);
      this.recorded = entry.state;
      this.ownership.wrote(entry.state);
      this.known = [...this.known, { ...entry, at: new Date(this.context.clock.now()).toISOString() }];
      this.isTaken = true;
      this.takesFrom = undefined;
      return true;
    } catch (error) {
      if (!(error instanceof EventLogError)) throw error;
      log.warning('The ledger did not record an entry', `${entry.state}: ${error.message}`);
      this.unwritten.push(entry.state);
      this.rejection = error.message;
      this.isTaken = false;
      return false;
    }
  }
}

/** A release of which only the name that the service responded with is known. */
function named(version: string): Named {
  return { version, sha: '' };
}
