import { createHash } from 'node:crypto';
import { EnvironmentAlerts } from './environment-alerts';
import { Ground } from './ground';
import { WatchCore } from './watch-core';
import { nameOf } from '../../../manifest';
import { GithubApi } from '../../ledger/github-api';
import { EnvironmentHistory } from '../../ledger/history';
import { LedgerRecord } from '../../ledger/ledger';
import { readDispatchedRuns } from '../../ledger/workflow-run';
import { Release } from '../../release';
import { Surroundings } from '../../surroundings';

export interface AutomaticRollbackOptions {
  readonly surroundings: Surroundings;
  /** For so long after it became Stable a release is young. @default - none is, and only what a dead run left open goes back */
  readonly withinMs?: number;
  readonly dispatch: WatchCore['dispatch'];
  readonly api: GithubApi;
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

  /** The run's page, where one was started. A rollback that cannot be started is said, and stops nothing. */
  public async consider(key: string, ground: Ground, why: string, alerts: EnvironmentAlerts): Promise<string | undefined> {
    const { environment, log } = this.options.surroundings;
    const asked = await this.wanted(ground);
    if (!asked || !await alerts.claimRollback(key, asked.record.id)) return undefined;
    try {
      const { url } = await this.start(asked, why);
      log.notice(`${environment.name}: rolling back to ${asked.to.version}`, url);
      return url;
    } catch (error) {
      log.warning(`${environment.name}: the rollback could not be started`, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Undefined where the cause is likely elsewhere, or nothing goes back by itself. */
  private async wanted({ kind, newest, stable }: Ground): Promise<Asked | undefined> {
    const { surroundings: { clock, environment, ledger }, withinMs } = this.options;
    const to = newest?.record.stable?.release;
    if (!newest || !to || newest.entries.some(({ irreversible }) => irreversible)) return undefined;
    if (kind === 'unknown') return newest.state === 'halted' ? undefined : { record: newest.record, to };
    // only what a deployment brought is taken back, not what a rollback or an adoption made Stable
    if (kind !== 'stable' || newest.state !== 'stable' || newest.record.kind !== 'deploy' || stable?.recordId !== newest.record.id) return undefined;
    if (withinMs === undefined || clock.now() - Date.parse(stable.since) > withinMs) return undefined;
    return await new EnvironmentHistory(ledger, environment.name).isBlocked(to) ? undefined : { record: newest.record, to };
  }

  private async start({ record, to }: Asked, why: string): Promise<{ readonly url: string }> {
    const { api, dispatch, surroundings: { clock, environment, manifest, processEnv, run } } = this.options;
    const workflow = `${nameOf('rollback', manifest.project?.name)}.yml`;
    // the same for whoever asks to go back from this record
    const request = createHash('sha256').update(`${manifest.project?.name ?? ''}:${environment.name}:${record.id}`).digest('hex').slice(0, 12);
    const there = (await readDispatchedRuns(api, workflow)).find(({ title }) => title.includes(request));
    if (there) return there;
    return dispatch(api, clock, {
      workflow,
      ref: run.ref?.name ?? 'main',
      inputs: { environment: environment.name, action: 'rollback', release: to.sha, reason: `the watch: ${why}`.slice(0, 200), request },
      request,
      url: `${processEnv.GITHUB_SERVER_URL ?? 'https://github.com'}/${api.repository}/actions/workflows/${workflow}`,
    });
  }
}
