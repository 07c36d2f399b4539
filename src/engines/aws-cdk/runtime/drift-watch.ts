import { StackPlace } from './cloudformation-api';
import { DriftApi } from './drift-api';
import { driftCadence, DriftedResource, driftFault, isDetectionDue, unknownDrift } from './stack-drift';
import { Drift } from '../../../runtime/targets/target-driver';

export interface DriftWatch {
  readonly api: DriftApi;
  readonly intervalMs: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly stacks: readonly StackPlace[];
}

/**
 * Returns what CloudFormation's last detection found, and begins the next one where it is due. It does not wait: CloudFormation keeps the result, and
 * the next run of the watch reads it. Rejects with `EngineError`.
 */
export async function lookForDrift({ api, intervalMs, now, stacks }: DriftWatch): Promise<Drift> {
  const drifted: DriftedResource[] = [];
  let unknown: string | undefined;
  for (const place of stacks) {
    const stack = await api.state(place);
    unknown ??= unknownDrift(place.stackName, stack);
    if (stack.result === 'DRIFTED' && unknownDrift(place.stackName, stack) === undefined) {
      const found = await api.drifted(place);
      // the lists of resources and stacks are not read at the same moment
      drifted.push(...(found.length > 0 ? found : [{ stackName: place.stackName, resource: 'a resource' }]));
    }
    if (isDetectionDue(stack, now, intervalMs)) await api.detect(place);
  }
  if (drifted.length > 0) return { kind: 'drifted', fault: driftFault(drifted), fix: `Change the resources back, or put the change into the app and deploy it; ${driftCadence(intervalMs)}` };
  return unknown === undefined ? { kind: 'none' } : { kind: 'unknown', why: unknown };
}
