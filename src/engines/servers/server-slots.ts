import { caddySlots, CaddySlotsOptions } from './caddy-slots';
import { checkPath, checkProxyHosts, checkSocketPath, ServerSlotsDefinition } from './slot-proxy-options';
import { hostAndPort } from '../../validation/host-and-port';
import { listOf, OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * Options for HAProxy in front of the two slots of each server: where its runtime API is, and which servers belong to the slots.
 *
 * The weights are set with `socat`, which must be installed where HAProxy runs.
 */
export interface HaproxySlotsOptions {
  /**
   * The machines that HAProxy runs on. The target reaches them as it reaches its own `hosts`, so `hostKeys` must have their keys, too. With
   * several machines, all get the same weights.
   *
   * @default - the hosts of the target: each one has a HAProxy of its own, in front of its two slots
   */
  readonly hosts?: string[];

  /**
   * The runtime API (`stats socket` with `level admin`) on these machines: the path of a UNIX socket, or `host:port` as these machines reach it.
   *
   * @default '/run/haproxy/admin.sock'
   */
  readonly socket?: string;

  /** The backend of the servers of both slots. */
  readonly backend: string;

  /**
   * The servers of a slot, by their names in the backend. `{slot}` stands for `blue` or `green`. For several hosts behind one HAProxy, for example
   * `['web1-{slot}', 'web2-{slot}']`.
   *
   * @default ['{slot}']
   */
  readonly servers?: string[];

  /**
   * The file that HAProxy reads the weights from when it is reloaded or restarted (`server-state-file`, with `load-server-state-from-file global`). The target
   * writes it after each change of the weights, so the account of `user` must be able to create files in its folder.
   *
   * @default - none: after a reload the weights are those of HAProxy's configuration, which may name the other slot
   */
  readonly stateFile?: string;
}

const OPTIONS: OptionNames<HaproxySlotsOptions> = { hosts: true, socket: true, backend: true, servers: true, stateFile: true };
const WITHIN = 'ServerSlots.haproxy';

/**
 * Two slots on each server, `blue` and `green`, and a proxy in front of them, for the option `slots` of `Target.servers`.
 *
 * @example
 * const slots = ServerSlots.haproxy({ hosts: ['proxy.example.com'], backend: 'shop', servers: ['web1-{slot}', 'web2-{slot}'] });
 */
export class ServerSlots {
  /**
   * Moves users with the weights of HAProxy's servers, without a reload.
   *
   * @param options the backend, its servers, and the machines of HAProxy
   */
  public static haproxy(options: HaproxySlotsOptions): ServerSlots {
    const { backend, hosts, servers = ['{slot}'], socket = '/run/haproxy/admin.sock', stateFile } = optionsOf(WITHIN, options, OPTIONS, '{ backend: \'shop\' }');
    checkName(`${WITHIN} backend`, backend, 'shop');
    checkProxyHosts(`${WITHIN} hosts`, hosts, 'HAProxy');
    checkServers(servers);
    if (stateFile !== undefined) checkPath(`${WITHIN} stateFile`, stateFile, 'HAProxy', '/var/lib/haproxy/state/shop');
    return new ServerSlots({ hosts, proxy: { kind: 'haproxy', socket: socketOf(socket), backend, servers: [...servers], stateFile } });
  }

  /**
   * Moves users with the weights of Caddy's upstreams, through its admin API.
   *
   * @param options the upstreams of both slots, and the machines of Caddy
   */
  public static caddy(options: CaddySlotsOptions): ServerSlots {
    return new ServerSlots(caddySlots(options));
  }

  /** @internal */
  public readonly _definition: ServerSlotsDefinition;

  private constructor(definition: ServerSlotsDefinition) {
    this._definition = definition;
  }
}

function socketOf(socket: string): string {
  const option = `${WITHIN} socket`;
  if (typeof socket === 'string' && socket.startsWith('/')) {
    return checkSocketPath(option, socket, 'HAProxy', '/run/haproxy/admin.sock');
  }
  const { host, port } = hostAndPort(option, socket, { fix: 'Write the absolute path of a UNIX socket, \'/run/haproxy/admin.sock\', or host:port' });
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function checkServers(servers: string[]): void {
  const option = `${WITHIN} servers`;
  if (listOf(option, servers, '\'{slot}\'').length === 0) invalid(option, 'it is empty', 'Name a server, for example [\'{slot}\']');
  for (const server of servers) {
    if (typeof server === 'string' && !server.includes('{slot}')) invalid(option, `${show(server)} is the same server for both slots`, 'Use {slot} in its name: \'web1-{slot}\'');
    checkName(option, typeof server === 'string' ? server.replaceAll('{slot}', 'blue') : server, 'web1-{slot}', server);
  }
  const twice = servers.find((server, index) => servers.indexOf(server) < index);
  if (twice !== undefined) invalid(option, `${show(twice)} is there twice`, 'Write it once');
}

/** @see https://docs.haproxy.org/2.6/configuration.html#2.2 */
function checkName(option: string, name: string, example: string, shown: string = name): void {
  if (name === undefined) invalid(option, 'it is missing', `Write ${show(example)}`);
  if (typeof name === 'string' && /^[A-Za-z0-9_.:-]{1,200}$/.test(name) && !['BACKEND', 'FRONTEND'].includes(name)) return;
  invalid(option, `${show(shown)} is not a name of HAProxy`, `Write the name as in HAProxy's configuration, for example ${show(example)}`);
}
