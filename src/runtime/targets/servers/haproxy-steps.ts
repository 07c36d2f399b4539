/** Reads which slot HAProxy sends users to, and decides what to set. Pure. The texts of HAProxy are untrusted. */
import { HaproxySlotsManifest } from '../../../contract/server-slots-manifest';
import { StatsRow, statsIn } from '../../metrics/haproxy-stats';
import { NoDataError } from '../../metrics/no-data';
import { safeLine } from '../../reporting/untrusted-text';
import { EngineError } from '../engine-error';

export type Slot = 'blue' | 'green';

export const SERVER_SLOTS: readonly Slot[] = ['blue', 'green'];

/** A server of a backend. */
export interface ProxyServer {
  readonly name: string;
  /** From 0 to 256. */
  readonly weight: number;
  /** As HAProxy shows it: `UP`, `DOWN 1/2`, `MAINT`, `no check`. */
  readonly status: string;
}

/** The servers of a backend, as one HAProxy has them at one moment. */
export interface ProxyState {
  readonly slots: Readonly<Record<Slot, readonly ProxyServer[]>>;
  /** The servers of neither slot. */
  readonly others: readonly ProxyServer[];
}

/** The shares of users' requests in per cent. */
export interface Traffic extends Readonly<Record<Slot, number>> {
  /** Of servers of neither slot. */
  readonly others: number;
}

/** The names of a slot's servers. */
export function serversOf({ servers }: Pick<HaproxySlotsManifest, 'servers'>, slot: Slot): string[] {
  return servers.map((name) => name.replaceAll('{slot}', slot));
}

export function otherThan(slot: Slot): Slot {
  return slot === 'blue' ? 'green' : 'blue';
}

/**
 * Returns the servers that `show stat BACKEND 4 -1` lists. Throws `EngineError`.
 * @see https://docs.haproxy.org/2.6/management.html#9.3-show%20stat
 */
export function proxyStateIn(text: string, settings: HaproxySlotsManifest): ProxyState {
  const { backend } = settings;
  if (text.startsWith('No such proxy')) throw new EngineError('notFound', `HAProxy has no backend ${backend}`);
  const servers = rowsIn(text).filter(({ pxname, svname }) => pxname === backend && svname !== 'BACKEND').map(serverIn);
  const named = (slot: Slot) => serversOf(settings, slot).map((name) => {
    const server = servers.find((one) => one.name === name);
    if (!server) throw new EngineError('notFound', `the backend ${backend} of HAProxy has no server ${name}`);
    return server;
  });
  const slots = { blue: named('blue'), green: named('green') };
  return { slots, others: servers.filter((server) => !slots.blue.includes(server) && !slots.green.includes(server)) };
}

function rowsIn(text: string): StatsRow[] {
  try {
    return statsIn(text);
  } catch (error) {
    if (error instanceof NoDataError) throw new EngineError('rejected', error.message);
    throw error;
  }
}

function serverIn({ status = '', svname = '', weight = '' }: StatsRow): ProxyServer {
  if (!/^\d{1,3}$/.test(weight)) throw new EngineError('rejected', `HAProxy shows no weight of the server ${safeLine(svname, 60)}`);
  return { name: safeLine(svname, 60), weight: Number(weight), status: safeLine(status, 40) };
}

/** The shares that the weights of a HAProxy give. */
export function trafficOf({ others, slots }: ProxyState): Traffic {
  const sum = (servers: readonly ProxyServer[]) => servers.reduce((all, { weight }) => all + weight, 0);
  const [blue, green, rest] = [sum(slots.blue), sum(slots.green), sum(others)];
  const total = blue + green + rest;
  const share = (weight: number) => (total === 0 ? 0 : (weight * 100) / total);
  return { blue: share(blue), green: share(green), others: share(rest) };
}

/** The slot that has all users of every HAProxy. */
export function slotWithAll(traffic: readonly Traffic[]): Slot | undefined {
  return SERVER_SLOTS.find((slot) => traffic.length > 0 && traffic.every((one) => one[slot] === 100));
}

/** Who has the users, for people. Several HAProxys may differ. */
export function describeTraffic(traffic: readonly Traffic[]): string {
  return [...new Set(traffic.map(describe))].join(', elsewhere ');
}

