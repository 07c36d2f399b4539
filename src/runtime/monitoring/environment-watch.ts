import { checkKey, DEPLOYMENT_KEY, DRIFT_KEY, nameIn, RELEASE_KEY, ROLLBACK_KEY } from './alert-entry';
import { Alert, AlertRules, decide, Row, rowOf, seen, PendingNotification } from './alert-lifecycle';
import { driftTitle, nextStep, notificationOf, releaseTitle, rollbackTitle, AlertSubject } from './alert-notification';
import { AutomaticRollback, RollbackProgress } from './automatic-rollback';
import { deploymentFault, DeploymentFault } from './deployment-alert';
import { EnvironmentAlerts } from './environment-alerts';
import { Channels, EnvironmentNotifications, SentTo } from './environment-notifications';
import { BeforeStable, beforeStable, checkOn, EnvironmentStatus, environmentStatus, isSameStatus, watchedChecks } from './environment-status';
import { probeUntilKnown, CheckResult } from './probe-check';
import { HealthCheckManifest, MonitoringManifest } from '../../contract/manifest';
import { WaitingApproval } from '../ci/ci-runtime';
import { RuntimeContext } from '../context';
import { confirm } from '../deployment/confirmation';
import { StablePointer } from '../ledger/record';
import { ChannelQueues } from '../notifications/channel-queues';
import { Notification } from '../notifications/notification';
import { notify } from '../notifications/notify';
import { Outcome } from '../probing/observation';
import { driftFinding, EngineFinding, engineFinding } from '../targets/live-release';

/** The result of one check, or of the deployment itself, in this run. */
export interface Finding {
  readonly name: string;
  readonly outcome: Outcome | 'unprobed';
  /** How often it was probed. */
  readonly probeCount: number;
  readonly saw: string;
  readonly latencyMs?: number;
  /** Before anything was written. */
  readonly alert: Alert;
}

/** What a run found on an environment, and what it did. */
export interface EnvironmentFindings {
  readonly environment: string;
  readonly url: string;
  readonly version?: string;
  readonly stable?: StablePointer;
  readonly status: EnvironmentStatus['kind'];
  readonly findings: readonly Finding[];
  /** The alerts of all checks and of the deployment, after everything was written. */
  readonly alerts: readonly NamedAlert[];
  readonly notified: readonly SentTo[];
  /** What to do, if an alert fires. */
  readonly next?: string;
  readonly rollbackUrl?: string;
}

export interface NamedAlert extends Alert {
  readonly name: string;
}

export interface EnvironmentWatchOptions {
  readonly context: RuntimeContext;
  readonly monitoring: MonitoringManifest;
  readonly channels: Channels;
  /** Shared by all environments of the run. */
  readonly queues: ChannelQueues;
  readonly alerts: EnvironmentAlerts;
  /** Undefined if GitHub did not return them. */
  readonly approvals?: ReadonlyMap<string, WaitingApproval>;
  readonly repository?: string;
  readonly rollback?: AutomaticRollback;
}

/** An alert as it was, and what this run saw. */
interface CheckEvaluation {
  readonly key: string;
  readonly alert: Alert;
  readonly row: Row;
  /** What was seen, for people. */
  readonly note: string;
  readonly rules: AlertRules;
  readonly subject: AlertSubject;
}

const DEPLOYMENT: Omit<AlertSubject, 'fix'> = { name: 'deployment', isDeployment: true };
const ROLLBACK: Omit<AlertSubject, 'fix'> = { name: 'rollback', isDeployment: true, titleOf: rollbackTitle };
const RELEASE: Omit<AlertSubject, 'fix'> = { name: 'release', isDeployment: true, titleOf: releaseTitle };
const DRIFT: Omit<AlertSubject, 'fix'> = { name: 'drift', isDeployment: true, titleOf: driftTitle };
/** Before the first probe. */
const NO_GROUND: EnvironmentStatus = { kind: 'empty' };

/** Whether the newest deployment went back, or halted: people must hear of it, however late. */
function isIncident({ newest }: EnvironmentStatus): boolean {
  return newest !== undefined && (['halted', 'rolledBack'].includes(newest.state) || (newest.record.kind === 'rollback' && newest.state === 'stable'));
}

/** Probes one environment in one run, and notifies people of changes. */
export class EnvironmentWatch {
  private readonly notifications: EnvironmentNotifications;
  private readonly findings: Finding[] = [];
  /** Notifications about deployments, sent meanwhile. */
  private readonly pendingNotifications: Promise<void>[] = [];
  private status = NO_GROUND;
  private before: BeforeStable = 'unknown';
  private progress?: RollbackProgress;
  private deployment?: DeploymentFault;
  private engine?: EngineFinding;
  private drift?: EngineFinding;
  private unverified: readonly string[] = [];

