import { EnvironmentManifest, HealthCheckManifest } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { isAtWork } from '../deployment/recovery';
import { isFinal } from '../deployment/state-machine';
import { Standing } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { StablePointer } from '../ledger/record';
import { Release } from '../release';

/** The status of an environment in the ledger, before it is probed. */
export interface EnvironmentStatus {
  /**
   * - `stable`: the release that was verified is live
   * - `unknown`: the environment is halted, or a run left a deployment unfinished
   * - `changing`: a deployment is in progress, and its run probes it
   * - `empty`: no release was verified there yet
   */
  readonly kind: 'stable' | 'unknown' | 'changing' | 'empty';
  readonly stable?: StablePointer;
  readonly newest?: Standing;
}

/** Rejects with `EventLogError`. */
export async function environmentStatus(context: RuntimeContext): Promise<EnvironmentStatus> {
  const history = new EnvironmentHistory(context.ledger, context.environment.name);
  const newest = await history.newest();
  const stable = await history.stable();
  if (newest && !isFinal(newest.state)) {
    return { kind: await isAtWork(context, newest) ? 'changing' : 'unknown', stable, newest };
  }
  if (newest?.state === 'halted') return { kind: 'unknown', stable, newest };
  return { kind: stable === undefined ? 'empty' : 'stable', stable, newest };
}

/** The Stable release before the current one; `unknown` if the newest record does not say, or that release is blocked too. */
export type BeforeStable = Release | 'none' | 'unknown';

/** Reads the newest record only. A blocked release is no rollback point. Rejects with `EventLogError`. */
export async function beforeStable({ environment, ledger }: RuntimeContext, { newest, stable }: EnvironmentStatus): Promise<BeforeStable> {
  if (!newest || !stable || newest.record.id !== stable.recordId) return 'unknown';
  const before = newest.record.stable?.release;
  return before === undefined ? 'none' : await new EnvironmentHistory(ledger, environment.name).isBlocked(before) ? 'unknown' : before;
}

/** Whether the ledger did not change in between. */
export function isSameStatus(one: EnvironmentStatus, other: EnvironmentStatus): boolean {
  return one.kind === other.kind && one.newest?.record.id === other.newest?.record.id && one.newest?.state === other.newest?.state;
}

/** The checks that the watch probes. */
export function watchedChecks({ healthChecks, watchChecks = [] }: EnvironmentManifest): HealthCheckManifest[] {
  return [...healthChecks.filter(({ gateOnly }) => !gateOnly), ...watchChecks];
}

/** If it is unknown which release is live, a response of any release counts as healthy. */
export function checkOn({ kind }: EnvironmentStatus, check: HealthCheckManifest): HealthCheckManifest {
  return kind === 'stable' ? check : whicheverRelease(check);
}

function whicheverRelease(check: HealthCheckManifest): HealthCheckManifest {
  if ('checks' in check) return { ...check, checks: check.checks.map(whicheverRelease) };
  return check.kind === 'http' ? { ...check, release: undefined } : check;
}
