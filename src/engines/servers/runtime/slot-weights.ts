/** Reads which slot a proxy sends users to, and decides what to set. Pure, and the same for every proxy. */

export type Slot = 'blue' | 'green';

export const SERVER_SLOTS: readonly Slot[] = ['blue', 'green'];

/** For people. */
export type ProxyProduct = 'HAProxy' | 'Caddy';

/** Whether users can be sent to a server. `waiting`: it may change by itself. `out`: a person took it out of service. */
export type ServerHealth = 'reached' | 'waiting' | 'out';

/** A server of a slot, as the proxy names it. */
export interface ProxyServer {
  readonly name: string;
  readonly weight: number;
  /** In the words of the proxy: `UP`, `DOWN 1/2`, `HTTP 503`. */
  readonly status: string;
  readonly health: ServerHealth;
}

/** Where the weights are in the configuration of a proxy, and what it was when they were read. */
export interface ProxyRevision {
  /** The path of the weights. */
  readonly path: string;
  /** For a precondition. */
  readonly etag: string;
  /** The servers in the order of the weights. */
  readonly names: readonly string[];
}

/** The servers of both slots, as one proxy has them at one moment. */
export interface ProxyState {
  readonly product: ProxyProduct;
  /** @default - the proxy has no compare-and-swap */
  readonly revision?: ProxyRevision;
  readonly slots: Readonly<Record<Slot, readonly ProxyServer[]>>;
  /** The servers of neither slot. */
  readonly others: readonly ProxyServer[];
}

/** The shares of users' requests in per cent. */
export interface Traffic extends Readonly<Record<Slot, number>> {
  /** Of servers of neither slot. */
  readonly others: number;
}

export function otherThan(slot: Slot): Slot {
  return slot === 'blue' ? 'green' : 'blue';
}

/** The shares that the weights of a proxy give. */
export function trafficOf({ others, slots }: ProxyState): Traffic {
  const sum = (servers: readonly ProxyServer[]) => servers.reduce((all, { weight }) => all + weight, 0);
  const [blue, green, rest] = [sum(slots.blue), sum(slots.green), sum(others)];
  const total = blue + green + rest;
  const share = (weight: number) => (total === 0 ? 0 : (weight * 100) / total);
  return { blue: share(blue), green: share(green), others: share(rest) };
}

/** The slot that has all users of every proxy. */
export function slotWithAll(traffic: readonly Traffic[]): Slot | undefined {
  return SERVER_SLOTS.find((slot) => traffic.length > 0 && traffic.every((one) => one[slot] === 100));
}

/** Who has the users, for people. Several proxies may differ. */
export function describeTraffic(traffic: readonly Traffic[]): string {
  return [...new Set(traffic.map(describe))].join(', elsewhere ');
}

function describe({ blue, green, others }: Traffic): string {
  const shares = Object.entries({ blue, green, 'servers of neither slot': others }).filter(([, share]) => share > 0);
  if (shares.length === 0) return 'neither slot (all weights are 0)';
  return shares.map(([name, share]) => (share === 100 ? name : `${name} with ${Math.round(share)} %`)).join(' and ');
}

export type TrafficStep = 'done' | 'set' | 'elsewhere';

/** The next step to a proxy that gives a slot all users. A deployment takes them from the other slot only; a rollback from everywhere. */
export function promoteStep(traffic: Traffic, slot: Slot, isRestore: boolean): TrafficStep {
  if (traffic[slot] === 100) return 'done';
  return isRestore || (traffic.others === 0 && traffic[otherThan(slot)] > 0) ? 'set' : 'elsewhere';
}

/** The weights of a slot's servers, if the slot gets so many per cent and each slot has as many servers as the other one. */
export function wantedWeights(state: ProxyState, slot: Slot, percent: number): ReadonlyMap<string, number> {
  const named = (servers: readonly ProxyServer[], weight: number) => servers.map(({ name }) => [name, weight] as const);
  return new Map([...named(state.slots[slot], percent), ...named(state.slots[otherThan(slot)], 100 - percent), ...named(state.others, 0)]);
}

/** Whether a proxy gives a slot so many per cent, whatever the scale of its weights. */
export function hasShare(state: ProxyState, slot: Slot, percent: number): boolean {
  const traffic = trafficOf(state);
  const isEven = SERVER_SLOTS.every((one) => new Set(state.slots[one].map(({ weight }) => weight)).size === 1);
  return isEven && traffic.others === 0 && traffic[slot] === percent && traffic[otherThan(slot)] === 100 - percent;
}

export type Readiness =
  | { readonly kind: 'ready' }
  /** It may change by itself. */
  | { readonly kind: 'waiting'; readonly why: string }
  /** A person took the servers out of service. */
  | { readonly kind: 'out'; readonly why: string };

/**
 * Whether a slot can get users. A server in maintenance is left out, but not all of them.
 *
 * @param isEnough how many servers must be reached: a rollback needs one, because users are harmed until it is done
 */
export function readinessOf({ product, slots }: ProxyState, slot: Slot, isEnough: 'one' | 'all'): Readiness {
  const servers = slots[slot];
  const reached = servers.filter(({ health }) => health === 'reached');
  const waiting = servers.filter(({ health }) => health === 'waiting');
  const missing = servers.filter(({ health }) => health !== 'reached').map(({ name, status }) => `${name} is ${status}`).join(', ');
  if (reached.length > 0 && (isEnough === 'one' || waiting.length === 0)) return { kind: 'ready' };
  return { kind: waiting.length > 0 ? 'waiting' : 'out', why: `${product} finds ${reached.length} of ${servers.length} servers of ${slot} ready (${missing})` };
}
