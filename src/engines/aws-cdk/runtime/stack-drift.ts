import { formatDuration } from '../../../contract/duration-text';

/** What CloudFormation knows about changes to a stack's resources outside of the stack. */
export interface StackDrift {
  /** Of the stack, for example `UPDATE_COMPLETE`. */
  readonly status: string;
  /** Of the last detection. */
  readonly result: string;
  /** When the last detection began, in milliseconds since the epoch; NaN if there was none. */
  readonly checkedAt: number;
  /** When the stack was last changed, in milliseconds since the epoch. */
  readonly changedAt: number;
}

/** A resource that differs from its template, for people. */
export interface DriftedResource {
  readonly stackName: string;
  readonly resource: string;
}

/** While something has drifted, CloudFormation looks again so often: the alert ends soon after the repair. */
const RECHECK_MS = 60 * 60_000;
/** Resources that a message names. */
const SHOWN = 5;

/** Whether a detection begins now. CloudFormation accepts none while it changes the stack. */
export function isDetectionDue(stack: StackDrift, now: number, intervalMs: number): boolean {
  if (!/^((CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE|UPDATE_ROLLBACK_FAILED)$/.test(stack.status)) return false;
  if (!isOfThisState(stack)) return true;
  return now - stack.checkedAt >= (stack.result === 'DRIFTED' ? Math.min(RECHECK_MS, intervalMs) : intervalMs);
}

/** Why it is not known whether the stack has drifted; undefined if it is. */
export function unknownDrift(stackName: string, stack: StackDrift): string | undefined {
  if (!isOfThisState(stack) || stack.result === 'NOT_CHECKED') return `the drift of the stack ${stackName} is not detected yet`;
  return ['DRIFTED', 'IN_SYNC'].includes(stack.result) ? undefined : `CloudFormation could not check all resources of the stack ${stackName}: does the role read them?`;
}

/** The same text as long as the same resources differ. */
export function driftFault(drifted: readonly DriftedResource[]): string {
  const names = drifted.map(({ resource, stackName }) => `${stackName}: ${resource}`).sort();
  return `changed outside of the releases: ${names.slice(0, SHOWN).join('; ')}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''}`;
}

/** How often CloudFormation looks, for people. */
export function driftCadence(intervalMs: number): string {
  return `it looks every ${formatDuration(intervalMs)}, and while something has drifted every ${formatDuration(Math.min(RECHECK_MS, intervalMs))}`;
}

/** Whether the last detection began after the last change of the stack. */
function isOfThisState({ changedAt, checkedAt }: StackDrift): boolean {
  return checkedAt >= changedAt;
}
