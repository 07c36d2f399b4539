import { EcsBlueGreenDriverManifest } from '../manifest';
import { ListenerAction } from './listener-api';
import { fieldIn, isNumber, isObject, itemsIn, textIn } from '../../../runtime/json-value';

export type Slot = keyof EcsBlueGreenDriverManifest['services'];

export const ECS_SLOTS: readonly Slot[] = ['blue', 'green'];

/** ARNs of target groups. */
export type SlotGroups = Readonly<Record<Slot, string>>;

/** A target group of a forward action. */
export interface WeightedGroup {
  /** An ARN. */
  readonly group: string;
  readonly weight: number;
}

/** The target groups that the actions forward to; undefined where none of them forwards. */
export function forwardIn(actions: readonly ListenerAction[]): readonly WeightedGroup[] | undefined {
  const action = actions.find(isForward);
  if (!action) return undefined;
  const groups = itemsIn(fieldIn(action.ForwardConfig, 'TargetGroups')).filter(isObject);
  // AWS leaves the weight of the only target group out
  if (groups.length > 0) return groups.map((one) => ({ group: textIn(one, 'TargetGroupArn'), weight: isNumber(one.Weight) ? one.Weight : 1 }));
  const only = textIn(action, 'TargetGroupArn');
  return only === '' ? [] : [{ group: only, weight: 1 }];
}

function isForward({ Type }: ListenerAction): boolean {
  return Type === 'forward';
}

/** The target group of a service that has a part in the forward action, or its only one. Undefined where that is not clear. */
export function groupOf(targetGroups: readonly string[], forward: readonly WeightedGroup[]): string | undefined {
  const shared = targetGroups.filter((arn) => forward.some(({ group }) => group === arn));
  const found = shared.length > 0 ? shared : targetGroups;
  return found.length === 1 ? found[0] : undefined;
}

/** The shares of users' requests in percent. */
export interface Traffic extends Readonly<Record<Slot, number>> {
  /** Of target groups that belong to neither slot. */
  readonly others: number;
}

export function trafficOf(forward: readonly WeightedGroup[], groups: SlotGroups): Traffic {
  const total = forward.reduce((sum, { weight }) => sum + weight, 0);
  const share = (fits: (group: string) => boolean) => {
    const sum = forward.filter(({ group }) => fits(group)).reduce((all, { weight }) => all + weight, 0);
    return total === 0 ? 0 : (sum * 100) / total;
  };
  const [blue, green] = [share((group) => group === groups.blue), share((group) => group === groups.green)];
  return { blue, green, others: share((group) => group !== groups.blue && group !== groups.green) };
}

/** Whether all users are on the two slots. */
export function isOnSlots({ blue, green, others }: Traffic): boolean {
  return others === 0 && blue + green > 0;
}

/** The slot that has all traffic. */
export function slotWithAll(traffic: Traffic): Slot | undefined {
  return ECS_SLOTS.find((slot) => traffic[slot] === 100);
}

export function otherThan(slot: Slot): Slot {
  return slot === 'blue' ? 'green' : 'blue';
}

/** Who has the traffic, for people. */
export function describeTraffic({ blue, green, others }: Traffic): string {
  const shares = Object.entries({ blue, green, 'target groups of neither slot': others }).filter(([, share]) => share > 0);
  if (shares.length === 0) return 'neither slot (all weights are 0)';
  return shares.map(([name, share]) => (share === 100 ? name : `${name} with ${Math.round(share)} %`)).join(' and ');
}

/** The share of the users that a slot gets, in per cent. The other slot gets the rest. */
export interface SlotShare {
  readonly slot: Slot;
  readonly percent: number;
}

/** Whose users a change may move: those of the other slot if it has all of them, those of both slots, or all. */
export type Movable = 'other' | 'slots' | 'all';

export type TrafficStep = 'done' | 'move' | 'elsewhere';

/** The next step to a listener that shares the traffic like this. A promotion moves it from the other slot only, a canary between both, a rollback from everywhere. */
export function trafficStep(traffic: Traffic, { percent, slot }: SlotShare, movable: Movable): TrafficStep {
  const other = otherThan(slot);
  if (traffic[slot] === percent && traffic[other] === 100 - percent) return 'done';
  const mayMove = movable === 'all' || (movable === 'slots' ? isOnSlots(traffic) : traffic[other] === 100);
  return mayMove ? 'move' : 'elsewhere';
}

/** The same actions with other weights of both slots: stickiness, sign-in and other actions stay as they are. */
export function withTraffic(actions: readonly ListenerAction[], groups: SlotGroups, { percent, slot }: SlotShare): ListenerAction[] {
  const weights = { [groups[otherThan(slot)]]: 100 - percent, [groups[slot]]: percent };
  return actions.map((action) => {
    if (!isForward(action)) return withItsSecret(action);
    // AWS takes several target groups in ForwardConfig only
    const { TargetGroupArn, ForwardConfig, ...others } = action;
    const known = (forwardIn([action]) ?? []).map(({ group }) => group);
    const all = [...known, ...ECS_SLOTS.map((one) => groups[one]).filter((group) => !known.includes(group))];
    const weighted = all.map((group) => ({ TargetGroupArn: group, Weight: weights[group] ?? 0 }));
    return { ...others, ForwardConfig: { ...(isObject(ForwardConfig) ? ForwardConfig : {}), TargetGroups: weighted } };
  });
}

/** Whether a user stays on the target group of the first response, whatever the weights are. */
export function isSticky(actions: readonly ListenerAction[]): boolean {
  const action = actions.find(isForward);
  return action !== undefined && fieldIn(fieldIn(action.ForwardConfig, 'TargetGroupStickinessConfig'), 'Enabled') === true;
}

/** AWS does not show the secret of a sign-in. It keeps the one that it has. */
function withItsSecret(action: ListenerAction): ListenerAction {
  const { AuthenticateOidcConfig: sign } = action;
  return isObject(sign) ? { ...action, AuthenticateOidcConfig: { ...sign, UseExistingClientSecret: true } } : action;
}
