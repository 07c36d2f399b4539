import { RuntimeContext } from '../context';
import { checkKey, DEPLOYMENT_KEY, nameIn, ROLLBACK_KEY } from '../monitoring/alert-entry';
import { EnvironmentAlerts } from '../monitoring/environment-alerts';

export interface OpenAlert {
  readonly name: string;
  readonly phase: 'pending' | 'firing';
  /** ISO 8601. */
  readonly since?: string;
}

/** What is pending or fires. Rejects with `EventLogError`. */
export async function openAlerts(context: RuntimeContext): Promise<OpenAlert[]> {
  const { ci: { alerts: { log: alertLog } }, clock, environment, ledger, run } = context;
  const alerts = await EnvironmentAlerts.open({
    alertLog,
    environment: environment.name,
    episodes: await alertLog.episodesOf(environment.name),
    processId: run.processId,
    clock,
    channelsOf: () => [],
    remembersRollbackMs: 0,
    isAlive: (one) => ledger.isAlive(one),
  });
  const names = new Map([[DEPLOYMENT_KEY, 'deployment'], [ROLLBACK_KEY, 'rollback'], ...[...environment.healthChecks, ...environment.watchChecks ?? []].map(({ name }) => [checkKey(name), name] as const)]);
  return alerts.raised.flatMap((key) => {
    const { phase, since, note } = alerts.of(key);
    return phase === 'quiet' ? [] : [{ name: names.get(key) ?? nameIn(note, key), phase, ...(since !== undefined && { since }) }];
  });
}
