import { Alert, AlertRules, isEnough, Row, rowOf, seen } from './alert-lifecycle';
import { HealthCheckManifest } from '../../contract/manifest';
import { Observation } from '../probing/observation';
import { ProbeContext, retryingWhenStarved } from '../probing/starvation';
import { Release } from '../release';

/** The results of one check in a run. */
export interface CheckResult {
  readonly row: Row;
  /** Never empty. */
  readonly observations: readonly Observation[];
}

export interface ProbeUntilKnownOptions extends ProbeContext {
  readonly check: HealthCheckManifest;
  /** Before the first probe. */
  readonly alert: Alert;
  readonly rules: AlertRules;
  readonly release: Release;
  readonly signal: AbortSignal;
}

/** Probes a check, and repeats that at its interval while another result may matter. Rejects with `InterruptedError`. */
export async function probeUntilKnown({ check, alert, rules, release, signal, ...context }: ProbeUntilKnownOptions): Promise<CheckResult> {
  const { clock } = context;
  const probe = retryingWhenStarved(context);
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
