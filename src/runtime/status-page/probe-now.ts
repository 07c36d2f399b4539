import { CheckMeasurement } from './measurements';
import { secretsOf } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { isFinal } from '../deployment/state-machine';
import { EnvironmentHistory } from '../ledger/history';
import { QUIET } from '../monitoring/alert-lifecycle';
import { probeUntilKnown } from '../monitoring/probe-check';

/**
 * Probes an environment as a run of the watch would, and writes nothing. Undefined if that gives no verdict: no release was verified
 * there, a deployment is in progress, or the secret of a header is not available.
 */
export async function probeNow(context: RuntimeContext): Promise<CheckMeasurement[] | undefined> {
  const { clock, environment, interrupted, ledger, manifest: { monitoring }, noticesStarvation, probe, processEnv } = context;
  const history = new EnvironmentHistory(ledger, environment.name);
  const [stable, newest] = [await history.stable(), await history.newest()];
  if (!monitoring || !stable || !newest || !isFinal(newest.state) || newest.state === 'halted') return undefined;
  const checks = [...environment.healthChecks.filter(({ gateOnly }) => !gateOnly), ...environment.watchChecks ?? []];
  if (checks.flatMap(secretsOf).some((name) => !processEnv[name])) return undefined;
  return Promise.all(checks.map(async (check) => {
    const { observations } = await probeUntilKnown({
      clock, probe, noticesStarvation, check, alert: QUIET, rules: monitoring, release: stable.release, signal: interrupted,
    });
    const { latencyMs, outcome } = observations.at(-1)!;
    const mark = outcome === 'healthy' ? 'healthy' as const : outcome === 'blind' ? 'blind' as const : 'bad' as const;
    return { name: check.name, mark, ...(latencyMs !== undefined && { latencyMs }) };
  }));
}
