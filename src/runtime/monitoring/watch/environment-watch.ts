import { checkKey } from './alert-entry';
import { Alert, AlertRules, decide, Row, rowOf, seen, Telling } from './alert-life';
import { AutomaticRollback } from './automatic-rollback';
import { deploymentFault, WaitingApproval } from './deployment-fault';
import { EnvironmentAlerts } from './environment-alerts';
import { checkOn, Ground, groundOf, isSameGround } from './ground';
import { look, Look } from './look';
import { Channels, isLedgerError, WatchCore } from './watch-core';
import { nextStep, noticeOf, Subject } from './wording';
import { HealthCheckManifest, MonitoringManifest } from '../../../manifest';
import { StablePointer } from '../../ledger/ledger';
import { Outcome } from '../../probing/observation';
import { Surroundings } from '../../surroundings';
import { faultOf } from '../alerts/channel';
import { tell } from '../alerts/tell';

/** What one check, or the deployment itself, came to in this run. */
export interface Finding {
  readonly name: string;
  readonly outcome: Outcome | 'unasked';
  /** How often it was asked. */
  readonly asked: number;
  readonly saw: string;
  readonly latencyMs?: number;
  /** Before anything was written. */
  readonly alert: Alert;
}

/** What a run found on an environment, and what it did about it. */
export interface EnvironmentFindings {
  readonly environment: string;
  readonly url: string;
  readonly version?: string;
  readonly stable?: StablePointer;
  readonly ground: Ground['kind'];
  readonly findings: readonly Finding[];
  /** As they are after everything was written; of every check that is watched, and of the deployment. */
  readonly alerts: readonly NamedAlert[];
  readonly told: readonly ToldOf[];
  /** What a person does now, where something fires. */
  readonly next?: string;
  readonly rollbackUrl?: string;
}

export interface NamedAlert extends Alert {
  readonly name: string;
}

export interface ToldOf {
  readonly title: string;
  readonly told: readonly string[];
  readonly failed: readonly { readonly channel: string; readonly why: string }[];
}

export interface EnvironmentWatchOptions {
  readonly surroundings: Surroundings;
  readonly monitoring: MonitoringManifest;
  readonly core: WatchCore;
  readonly channels: Channels;
  readonly alerts: EnvironmentAlerts;
  readonly approvals: ReadonlyMap<string, WaitingApproval>;
  readonly repository?: string;
  readonly rollback?: AutomaticRollback;
}

/** No check can be called so: names hold no control characters. */
export const DEPLOYMENT_KEY = checkKey('\u0000deployment');
const DEPLOYMENT: Omit<Subject, 'mend'> = { name: 'deployment', isDeployment: true };

/** One run's look at one environment. */
export class EnvironmentWatch {
  private readonly told: ToldOf[] = [];
  private readonly findings: Finding[] = [];
  private rollbackUrl?: string;
  private deploymentMend?: string;

  constructor(private readonly options: EnvironmentWatchOptions) {}

  /** Rejects with `LedgerError` or `Interrupted`. */
  public async run(): Promise<EnvironmentFindings> {
    const { alerts } = this.options;
    const ground = await this.settled();
    const looks = await this.lookAtChecks(ground);
    await this.tellUntold(ground);
    await this.judgeDeployment(ground);
    for (const [check, seenNow] of looks) await this.judgeCheck(check, seenNow, ground);
    await this.dropUnknown(ground);
    await alerts.close();
    return this.result(ground);
  }

  private result(ground: Ground): EnvironmentFindings {
    const { alerts, surroundings: { environment } } = this.options;
    const named = [...this.names].map(([key, name]) => ({ ...alerts.of(key), name }));
    return {
      environment: environment.name,
      url: environment.url,
      version: ground.stable?.release.version,
      stable: ground.stable,
      ground: ground.kind,
      findings: this.findings,
      alerts: named,
      told: this.told,
      next: named.some(({ phase }) => phase === 'firing') ? this.next(ground) : undefined,
      rollbackUrl: this.rollbackUrl,
    };
  }

  /** What the deployment itself lacks comes first: it may be the cause of the rest. */
  private next({ stable }: Ground): string {
    const { surroundings: { environment, manifest } } = this.options;
    return this.rollbackUrl === undefined ? this.deploymentMend ?? nextStep({ environment, manifest, stable }) : startedRollback(this.rollbackUrl);
  }

  /** What merely lacks its confirmation, and nobody confirms any more, is asked afresh: that needs no commands. */
  private async settled(): Promise<Ground> {
    const { core, surroundings } = this.options;
    const ground = await groundOf(surroundings);
    // who halted it may have died before anybody was told
    if (ground.newest?.state === 'halted') await this.tellOfDeployment();
    if (ground.kind !== 'unknown' || ground.newest?.state !== 'confirming' || !surroundings.run.inCi) return ground;
    surroundings.log.notice(`${surroundings.environment.name}: left without a verdict`, `Run ${ground.newest.record.run.id} is gone; ${ground.newest.record.release.version} is confirmed here.`);
    await core.judge(surroundings, ground.newest);
    await this.tellOfDeployment();
    return groundOf(surroundings);
  }

  private async tellOfDeployment(): Promise<void> {
    const { surroundings } = this.options;
    if (surroundings.manifest.alerts) await tell(surroundings);
  }

  private get checks(): HealthCheckManifest[] {
    const { healthChecks, watchChecks = [] } = this.options.surroundings.environment;
    return [...healthChecks.filter(({ gateOnly }) => !gateOnly), ...watchChecks];
  }

  private get names(): Map<string, string> {
    return new Map([[DEPLOYMENT_KEY, DEPLOYMENT.name], ...this.checks.map(({ name }) => [checkKey(name), name] as const)]);
  }