  constructor(private readonly options: EnvironmentWatchOptions) {
    const { alerts, channels, queues, context } = options;
    this.notifications = new EnvironmentNotifications({
      context,
      channelsOf: (event) => channels(context, event),
      queues,
      alerts,
      notificationOf: (pending) => this.notificationOf(pending, this.subjectOf(pending.check, pending.note)),
    });
  }

  /** Probes, and begins to notify people. Call `finish` afterwards in any case. Rejects with `EventLogError` or `InterruptedError`. */
  public async probe(): Promise<void> {
    const status = await this.confirmedStatus();
    this.status = status;
    this.deployment = deploymentFault(this.options.context, status, this.options.approvals ?? new Map());
    const stable = status.kind === 'stable' ? status.stable?.release : undefined;
    const { context } = this.options;
    const [looks, engine, drift] = await Promise.all([this.probeChecks(status), engineFinding(context, stable), driftFinding(context, stable)]);
    [this.engine, this.drift] = [engine, drift];
    const isWell = this.deployment?.fault === undefined && [...looks.values()].every(({ observations }) => observations.at(-1)!.outcome === 'healthy');
    await this.probeBefore(isWell);
    await this.evaluateDeployment(status);
    await this.evaluateEngine(RELEASE_KEY, RELEASE, engine, status);
    await this.evaluateEngine(DRIFT_KEY, DRIFT, drift, status);
    for (const [check, seenNow] of looks) await this.evaluateCheck(check, seenNow, status);
    await this.evaluateRollback(status);
    await this.dropUnknown();
  }

  /**
   * Ends the alerts of an environment that is not watched any more, instead of `look`: they would fire forever.
   *
   * @param unverified finds the environments without a verified release: one may be the new name of this one
   */
  public async lookAway(unverified: () => Promise<readonly string[]>): Promise<void> {
    const { alerts, context } = this.options;
    if (!alerts.isOver) {
      this.status = await environmentStatus(context);
      this.unverified = await unverified();
    }
    await this.probeBefore(true);
    await this.dropUnknown(new Map());
  }

  /** The release to roll back to: read only if a notification needs it, because it takes requests. */
  private async probeBefore(isWell: boolean): Promise<void> {
    const { alerts, context } = this.options;
    if (!isWell || !alerts.isOver) this.before = await beforeStable(context, this.status);
  }

  /**
   * Delivers new notifications, and those that earlier runs could not. Rejects with `EventLogError`.
   * @param allLooked resolves when every environment of the run is probed
   */
  public async finish(allLooked: Promise<void>): Promise<EnvironmentFindings> {
    await this.notifications.deliver(allLooked);
    await Promise.all(this.pendingNotifications);
    await this.options.alerts.close();
    return this.result(this.status);
  }

  private result(status: EnvironmentStatus): EnvironmentFindings {
    const { alerts, context: { environment } } = this.options;
    const named = [...this.names].map(([key, name]) => ({ ...alerts.of(key), name }));
    return {
      environment: environment.name,
      url: environment.url,
      version: status.stable?.release.version,
      stable: status.stable,
      status: status.kind,
      findings: this.findings,
      alerts: named,
      notified: this.notifications.sent,
      next: named.some(({ phase }) => phase === 'firing') ? this.next(status) : undefined,
      rollbackUrl: this.progress?.url,
    };
  }

  /** A fault of the deployment itself comes first: it may be the cause of the rest. */
  private next({ stable }: EnvironmentStatus): string {
    const { before } = this;
    const { context: { environment, manifest } } = this.options;
    const known = this.progress?.fix ?? this.deployment?.fix ?? this.engine?.change?.fix ?? this.drift?.change?.fix ?? this.waitingRollback;
    return known ?? nextStep({ environment, manifest, stable, before });
  }

  /** No second rollback is started. */
  private get waitingRollback(): string | undefined {
    const { approvals, context: { environment } } = this.options;
    const approval = approvals?.get(environment.name);
    return approval?.what === 'rollback' ? `A rollback waits for an approval: ${approval.url}` : undefined;
  }

