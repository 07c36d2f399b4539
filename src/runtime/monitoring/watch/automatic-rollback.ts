import { createHash } from 'node:crypto';
import { DEPLOYMENT_KEY } from './alert-entry';
import { EnvironmentAlerts } from './environment-alerts';
import { Ground } from './ground';
import { nameOf } from '../../../manifest';
import type { dispatch } from '../../dispatch/workflow-dispatch';
import { safeLine } from '../../job/untrusted-text';
import { GithubApi } from '../../ledger/github-api';
import { EnvironmentHistory } from '../../ledger/history';
import { LedgerRecord } from '../../ledger/ledger';
import { readDispatchedRuns } from '../../ledger/workflow-run';
import { Release } from '../../release';
import { commandLine, placeOf } from '../../reporting/command-line';
import { Surroundings } from '../../surroundings';

export interface AutomaticRollbackOptions {
  readonly surroundings: Surroundings;
  /** For so long after it became Stable a release is young. @default - none is, and only what a dead run left open goes back */
  readonly withinMs?: number;
  readonly dispatch: typeof dispatch;
  readonly api: GithubApi;
}

/** Why somebody wants to go back. */
export interface Cause {
  /** Of the check whose alert fires. */
  readonly key: string;
  readonly ground: Ground;
  readonly why: string;
  readonly alerts: EnvironmentAlerts;
}

/** What came of it. */
export interface Begun {
  /** The page of the run, where it was started. */
  readonly url?: string;
  /** For people, in a sentence. */
  readonly mend: string;
}

interface Asked {
  /** The record that made the bad release Stable, or left it open. */
  readonly record: LedgerRecord;
  readonly to: Release;
}

/**
 * Starts rollback.yml for a young release whose alert fires, and for what a dead run left open: its own jobs would have taken that back.
 * What that workflow does is a rollback by hand in all respects: it holds the environment, goes to a verified release, and verifies that.
 */
export class AutomaticRollback {
  constructor(private readonly options: AutomaticRollbackOptions) {}

  /** When an alert begins to fire. */
  public async consider({ key, ground, why, alerts }: Cause): Promise<Begun | undefined> {
    const asked = await this.wanted(ground, key === DEPLOYMENT_KEY);
    return asked && this.claimed(asked, key, why, alerts);
  }

  /** While an alert fires that wanted a rollback: whoever was to start it may have died before, or GitHub did not answer. */
  public async again({ key, ground, why, alerts }: Cause): Promise<Begun | undefined> {
    const asked = await this.wanted(ground, key === DEPLOYMENT_KEY);
    if (!asked || !alerts.isRollbackClaimed(asked.record.id)) return undefined;
    return this.unlessRefused(asked, alerts, async () => (await this.find(asked) ? undefined : this.claimed(asked, key, why, alerts)));
  }

  private async claimed(asked: Asked, key: string, why: string, alerts: EnvironmentAlerts): Promise<Begun | undefined> {
    if (!await alerts.claimRollback(key, asked.record.id)) return undefined;
    return this.unlessRefused(asked, alerts, async () => {
      const begun = await this.find(asked) ?? await this.start(asked, why);
      this.options.surroundings.log.notice(`${this.options.surroundings.environment.name}: rolling back to ${asked.to.version}`, begun.url);
      return begun;
    });
  }

  /** A rollback that cannot be started is said, and stops nothing. */
  private async unlessRefused(asked: Asked, alerts: EnvironmentAlerts, attempt: () => Promise<Begun | undefined>): Promise<Begun | undefined> {
    const { surroundings } = this.options;
    try {
      return await attempt();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      surroundings.log.warning(`${surroundings.environment.name}: the rollback could not be started`, why);
      const command = commandLine('rollback', placeOf(surroundings), { release: asked.to.version });
      const next = alerts.canClaimRollback(asked.record.id) ? 'The next run of the watch tries again. ' : '';
      return { mend: `The rollback to ${asked.to.version} could not be started: ${safeLine(why)} ${next}By hand: ${command}` };
    }
  }

  /** Undefined where the cause is likely elsewhere, or nothing goes back by itself. */
  private async wanted(ground: Ground, isDeployment: boolean): Promise<Asked | undefined> {
    const asked = await this.goesBack(ground, isDeployment);
    if (!asked) return undefined;
    const { environment, ledger, log } = this.options.surroundings;
    const hold = await new EnvironmentHistory(ledger, environment.name).heldAgainst(asked.record.run.id);
    if (!hold) return asked;
    log.notice(`${environment.name}: no automatic rollback`, `${hold.by} asked for ${hold.release.version} (run ${hold.run.id}) after ${asked.record.release.version} was deployed: that comes first.`);
    return undefined;
  }

  private async goesBack({ kind, newest, stable }: Ground, isDeployment: boolean): Promise<Asked | undefined> {
    const { surroundings: { clock, environment, ledger, log }, withinMs } = this.options;
    // a rollback that was left open goes on to what it restores, never to what it leaves
    const to = newest?.record.kind === 'rollback' ? newest.record.release : newest?.record.stable?.release;
    if (!newest || !to || newest.entries.some(({ irreversible }) => irreversible)) return undefined;
    if (kind === 'unknown') return newest.state === 'halted' ? undefined : { record: newest.record, to };
    // an approval that waits is no fault of the release that is live
    if (isDeployment) return undefined;
    // only what a deployment brought is taken back, not what a rollback or an adoption made Stable
    if (kind !== 'stable' || newest.state !== 'stable' || newest.record.kind !== 'deploy' || stable?.recordId !== newest.record.id) return undefined;
    if (withinMs === undefined || clock.now() - Date.parse(stable.since) > withinMs) return undefined;
    if (!await new EnvironmentHistory(ledger, environment.name).isBlocked(to)) return { record: newest.record, to };
    log.warning(`${environment.name}: no automatic rollback`, `${to.version} is blocked there. Deploy a fix, or unblock it: ${commandLine('unblock', placeOf(this.options.surroundings), { release: to.version })}`);
    return undefined;
  }

  /** Where it was asked for already. */
  private async find(asked: Asked): Promise<Required<Begun> | undefined> {
    const { api } = this.options;
    const request = this.requestFor(asked);
    const run = (await api.patiently(() => readDispatchedRuns(api, this.workflow))).find(({ title }) => title.includes(request));
    return run && started(run.url);
  }

  private async start(asked: Asked, why: string): Promise<Required<Begun>> {
    const { api, dispatch, surroundings: { clock, environment, processEnv, run } } = this.options;
    const { workflow } = this;
    const request = this.requestFor(asked);
    const { url } = await dispatch(api, clock, {
      workflow,
      ref: run.ref?.name ?? 'main',
      inputs: {
        environment: environment.name,
        action: 'rollback',
        release: asked.to.sha,
        from_deployment: asked.record.id,
        reason: safeLine(`the watch: ${why}`),
        request,
      },
      request,
      url: `${processEnv.GITHUB_SERVER_URL ?? 'https://github.com'}/${api.repository}/actions/workflows/${workflow}`,
    });
    return started(url);
  }

  private get workflow(): string {
    return `${nameOf('rollback', this.options.surroundings.manifest.project?.name)}.yml`;
  }

  /** The same for whoever asks to go back from this record. */
  private requestFor({ record }: Asked): string {
    const { environment, manifest } = this.options.surroundings;
    return createHash('sha256').update(`${manifest.project?.name ?? ''}:${environment.name}:${record.id}`).digest('hex').slice(0, 12);
  }
}

function started(url: string): Required<Begun> {
  return { url, mend: `A rollback was started: ${url}` };
}
