import { EcsApi } from './ecs-api';
import { EcsService, runningDefinitions } from './ecs-steps';
import { ListenerAction, ListenerApi } from './listener-api';
import { ECS_SLOTS, forwardIn, groupOf, Slot, SlotGroups, Traffic, trafficOf, WeightedGroup } from './listener-weights';
import { holds } from './task-definition';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';

/** The calls of the listener and of both services. */
export interface SlotsApi {
  readonly listener: ListenerApi;
  readonly services: Readonly<Record<Slot, EcsApi>>;
}

/** The listener and both services at one moment. */
export interface SlotsState {
  readonly actions: readonly ListenerAction[];
  readonly forward: readonly WeightedGroup[];
  readonly services: Readonly<Record<Slot, EcsService>>;
  readonly groups: SlotGroups;
  readonly traffic: Traffic;
}

/** Reads what decides who gets which release. Rejects with `EngineError` where it is not clear which target group is whose. */
export async function readSlots({ listener, services }: SlotsApi): Promise<SlotsState> {
  const calls = [listener.actions(), services.blue.service(), services.green.service()] as const;
  // no call outlives this one
  await Promise.allSettled(calls);
  const [actions, blue, green] = await Promise.all(calls);
  const forward = forwardIn(actions);
  if (!forward) throw new EngineError('rejected', 'the listener forwards to no target group');
  const groups = { blue: groupOf(blue.targetGroups, forward), green: groupOf(green.targetGroups, forward) };
  const unclear = ECS_SLOTS.find((slot) => groups[slot] === undefined);
  if (unclear) throw new EngineError('rejected', `the service of the slot ${unclear} has no target group of its own to which the listener forwards`);
  const known = groups as SlotGroups;
  return { actions, forward, services: { blue, green }, groups: known, traffic: trafficOf(forward, known) };
}

/** Whether the service of a slot runs this release and nothing else, or would if it had tasks. */
export async function runs(release: Release, slot: Slot, { services }: SlotsState, api: SlotsApi, container: string | undefined): Promise<boolean> {
  const [only, ...others] = runningDefinitions(services[slot]);
  return others.length === 0 && holds(await api.services[slot].definition(only!), container, release);
}

/** The slots that run a release. */
export async function slotsWith(release: Release, state: SlotsState, api: SlotsApi, container: string | undefined): Promise<Slot[]> {
  const looks = ECS_SLOTS.map((slot) => runs(release, slot, state, api, container));
  await Promise.allSettled(looks);
  const found = await Promise.all(looks);
  return ECS_SLOTS.filter((_, at) => found[at]);
}
