import { Alert, AlertRules, isEnough, Row, rowOf, seen } from './alert-life';
import { HealthCheckManifest } from '../../../manifest';
import { Clock } from '../../clock';
import { Observation } from '../../probing/observation';
import { Prober } from '../../probing/probe';
import { Release } from '../../release';

/** What a run has seen of a check. */
export interface Look {
  readonly row: Row;
  /** Never empty. */
  readonly observations: readonly Observation[];
}

export interface LookOptions {
  readonly check: HealthCheckManifest;
  /** As it is before anything is asked. */
  readonly alert: Alert;
  readonly rules: AlertRules;
  readonly release: Release;
  readonly probe: Prober;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Asks a check, and again at its own interval as long as that may change anything. Rejects with `Interrupted`. */
export async function look({ check, alert, rules, release, probe, clock, signal }: LookOptions): Promise<Look> {
  const observations: Observation[] = [];
  let row = rowOf(alert);
  for (;;) {
    const startedAt = clock.now();
    const observation = await probe(check, { release }, signal);
    observations.push(observation);
    row = seen(row, observation.outcome);
    if (isEnough(row, alert, rules)) return { row, observations };
    await clock.sleep(Math.max(0, startedAt + check.intervalMs - clock.now()), signal);
  }
}