  /** Confirms a release whose own job is gone with new probes: that needs no commands. */
  private async confirmedStatus(): Promise<EnvironmentStatus> {
    const { context } = this.options;
    const status = await environmentStatus(context);
    // the process that ended it may have died before it notified anyone, or its channels may have failed
    if (isIncident(status)) this.notifyOfDeployment();
    if (status.kind !== 'unknown' || status.newest?.state !== 'confirming' || !context.run.inCi) return status;
    context.log.notice(`${context.environment.name}: left without a verdict`, `Run ${status.newest.record.run.id} is gone; ${status.newest.record.release.version} is confirmed here.`);
    await confirm(context, status.newest);
    this.notifyOfDeployment();
    return environmentStatus(context);
  }

  /** A hanging channel must not delay the probes. */
  private notifyOfDeployment(): void {
    const { context } = this.options;
    if (context.manifest.alerts) this.pendingNotifications.push(notify(context).then(() => undefined));
  }

  private get checks(): HealthCheckManifest[] {
    return watchedChecks(this.options.context.environment);
  }

  private get names(): Map<string, string> {
    const raised = this.options.alerts.of(ROLLBACK_KEY).phase === 'quiet' ? [] : [[ROLLBACK_KEY, ROLLBACK.name] as const];
    const engine = [...(this.engine ? [[RELEASE_KEY, RELEASE.name] as const] : []), ...(this.drift ? [[DRIFT_KEY, DRIFT.name] as const] : [])];
    return new Map([[DEPLOYMENT_KEY, DEPLOYMENT.name], ...engine, ...raised, ...this.checks.map(({ name }) => [checkKey(name), name] as const)]);
  }

  private get rules(): AlertRules {
    return this.options.monitoring;
  }

  private async probeChecks(status: EnvironmentStatus): Promise<Map<HealthCheckManifest, CheckResult & { readonly alert: Alert }>> {
    const { alerts, context: { clock, interrupted, noticesStarvation, probe } } = this.options;
    const { stable } = status;
    if (stable === undefined || status.kind === 'changing' || status.kind === 'empty') return new Map();
    return new Map(await Promise.all(this.checks.map(async (check) => {
      const alert = alerts.of(checkKey(check.name));
      const probing = { clock, probe, noticesStarvation };
      const options = { ...probing, check: checkOn(status, check), alert, rules: this.rules, release: stable.release, signal: interrupted };
      return [check, { ...await probeUntilKnown(options), alert }] as const;
    })));
  }

  private async evaluateCheck(
    { name }: HealthCheckManifest, seenNow: CheckResult & { readonly alert: Alert }, status: EnvironmentStatus,
  ): Promise<void> {
    const { alert, row, observations } = seenNow;
    const last = observations[observations.length - 1]!;
    this.findings.push({ name, outcome: last.outcome, probeCount: observations.length, saw: last.saw, latencyMs: last.latencyMs, alert });
    const saw = `${name}: ${last.saw}`;
    const key = checkKey(name);
    await this.evaluate({ key, alert, row, note: saw, rules: this.rules, subject: this.subjectOf(key, saw) }, status);
  }

  /** A fault in the ledger needs no repeated probes: it is notified at once. */
  private async evaluateDeployment(status: EnvironmentStatus): Promise<void> {
    const { alerts, approvals, monitoring } = this.options;
    const { fault, isFresh, fix } = this.deployment ?? {};
    // during a deployment, or if approvals are unknown, the alert is not resolved
    const isSilent = status.kind === 'changing' || approvals === undefined;
    const alert = alerts.of(DEPLOYMENT_KEY);
    const row = seen(rowOf(alert), fault === undefined ? (isSilent ? 'blind' : 'healthy') : isFresh ? 'blind' : 'unhealthy');
    const rules = { ...monitoring, firesAfter: 1, resolvesAfter: 1 };
    if (fault !== undefined) this.findings.push({ name: DEPLOYMENT.name, outcome: 'unhealthy', probeCount: 0, saw: fault, alert });
    await this.evaluate({ key: DEPLOYMENT_KEY, alert, row, note: fault ?? 'no deployment is unfinished', rules, subject: { ...DEPLOYMENT, fix } }, status);
  }

  /** The engine is exact, so one reading is enough. What it does not say neither raises nor resolves an alert. */
  private async evaluateEngine(key: string, about: Omit<AlertSubject, 'fix'>, found: EngineFinding | undefined, status: EnvironmentStatus): Promise<void> {
    const { alerts, monitoring } = this.options;
    if (!found) return;
    const { change, outcome, saw } = found;
    const alert = alerts.of(key);
    if (outcome !== 'blind') this.findings.push({ name: about.name, outcome, probeCount: 0, saw, alert });
    const rules = { ...monitoring, firesAfter: 1, resolvesAfter: 1 };
    await this.record({ key, alert, row: seen(rowOf(alert), outcome), note: saw, rules, subject: { ...about, fix: change?.fix } }, status);
  }

