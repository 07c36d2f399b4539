/** Reads the servers of HAProxy, and decides which commands set their weights. Pure. The texts of HAProxy are untrusted. */
import { ProxyServer, ProxyState, ServerHealth, Slot } from './slot-weights';
import { StatsRow, statsIn } from '../../../runtime/metrics/haproxy-stats';
import { NoDataError } from '../../../runtime/metrics/no-data';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError } from '../../../runtime/targets/engine-error';
import { HaproxySlotsManifest } from '../slots-manifest';

/** The names of a slot's servers. */
export function serversOf({ servers }: Pick<HaproxySlotsManifest, 'servers'>, slot: Slot): string[] {
  return servers.map((name) => name.replaceAll('{slot}', slot));
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
  return { product: 'HAProxy', slots, others: servers.filter((server) => !slots.blue.includes(server) && !slots.green.includes(server)) };
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
  return { name: safeLine(svname, 60), weight: Number(weight), status: safeLine(status, 40), health: healthOf(status) };
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

/** Servers that HAProxy does not check count as reachable. */
const REACHED = /^(?:UP|no check)/;
/** Set by a person or by the agent of a server. */
const OUT = /^(?:MAINT|DRAIN|NOLB)/;

function healthOf(status: string): ServerHealth {
  return REACHED.test(status) ? 'reached' : OUT.test(status) ? 'out' : 'waiting';
}
