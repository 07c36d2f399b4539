import { createHash } from 'node:crypto';
import { DEPLOYMENT_KEY } from './alert-entry';
import { EnvironmentAlerts, ROLLBACK_ATTEMPTS as ATTEMPTS } from './environment-alerts';
import { EnvironmentStatus, environmentStatus, isSameStatus } from './environment-status';
import { AttemptState, attemptState, describeAttempt } from './rollback-attempts';
import { INPUT } from '../../contract/workflows';
import { workflowFileOf } from '../../contract/manifest';
import { CiDispatch, DispatchedRun } from '../ci/ci-runtime';
import { RuntimeContext } from '../context';
import { EnvironmentHistory } from '../ledger/history';
import { LedgerRecord } from '../ledger/record';
import { Release } from '../release';
import { commandLine, placeOf } from '../reporting/command-line';
import { safeLine } from '../reporting/untrusted-text';

export interface AutomaticRollbackOptions {
  readonly context: RuntimeContext;
  /** For so long after it became Stable a release is young. @default - none is, and only what a dead run left open goes back */
  readonly withinMs?: number;
  readonly dispatch: CiDispatch;
}

/** Why somebody wants to go back. */
export interface Cause {
  /** Of the check whose alert fires. */
  readonly key: string;
  readonly status: EnvironmentStatus;
  readonly why: string;
  readonly alerts: EnvironmentAlerts;
}

/** How far a rollback is that is wanted. */
export interface RollbackProgress {
  /** What to do, or to wait for, for people. */
  readonly fix: string;
  /** The page of the run that is under way. */
  readonly url?: string;
  /** Why no one tries any more. It stays the same as long as that is so. */
  readonly fault?: string;
}

/** A rollback that is wanted. */
interface Asked {
  /** The record that made the bad release Stable, or left it open. */
  readonly record: LedgerRecord;
  readonly to: Release;
}

/** One that is not, though the release is bad: what a person does. */
interface NotBySelf {
  readonly fix: string;
}

/**
 * Starts rollback.yml for a young release whose alert fires, and for what a dead run left open: its own jobs would have taken that back.
 * Each run of the watch looks what became of the run that was started, and starts another one where it failed, `ATTEMPTS` in all.
 * What that workflow does is a rollback by hand, but it takes back this one deployment only, and holds nothing.
 */
export class AutomaticRollback {
  constructor(private readonly options: AutomaticRollbackOptions) {}

  /** When an alert begins to fire. */
  public async consider(cause: Cause): Promise<RollbackProgress | undefined> {
    const wanted = await this.wanted(cause.status, cause.key === DEPLOYMENT_KEY);
    return wanted && ('fix' in wanted ? wanted : this.pursue(wanted, cause));
  }

  /** While an alert fires: whoever was to start the rollback may have died before, GitHub may not have answered, or its run has failed. */
  public async again(cause: Cause): Promise<RollbackProgress | undefined> {
    const wanted = await this.wanted(cause.status, cause.key === DEPLOYMENT_KEY);
    if (!wanted || 'fix' in wanted) return wanted;
    return cause.alerts.rollbackClaims(wanted.record.id) > 0 || isAbout(wanted, cause) ? this.pursue(wanted, cause) : undefined;
  }

  /** A rollback that cannot be started is said, and stops nothing. */
  private async pursue(asked: Asked, cause: Cause): Promise<RollbackProgress | undefined> {
    const before = cause.alerts.rollbackClaims(asked.record.id);
    try {
      const last = before === 0 ? undefined : attemptState(await this.runs(), this.requestOf(asked, before));
      if (last?.kind === 'underWay') return { url: last.url, fix: `A rollback to ${asked.to.version} was started, and ${describeAttempt(last)}` };
      // it may have ended a moment ago
      if (last?.kind === 'over' && !isSameStatus(cause.status, await environmentStatus(this.options.context))) return undefined;
      // GitHub may not show it yet, or whoever is to start it has not come to that
      if (last?.kind === 'missing' && !await cause.alerts.isRollbackOver(asked.record.id)) return startedElsewhere(asked);
      return last && before >= ATTEMPTS ? this.abandoned(asked, last) : await this.attempt(asked, cause, before + 1, last);
    } catch (error) {
      return this.notStarted(asked, cause, error);
    }
  }

  private async attempt(asked: Asked, { alerts, key, why }: Cause, number: number, last: AttemptState | undefined): Promise<RollbackProgress> {
    const { log, environment } = this.options.context;
    if (!await alerts.claimRollback(key, asked.record.id, number)) return startedElsewhere(asked);
    const found = attemptState(await this.runs(), this.requestOf(asked, number));
    const url = found.kind === 'missing' ? await this.start(asked, why, number) : found.url;
    log.notice(`${environment.name}: rolling back to ${asked.to.version}`, url);
    return { url, fix: `A rollback was started: ${url}${last ? ` (attempt ${number} of ${ATTEMPTS}; the one before ${describeAttempt(last)})` : ''}` };
  }

