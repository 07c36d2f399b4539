import { namesByKey, readAlerts } from './alert-spans';
import { readAttempts } from './finished-attempts';
import { EnvironmentData, Findings } from './status-data';
import { RuntimeContext } from '../context';
import { DEPLOYMENT_KEY, ROLLBACK_KEY } from '../monitoring/alert-entry';
import { AlertLog, Episode } from '../monitoring/alert-log';

export interface ReadFindingsOptions {
  readonly context: RuntimeContext;
  readonly alertLog: AlertLog;
  /** Of all environments: read once. */
  readonly episodes: readonly Episode[];
  readonly known: EnvironmentData;
  readonly committedAt: (sha: string) => Promise<number | undefined>;
  /** So many attempts, and so many episodes, are read in full at most. */
  readonly limit: number;
}

/** What the ledger and the alerts say of an environment that was not known yet. Rejects with `EventLogError`. */
export async function readFindings({ alertLog, committedAt, episodes, known, limit, context }: ReadFindingsOptions): Promise<Findings> {
  const { clock, environment, ledger } = context;
  const checks = [...environment.healthChecks, ...environment.watchChecks ?? []].map(({ name }) => name);
  const [attempts, alerts] = await Promise.all([
    readAttempts({ ledger, environment: environment.name, known: known.attempts, limit, committedAt, now: clock.now() }),
    readAlerts({
      alertLog, limit, known: known.episodes, episodes: episodes.filter((one) => one.environment === environment.name), names: namesByKey(checks).set(DEPLOYMENT_KEY, 'deployment').set(ROLLBACK_KEY, 'rollback'),
    }),
  ]);
  return { ...attempts, ...alerts };
}