  /** A rollback that the watch could not start: from then on a person must act. */
  private async evaluateRollback(status: EnvironmentStatus): Promise<void> {
    const { alerts, monitoring } = this.options;
    const alert = alerts.of(ROLLBACK_KEY);
    const fault = this.progress?.fault;
    if (fault === undefined && alert.phase === 'quiet') return;
    // the rollback may still be needed: the check was not healthy for long enough, or was not probed
    const isWanted = this.progress !== undefined || status.kind === 'changing' || this.isClaimed(status);
    const row = seen(rowOf(alert), fault !== undefined ? 'unhealthy' : isWanted ? 'blind' : 'healthy');
    if (fault !== undefined) this.findings.push({ name: ROLLBACK.name, outcome: 'unhealthy', probeCount: 0, saw: fault, alert });
    const rules = { ...monitoring, firesAfter: 1, resolvesAfter: 1 };
    await this.record({ key: ROLLBACK_KEY, alert, row, note: fault ?? 'no rollback is needed any more', rules, subject: ROLLBACK }, status);
  }

  private isClaimed({ newest }: EnvironmentStatus): boolean {
    const { alerts } = this.options;
    const others = alerts.raised.filter((key) => key !== ROLLBACK_KEY && alerts.of(key).phase === 'firing');
    return newest !== undefined && others.length > 0 && alerts.rollbackClaims(newest.record.id) > 0;
  }

  private async evaluate(evaluation: CheckEvaluation, status: EnvironmentStatus): Promise<void> {
    const { alerts, rollback } = this.options;
    const { alert, key, note, row } = evaluation;
    const cause = { key, status, why: note, alerts };
    if (alert.phase === 'firing' && row.last === 'bad') this.progress ??= await rollback?.again(cause);
    await this.record(evaluation, status, async () => { this.progress ??= await rollback?.consider(cause); });
  }

  /** Writes the change, and notifies people. */
  private async record(
    { key, alert, row, note, rules, subject }: CheckEvaluation, status: EnvironmentStatus, onFiring?: () => Promise<void>,
  ): Promise<void> {
    const { alerts, context } = this.options;
    const decision = decide(alert, row, rules, context.clock.now());
    if (!decision) return;
    // a deployment that began meanwhile may have caused the result
    if (decision.word === 'firing' && !isSameStatus(status, await environmentStatus(context))) return;
    if (await alerts.isBeingNotified(key)) return;
    const pending = await alerts.change(key, alert, decision, note);
    if (!pending) return;
    if (decision.word === 'firing') await onFiring?.();
    // the ledger cuts a long note
    this.notifications.add(pending, this.notificationOf({ ...pending, note }, { ...subject, fix: this.progress?.fix ?? subject.fix }));
  }

  /** The alert of a removed check would fire forever. */
  private async dropUnknown(names = this.names): Promise<void> {
    const { alerts } = this.options;
    for (const key of alerts.raised.filter((one) => !names.has(one))) {
      const alert = alerts.of(key);
      const decision = { word: alert.phase === 'firing' ? 'unwatched' as const : 'cleared' as const, count: 0 };
      const subject = this.subjectOf(key, alert.note);
      const pending = await alerts.change(key, alert, decision, `${subject.name}: it is not watched any more`);
      if (pending) this.notifications.add(pending, this.notificationOf(pending, subject));
    }
  }

  /** If it is unknown what is live, the fault of the deployment comes first. */
  private subjectOf(key: string, note: string): AlertSubject {
    if (key === RELEASE_KEY) return { ...RELEASE, fix: this.engine?.change?.fix };
    if (key === DRIFT_KEY) return { ...DRIFT, fix: this.drift?.change?.fix };
    const isDeployment = key === DEPLOYMENT_KEY;
    const lacks = isDeployment || this.status.kind === 'unknown' ? this.deployment?.fix : undefined;
    const fix = this.progress?.fix ?? lacks ?? this.waitingRollback;
    return key === ROLLBACK_KEY ? { ...ROLLBACK, fix } : { name: this.names.get(key) ?? nameIn(note, key), isDeployment, fix };
  }

  private notificationOf(pending: PendingNotification, subject: AlertSubject): Notification {
    const { repository, context: { environment, manifest, run } } = this.options;
    const { before, status, unverified } = this;
    const place = { manifest, environment, repository, runUrl: run.url, stable: status.stable, before, unverified };
    return notificationOf(pending, subject, place);
  }
}
