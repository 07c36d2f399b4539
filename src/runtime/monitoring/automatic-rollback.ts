import { createHash } from 'node:crypto';
import { DEPLOYMENT_KEY } from './alert-entry';
import { EnvironmentAlerts, ROLLBACK_ATTEMPTS as ATTEMPTS } from './environment-alerts';
import { EnvironmentStatus, environmentStatus, isSameStatus } from './environment-status';
import { AttemptState, attemptState, describeAttempt } from './rollback-attempts';
import { workflowFileOf } from '../../contract/manifest';
import { INPUT } from '../../contract/workflows';
import { CiDispatch, DispatchedRun } from '../ci/ci-runtime';
import { RuntimeContext } from '../context';
import { EnvironmentHistory } from '../ledger/history';
import { LedgerRecord } from '../ledger/record';
import { Release } from '../release';
import { commandLine, placeOf } from '../reporting/command-line';
import { safeLine } from '../reporting/untrusted-text';

export interface AutomaticRollbackOptions {
  readonly context: RuntimeContext;
  /** How long after it became Stable a release is rolled back. @default - never: only unfinished deployments are rolled back */
  readonly withinMs?: number;
  readonly dispatch: CiDispatch;
}

/** Why a rollback is wanted. */
export interface Cause {
  /** Of the check whose alert fires. */
  readonly key: string;
  readonly status: EnvironmentStatus;
  readonly why: string;
  readonly alerts: EnvironmentAlerts;
}

/** The progress of a rollback that is wanted. */
export interface RollbackProgress {
  /** What people do, or wait for. */
  readonly fix: string;
  /** The page of the run that is under way. */
  readonly url?: string;
  /** Why it is not tried any more: the same text as long as that is so. */
  readonly fault?: string;
}

/** A rollback that is wanted. */
interface RollbackRequest {
  /** The record that made the bad release Stable, or left it unfinished. */
  readonly record: LedgerRecord;
  readonly to: Release;
}

/** No automatic rollback, although the release is bad: what to do. */
interface NotBySelf {
  readonly fix: string;
}

/**
 * Starts rollback.yml for a recent release whose alert fires, and for a deployment that a dead run left unfinished.
 * Each run of the watch checks the run that was started, and starts another one if it failed, `ATTEMPTS` in total.
 * That workflow works as for a rollback by hand, but rolls back this deployment only, and writes no hold.
 */
export class AutomaticRollback {
  constructor(private readonly options: AutomaticRollbackOptions) {}

  /** When an alert begins to fire. */
  public async consider(cause: Cause): Promise<RollbackProgress | undefined> {
    const wanted = await this.wanted(cause.status, cause.key === DEPLOYMENT_KEY);
    return wanted && ('fix' in wanted ? wanted : this.pursue(wanted, cause));
  }

  /** While an alert fires: the process that should start the rollback may have died, GitHub may have failed, or the run failed. */
  public async again(cause: Cause): Promise<RollbackProgress | undefined> {
    const wanted = await this.wanted(cause.status, cause.key === DEPLOYMENT_KEY);
    if (!wanted || 'fix' in wanted) return wanted;
    return cause.alerts.rollbackClaims(wanted.record.id) > 0 || isAbout(wanted, cause) ? this.pursue(wanted, cause) : undefined;
  }

  /** A rollback that cannot be started is reported and stops nothing. */
  private async pursue(request: RollbackRequest, cause: Cause): Promise<RollbackProgress | undefined> {
    const before = cause.alerts.rollbackClaims(request.record.id);
    try {
      const last = before === 0 ? undefined : attemptState(await this.runs(), this.requestOf(request, before));
      if (last?.kind === 'underWay') return { url: last.url, fix: `A rollback to ${request.to.version} was started, and ${describeAttempt(last)}` };
      // it may just have ended
      if (last?.kind === 'over' && !isSameStatus(cause.status, await environmentStatus(this.options.context))) return undefined;
      // GitHub may not list it yet, or its process has not started it yet
      if (last?.kind === 'missing' && !await cause.alerts.isRollbackOver(request.record.id)) return startedElsewhere(request);
      return last && before >= ATTEMPTS ? this.abandoned(request, last) : await this.attempt(request, cause, before + 1, last);
    } catch (error) {
      return this.notStarted(request, cause, error);
    }
  }

  private async attempt(
    request: RollbackRequest, { alerts, key, why }: Cause, number: number, last: AttemptState | undefined,
  ): Promise<RollbackProgress> {
    const { log, environment } = this.options.context;
    if (!await alerts.claimRollback(key, request.record.id, number)) return startedElsewhere(request);
    const found = attemptState(await this.runs(), this.requestOf(request, number));
    const url = found.kind === 'missing' ? await this.start(request, why, number) : found.url;
    log.notice(`${environment.name}: rolling back to ${request.to.version}`, url);
    return { url, fix: `A rollback was started: ${url}${last ? ` (attempt ${number} of ${ATTEMPTS}; the one before ${describeAttempt(last)})` : ''}` };
  }