function describe({ blue, green, others }: Traffic): string {
  const shares = Object.entries({ blue, green, 'servers of neither slot': others }).filter(([, share]) => share > 0);
  if (shares.length === 0) return 'neither slot (all weights are 0)';
  return shares.map(([name, share]) => (share === 100 ? name : `${name} with ${Math.round(share)} %`)).join(' and ');
}

export type TrafficStep = 'done' | 'set' | 'elsewhere';

/** The next step to a HAProxy that gives a slot all users. A deployment takes them from the other slot only; a rollback from everywhere. */
export function promoteStep(traffic: Traffic, slot: Slot, isRestore: boolean): TrafficStep {
  if (traffic[slot] === 100) return 'done';
  return isRestore || (traffic.others === 0 && traffic[otherThan(slot)] > 0) ? 'set' : 'elsewhere';
}

/** The weights of a slot's servers, if the slot gets so many per cent and each slot has as many servers as the other one. */
export function wantedWeights(state: ProxyState, slot: Slot, percent: number): ReadonlyMap<string, number> {
  const named = (servers: readonly ProxyServer[], weight: number) => servers.map(({ name }) => [name, weight] as const);
  return new Map([...named(state.slots[slot], percent), ...named(state.slots[otherThan(slot)], 100 - percent), ...named(state.others, 0)]);
}

/** Whether a HAProxy gives a slot so many per cent, whatever the scale of its weights. */
export function hasShare(state: ProxyState, slot: Slot, percent: number): boolean {
  const traffic = trafficOf(state);
  const isEven = SERVER_SLOTS.every((one) => new Set(state.slots[one].map(({ weight }) => weight)).size === 1);
  return isEven && traffic.others === 0 && traffic[slot] === percent && traffic[otherThan(slot)] === 100 - percent;
}

/**
 * The commands of HAProxy's runtime API that set what differs: none if nothing does. A weight that grows comes first, so that at no moment
 * all weights are 0.
 */
export function weightCommands(state: ProxyState, { backend }: Pick<HaproxySlotsManifest, 'backend'>, wanted: ReadonlyMap<string, number>): string[] {
  const all = [...state.slots.blue, ...state.slots.green, ...state.others];
  const servers = all.map(({ name, weight }) => ({ name, from: weight, to: wanted.get(name) ?? weight }));
  const grown = ({ from, to }: { readonly from: number; readonly to: number }) => to - from;
  return servers.filter(({ from, to }) => from !== to).sort((one, other) => grown(other) - grown(one))
    .map(({ name, to }) => `set server ${backend}/${name} weight ${to}`);
}

/** What HAProxy said to commands that set something: nothing where it did. Throws `EngineError`. */
export function checkSet(text: string): void {
  const [problem] = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  if (problem === undefined) return;
  if (/^Permission denied/.test(problem)) throw new EngineError('accessDenied', 'the socket of HAProxy may only be read: its stats socket has no level admin');
  throw new EngineError(/^No such /.test(problem) ? 'notFound' : 'rejected', `HAProxy says: ${safeLine(problem, 200)}`);
}

export type Readiness =
  | { readonly kind: 'ready' }
  /** It may change by itself. */
  | { readonly kind: 'waiting'; readonly why: string }
  /** A person took the servers out of service. */
  | { readonly kind: 'out'; readonly why: string };

/** Servers that HAProxy does not check count as reachable. */
const REACHED = /^(?:UP|no check)/;
/** Set by a person or by the agent of a server. */
const OUT = /^(?:MAINT|DRAIN|NOLB)/;

/**
 * Whether a slot can get users. A server in maintenance is left out, but not all of them.
 *
 * @param isEnough how many servers must be reached: a rollback needs one, because users are harmed until it is done
 */
export function readinessOf({ slots }: ProxyState, slot: Slot, isEnough: 'one' | 'all'): Readiness {
  const servers = slots[slot];
  const reached = servers.filter(({ status }) => REACHED.test(status));
  const waiting = servers.filter(({ status }) => !REACHED.test(status) && !OUT.test(status));
  const missing = servers.filter(({ status }) => !REACHED.test(status)).map(({ name, status }) => `${name} is ${status}`).join(', ');
  if (reached.length > 0 && (isEnough === 'one' || waiting.length === 0)) return { kind: 'ready' };
  return { kind: waiting.length > 0 ? 'waiting' : 'out', why: `HAProxy finds ${reached.length} of ${servers.length} servers of ${slot} ready (${missing})` };
}
