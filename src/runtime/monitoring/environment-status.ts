import { HealthCheckManifest } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { isFinal } from '../deployment/state-machine';
import { isAtWork } from '../deployment/recovery';
import { EnvironmentHistory } from '../ledger/history';
import { StablePointer } from '../ledger/record';
import { Standing } from '../ledger/entries';
import { Release } from '../release';

/** What the ledger says of an environment, before anybody looks at it. */
export interface EnvironmentStatus {
  /**
   * - `stable`: the release that was verified is live
   * - `unknown`: a person must say what is live (halted), or a run left a deployment open
   * - `changing`: a run is at work there, and watches it itself
   * - `empty`: nothing was verified there yet
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

/** What was Stable before what is; `unknown` where the newest record does not say, or that was taken back here, too. */
export type BeforeStable = Release | 'none' | 'unknown';

/** Nobody looks further back than to the newest record. What is bad itself is nothing to go back to. Rejects with `EventLogError`. */
export async function beforeStable({ environment, ledger }: RuntimeContext, { newest, stable }: EnvironmentStatus): Promise<BeforeStable> {
  if (!newest || !stable || newest.record.id !== stable.recordId) return 'unknown';
  const before = newest.record.stable?.release;
  return before === undefined ? 'none' : await new EnvironmentHistory(ledger, environment.name).isBlocked(before) ? 'unknown' : before;
}

/** Whether nothing was written since. */
export function isSameStatus(one: EnvironmentStatus, other: EnvironmentStatus): boolean {
  return one.kind === other.kind && one.newest?.record.id === other.newest?.record.id && one.newest?.state === other.newest?.state;
}

/** Where nobody knows which release is live, no answer is held against it. */
export function checkOn({ kind }: EnvironmentStatus, check: HealthCheckManifest): HealthCheckManifest {
  return kind === 'stable' ? check : whicheverRelease(check);
}

function whicheverRelease(check: HealthCheckManifest): HealthCheckManifest {
  if ('checks' in check) return { ...check, checks: check.checks.map(whicheverRelease) };
  return check.kind === 'http' ? { ...check, release: undefined } : check;
}
