import { CheckMeasurement } from './measurements';
import { secretsOf } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { isFinal } from '../deployment/state-machine';
import { EnvironmentHistory } from '../ledger/history';
import { alertNames, nameIn } from '../monitoring/alert-entry';
import { QUIET } from '../monitoring/alert-lifecycle';
import { EnvironmentAlerts } from '../monitoring/environment-alerts';
import { watchedChecks } from '../monitoring/environment-status';
import { probeUntilKnown } from '../monitoring/probe-check';

/** A measurement with what was seen, which is kept nowhere. */
export interface ProbedCheck extends CheckMeasurement {
  readonly saw: string;
}

/**
 * Probes an environment as a run of the watch would, and writes nothing. Undefined if that gives no verdict: no release was verified
 * there, a deployment is in progress, or the secret of a header is not available.
 */
export async function probeNow(context: RuntimeContext): Promise<ProbedCheck[] | undefined> {
  const { clock, environment, interrupted, ledger, manifest: { monitoring }, noticesStarvation, probe, processEnv } = context;
  const history = new EnvironmentHistory(ledger, environment.name);
  const [stable, newest] = [await history.stable(), await history.newest()];
  if (!monitoring || !stable || !newest || !isFinal(newest.state) || newest.state === 'halted') return undefined;
  const checks = watchedChecks(environment);
  if (checks.flatMap(secretsOf).some((name) => !processEnv[name])) return undefined;
  return Promise.all(checks.map(async (check) => {
    const { observations } = await probeUntilKnown({
      clock, probe, noticesStarvation, check, alert: QUIET, rules: monitoring, release: stable.release, signal: interrupted,
    });
    const { latencyMs, outcome, saw } = observations.at(-1)!;
    const mark = outcome === 'healthy' ? 'healthy' as const : outcome === 'blind' ? 'blind' as const : 'bad' as const;
    return { name: check.name, mark, saw, ...(latencyMs !== undefined && { latencyMs }) };
  }));
}

export interface OpenAlert {
  readonly name: string;
  readonly phase: 'pending' | 'firing';
  /** ISO 8601. */
  readonly since?: string;
  /** What was seen: `health: 500 in 3 ms`. */
  readonly note: string;
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
  const names = alertNames(environment);
  return alerts.raised.flatMap((key) => {
    const { phase, since, note } = alerts.of(key);
    return phase === 'quiet' ? [] : [{ name: names.get(key) ?? nameIn(note, key), phase, note, ...(since !== undefined && { since }) }];
  });
}