  private get rules(): AlertRules {
    return this.options.monitoring;
  }

  private async lookAtChecks(ground: Ground): Promise<Map<HealthCheckManifest, Look & { readonly alert: Alert }>> {
    const { alerts, surroundings: { clock, interrupted, probe } } = this.options;
    const { stable } = ground;
    if (stable === undefined || ground.kind === 'changing' || ground.kind === 'empty') return new Map();
    return new Map(await Promise.all(this.checks.map(async (check) => {
      const alert = alerts.of(checkKey(check.name));
      const options = { check: checkOn(ground, check), alert, rules: this.rules, release: stable.release, probe, clock, signal: interrupted };
      return [check, { ...await look(options), alert }] as const;
    })));
  }

  private async judgeCheck({ name }: HealthCheckManifest, seenNow: Look & { readonly alert: Alert }, ground: Ground): Promise<void> {
    const { alert, row, observations } = seenNow;
    const last = observations[observations.length - 1]!;
    this.findings.push({ name, outcome: last.outcome, asked: observations.length, saw: last.saw, latencyMs: last.latencyMs, alert });
    await this.judge(checkKey(name), alert, row, `${name}: ${last.saw}`, this.rules, { name, isDeployment: false }, ground);
  }

  /** What the ledger says is no matter of luck: it is told at once. */
  private async judgeDeployment(ground: Ground): Promise<void> {
    const { alerts, approvals, monitoring, surroundings } = this.options;
    const { fault, isFresh, mend } = deploymentFault(surroundings, ground, approvals) ?? {};
    this.deploymentMend = mend;
    const alert = alerts.of(DEPLOYMENT_KEY);
    const row = seen(rowOf(alert), fault === undefined ? 'healthy' : isFresh ? 'blind' : 'unhealthy');
    const rules = { ...monitoring, firesAfter: 1, resolvesAfter: 1 };
    if (fault !== undefined) this.findings.push({ name: DEPLOYMENT.name, outcome: 'unhealthy', asked: 0, saw: fault, alert });
    await this.judge(DEPLOYMENT_KEY, alert, row, fault ?? 'nothing is left open', rules, { ...DEPLOYMENT, mend }, ground);
  }

  private async judge(key: string, alert: Alert, row: Row, note: string, rules: AlertRules, subject: Subject, ground: Ground): Promise<void> {
    const { alerts, rollback, surroundings } = this.options;
    const decision = decide(alert, row, rules, surroundings.clock.now());
    if (!decision) return;
    // what a deployment does that began meanwhile is no fault of the release that was looked at
    if (decision.word === 'firing' && !isSameGround(ground, await groundOf(surroundings))) return;
    if (await alerts.isBeingTold(key)) return;
    const telling = await alerts.change(key, alert, decision, note);
    if (!telling) return;
    const url = decision.word === 'firing' ? await rollback?.consider(key, ground, note, alerts) : undefined;
    this.rollbackUrl ??= url;
    await this.tell(telling, url === undefined ? subject : { ...subject, mend: startedRollback(url) }, ground);
  }

  /** An alert whose check was taken out of the configuration would fire for ever. */
  private async dropUnknown(ground: Ground): Promise<void> {
    const { alerts } = this.options;
    const { names } = this;
    for (const key of alerts.raised.filter((one) => !names.has(one))) {
      const alert = alerts.of(key);
      const decision = { word: alert.phase === 'firing' ? 'resolved' as const : 'cleared' as const, count: 0 };
      const telling = await alerts.change(key, alert, decision, `${nameIn(alert.note)}: it is not watched any more`);
      if (telling) await this.tell(telling, { name: nameIn(alert.note), isDeployment: false }, ground);
    }
  }

  private async tellUntold(ground: Ground): Promise<void> {
    for (;;) {
      const telling = await this.options.alerts.takeUntold();
      if (!telling) return;
      await this.tell(telling, this.subjectOf(telling.check), ground);
    }
  }

  private subjectOf(key: string): Subject {
    const name = this.names.get(key);
    return { name: name ?? 'a check that is gone', isDeployment: key === DEPLOYMENT_KEY };
  }

  /** A channel that takes nothing hides no verdict: it is said, and tried again by a later run. */
  private async tell(telling: Telling, subject: Subject, { stable }: Ground): Promise<void> {
    const { alerts, repository, surroundings } = this.options;
    const { environment, log, manifest, run } = surroundings;
    const names = alerts.tellableOf(telling);
    const all = this.options.channels(surroundings, telling.event);
    const channels = all.filter(({ name }) => names.includes(name));
    if (all.length === 0) return;
    const notice = noticeOf(telling, subject, { manifest, environment, repository, runUrl: run.url, stable });
    const results = await Promise.all(channels.map(async (channel) => ({
      channel: channel.name,
      why: await channel.tell(notice).then(() => undefined, faultOf),
    })));
    const told = results.filter(({ why }) => why === undefined).map(({ channel }) => channel);
    const failed = results.flatMap(({ channel, why }) => (why === undefined ? [] : [{ channel, why }]));
    if (channels.length > 0) this.told.push({ title: notice.title, told, failed });
    for (const { channel, why } of failed) log.warning(`${channel} could not be told`, `${notice.title}: ${why}. A later run tries again.`);
    await alerts.told(telling, told).catch((error: Error) => {
      if (!isLedgerError(error)) throw error;
      log.warning('Who was told could not be recorded', `${error.message} They may be told once more, with the same id.`);
    });
  }
}

function startedRollback(url: string): string {
  return `A rollback was started: ${url}`;
}

/** The check's name, with which a note begins. */
function nameIn(note: string): string {
  return note.split(': ')[0]!;
}