  private abandoned(asked: Asked, last: AttemptState): RollbackProgress {
    const { record, to } = asked;
    return {
      fault: `${record.release.version} (run ${record.run.id}) was not rolled back to ${to.version}: the watch tried ${ATTEMPTS} times. The last rollback ${describeAttempt(last)}`,
      fix: this.byHand(asked),
    };
  }

  private notStarted(asked: Asked, { alerts }: Cause, error: unknown): RollbackProgress {
    const { context: { environment, log } } = this.options;
    const why = safeLine(error instanceof Error ? error.message : String(error));
    log.warning(`${environment.name}: the rollback could not be started`, why);
    const isLast = alerts.rollbackClaims(asked.record.id) >= ATTEMPTS;
    const fix = `The rollback to ${asked.to.version} could not be started: ${why} ${isLast ? '' : 'The next run of the watch tries again. '}${this.byHand(asked)}`;
    return { fix };
  }

  private byHand({ to }: Asked): string {
    return `By hand: ${commandLine('rollback', placeOf(this.options.context), { release: to.version })}`;
  }

  private async wanted(status: EnvironmentStatus, isDeployment: boolean): Promise<Asked | NotBySelf | undefined> {
    const asked = this.goesBack(status, isDeployment);
    if (!asked) return undefined;
    const { context } = this.options;
    const { environment, ledger, log } = context;
    const history = new EnvironmentHistory(ledger, environment.name);
    const hold = await history.heldAgainst(asked.record.run.id);
    if (hold) {
      const fix = `No automatic rollback: ${hold.by} requested ${hold.release.version} after ${asked.record.release.version} was deployed. See that run: ${this.options.dispatch.runUrl(hold.run.id)}`;
      log.notice(`${environment.name}: no automatic rollback`, fix);
      return { fix };
    }
    if (status.kind === 'unknown' || !await history.isBlocked(asked.to)) return asked;
    const fix = `No automatic rollback: ${asked.to.version} was rolled back here, too, and is blocked. Deploy a fix, or name a release that was verified before it: `
      + commandLine('rollback', placeOf(context), { release: 'VERSION' });
    log.warning(`${environment.name}: no automatic rollback`, fix);
    return { fix };
  }

  /** Undefined where the cause is likely elsewhere, or nothing goes back by itself. */
  private goesBack({ kind, newest, stable }: EnvironmentStatus, isDeployment: boolean): Asked | undefined {
    const { context: { clock }, withinMs } = this.options;
    // a rollback that was left open goes on to what it restores, never to what it leaves
    const to = newest?.record.kind === 'rollback' ? newest.record.release : newest?.record.stable?.release;
    if (!newest || !to || newest.entries.some(({ irreversible }) => irreversible)) return undefined;
    if (kind === 'unknown') return newest.state === 'halted' ? undefined : { record: newest.record, to };
    // an approval that waits is no fault of the release that is live
    if (isDeployment) return undefined;
    // only what a deployment brought is taken back, not what a rollback or an adoption made Stable
    if (kind !== 'stable' || newest.state !== 'stable' || newest.record.kind !== 'deploy' || stable?.recordId !== newest.record.id) return undefined;
    if (withinMs === undefined || clock.now() - Date.parse(stable.since) > withinMs) return undefined;
    return { record: newest.record, to };
  }

  private runs(): Promise<readonly DispatchedRun[]> {
    return this.options.dispatch.started(this.workflow);
  }

  /** The page of the run. */
  private async start(asked: Asked, why: string, number: number): Promise<string> {
    const { dispatch, context: { environment, run } } = this.options;
    const request = this.requestOf(asked, number);
    const { url } = await dispatch.start({
      workflow: this.workflow,
      ref: run.ref?.name ?? 'main',
      inputs: {
        [INPUT.ENVIRONMENT]: environment.name,
        [INPUT.ACTION]: 'rollback',
        [INPUT.RELEASE]: asked.to.sha,
        [INPUT.FROM_DEPLOYMENT]: asked.record.id,
        [INPUT.REASON]: safeLine(`the watch: ${why}`),
        [INPUT.REQUEST]: request,
      },
      request,
    });
    return url;
  }

  private get workflow(): string {
    return workflowFileOf('rollback', this.options.context.manifest);
  }

  /** The same for whoever makes this attempt to go back from this record. */
  private requestOf({ record }: Asked, number: number): string {
    const { environment, manifest } = this.options.context;
    return createHash('sha256').update(`${manifest.project?.name ?? ''}:${environment.name}:${record.id}:${number}`).digest('hex').slice(0, 12);
  }
}

function startedElsewhere({ to }: Asked): RollbackProgress {
  return { fix: `A rollback to ${to.version} is being started by another run of the watch.` };
}

/** Whether the alert began to fire about what is to go back: then whoever wrote that died before it asked for a rollback. */
function isAbout({ record }: Asked, { alerts, status, key }: Cause): boolean {
  if (status.kind === 'unknown') return true;
  // GitHub's times are whole seconds: in the same one it may have been about what stood there before
  return status.stable?.recordId === record.id && (alerts.firedAt(key) ?? 0) > Date.parse(status.stable.since);
}