  private abandoned(request: RollbackRequest, last: AttemptState): RollbackProgress {
    const { record, to } = request;
    return {
      fault: `${record.release.version} (run ${record.run.id}) was not rolled back to ${to.version}: the watch tried ${ATTEMPTS} times. The last rollback ${describeAttempt(last)}`,
      fix: this.byHand(request),
    };
  }

  private notStarted(request: RollbackRequest, { alerts }: Cause, error: unknown): RollbackProgress {
    const { context: { environment, log } } = this.options;
    const why = safeLine(error instanceof Error ? error.message : String(error));
    log.warning(`${environment.name}: the rollback could not be started`, why);
    const isLast = alerts.rollbackClaims(request.record.id) >= ATTEMPTS;
    const fix = `The rollback to ${request.to.version} could not be started: ${why} ${isLast ? '' : 'The next run of the watch tries again. '}${this.byHand(request)}`;
    return { fix };
  }

  private byHand({ to }: RollbackRequest): string {
    return `By hand: ${commandLine('rollback', placeOf(this.options.context), { release: to.version })}`;
  }

  private async wanted(status: EnvironmentStatus, isDeployment: boolean): Promise<RollbackRequest | NotBySelf | undefined> {
    const request = this.goesBack(status, isDeployment);
    if (!request) return undefined;
    const { context } = this.options;
    const { environment, ledger, log } = context;
    const history = new EnvironmentHistory(ledger, environment.name);
    const hold = await history.heldAgainst(request.record.run.id);
    if (hold) {
      const fix = `No automatic rollback: ${hold.by} requested ${hold.release.version} after ${request.record.release.version} was deployed. See that run: ${this.options.dispatch.runUrl(hold.run.id)}`;
      log.notice(`${environment.name}: no automatic rollback`, fix);
      return { fix };
    }
    if (status.kind === 'unknown' || !await history.isBlocked(request.to)) return request;
    const fix = `No automatic rollback: ${request.to.version} was rolled back here, too, and is blocked. Deploy a fix, or name a release that was verified before it: `
      + commandLine('rollback', placeOf(context), { release: 'VERSION' });
    log.warning(`${environment.name}: no automatic rollback`, fix);
    return { fix };
  }

  /** Undefined if the cause is likely elsewhere, or no automatic rollback is allowed. */
  private goesBack({ kind, newest, stable }: EnvironmentStatus, isDeployment: boolean): RollbackRequest | undefined {
    const { context: { clock, environment: { target } }, withinMs } = this.options;
    // also of a deployment whose process died before it could write that down
    if (target.noRollback !== undefined) return undefined;
    // an unfinished rollback continues to its own release, never to the one it replaces
    const to = newest?.record.kind === 'rollback' ? newest.record.release : newest?.record.stable?.release;
    if (!newest || !to || newest.entries.some(({ irreversible }) => irreversible)) return undefined;
    if (kind === 'unknown') return newest.state === 'halted' ? undefined : { record: newest.record, to };
    // a pending approval is no fault of the live release
    if (isDeployment) return undefined;
    // only a deployment is rolled back, not a rollback or an adoption
    if (kind !== 'stable' || newest.state !== 'stable' || newest.record.kind !== 'deploy' || stable?.recordId !== newest.record.id) return undefined;
    if (withinMs === undefined || clock.now() - Date.parse(stable.since) > withinMs) return undefined;
    return { record: newest.record, to };
  }

  private runs(): Promise<readonly DispatchedRun[]> {
    return this.options.dispatch.started(this.workflow);
  }

  /** The page of the run. */
  private async start(rollback: RollbackRequest, why: string, number: number): Promise<string> {
    const { dispatch, context: { environment, run } } = this.options;
    const request = this.requestOf(rollback, number);
    const { url } = await dispatch.start({
      workflow: this.workflow,
      ref: run.ref?.name ?? 'main',
      inputs: {
        [INPUT.ENVIRONMENT]: environment.name,
        [INPUT.ACTION]: 'rollback',
        [INPUT.RELEASE]: rollback.to.sha,
        [INPUT.FROM_DEPLOYMENT]: rollback.record.id,
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

  /** The same id in every process that makes this attempt. */
  private requestOf({ record }: RollbackRequest, number: number): string {
    const { environment, manifest } = this.options.context;
    return createHash('sha256').update(`${manifest.project?.name ?? ''}:${environment.name}:${record.id}:${number}`).digest('hex').slice(0, 12);
  }
}

function startedElsewhere({ to }: RollbackRequest): RollbackProgress {
  return { fix: `A rollback to ${to.version} is being started by another run of the watch.` };
}

/** Whether the alert began to fire with this release: then its process died before it started a rollback. */
function isAbout({ record }: RollbackRequest, { alerts, status, key }: Cause): boolean {
  if (status.kind === 'unknown') return true;
  // GitHub's times are whole seconds: within the same second the alert may be about the release before
  return status.stable?.recordId === record.id && (alerts.firedAt(key) ?? 0) > Date.parse(status.stable.since);
}
