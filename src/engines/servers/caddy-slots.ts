import { checkPath, checkProxyHosts, checkSocketPath, ServerSlotsDefinition } from './slot-proxy-options';
import { hostAndPort } from '../../validation/host-and-port';
import { listOf, OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * Options for Caddy in front of the two slots of each server: where its admin API is, and which upstreams belong to the slots.
 *
 * The weights are set with `curl`, which must be installed where Caddy runs. Caddy 2.9 or later is needed.
 */
export interface CaddySlotsOptions {
  /**
   * The machines that Caddy runs on. The target reaches them as it reaches its own `hosts`, so `hostKeys` must have their keys, too. With
   * several machines, all get the same weights.
   *
   * @default - the hosts of the target: each one has a Caddy of its own, in front of its two slots
   */
  readonly hosts?: string[];

  /**
   * The admin API on these machines, without TLS: the path of a UNIX socket, or `host:port` as these machines reach it.
   *
   * @default 'localhost:2019'
   */
  readonly admin?: string;

  /** The upstreams of the slot `blue`, as Caddy's configuration has them: `host:port`. For example `['10.0.0.11:3001', '10.0.0.12:3001']`. */
  readonly blue: string[];

  /** The upstreams of the slot `green`, as many as those of `blue`. */
  readonly green: string[];

  /**
   * The `@id` of the `reverse_proxy` handler with the upstreams of both slots, in a configuration in JSON. The weights of this one are set.
   *
   * @default - the only handler that has the upstreams of both slots
   */
  readonly handler?: string;

  /**
   * The path that each upstream must respond to with a status of 200 to 299 before it gets users, for example `/health`. Where Caddy runs, `curl` requests it
   * without TLS.
   *
   * @default - `/`, and any status
   */
  readonly healthPath?: string;

  /**
   * The file on these machines that the Caddyfile imports the weights from, in the `reverse_proxy` of both slots. The target writes one line to it after each
   * change: `lb_policy weighted_round_robin 1 0`. The account of `user` must be able to create files in its folder.
   *
   * @default - none: after a reload the weights are those of Caddy's configuration, which may name the other slot
   */
  readonly weightsFile?: string;
}

const OPTIONS: OptionNames<CaddySlotsOptions> = {
  hosts: true, admin: true, blue: true, green: true, handler: true, healthPath: true, weightsFile: true,
};
const WITHIN = 'ServerSlots.caddy';
const EXAMPLE = '{ blue: [\'10.0.0.11:3001\'], green: [\'10.0.0.11:3002\'] }';

/** Caddy, as `ServerSlots` has it. */
export function caddySlots(options: CaddySlotsOptions): ServerSlotsDefinition {
  const { admin = 'localhost:2019', blue, green, handler, healthPath, hosts, weightsFile } = optionsOf(WITHIN, options, OPTIONS, EXAMPLE);
  checkProxyHosts(`${WITHIN} hosts`, hosts, 'Caddy');
  checkUpstreams(blue, green);
  if (handler !== undefined && (typeof handler !== 'string' || !/^[\w.-]{1,100}$/.test(handler))) {
    invalid(`${WITHIN} handler`, `${show(handler)} is not an @id of letters, digits, '.', '_' and '-'`, 'Write the @id of the handler, for example \'shop\', or leave it out');
  }
  if (healthPath !== undefined && (typeof healthPath !== 'string' || !/^\/[\w.~!$&()*+,;=:@%/?-]*$/.test(healthPath))) {
    invalid(`${WITHIN} healthPath`, `${show(healthPath)} is not a path`, 'Write it with a slash at its beginning, for example \'/health\'');
  }
  if (weightsFile !== undefined) checkPath(`${WITHIN} weightsFile`, weightsFile, 'Caddy', '/etc/caddy/weights/shop');
  return { hosts, proxy: { kind: 'caddy', admin: adminOf(admin), blue: [...blue], green: [...green], handler, healthPath, weightsFile } };
}

function adminOf(admin: string): string {
  const option = `${WITHIN} admin`;
  if (typeof admin === 'string' && admin.startsWith('/')) return checkSocketPath(option, admin, 'Caddy', '/run/caddy/admin.sock');
  const { host, port } = hostAndPort(option, admin, { fix: 'Write host:port, or the absolute path of a UNIX socket, \'/run/caddy/admin.sock\'' });
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function checkUpstreams(blue: string[], green: string[]): void {
  for (const [slot, upstreams, example] of [['blue', blue, '10.0.0.11:3001'], ['green', green, '10.0.0.11:3002']] as const) {
    const option = `${WITHIN} ${slot}`;
    if (upstreams === undefined) invalid(option, 'it is missing', `Write [${show(example)}]`);
    if (listOf(option, upstreams, show(example)).length === 0) invalid(option, 'it is empty', `Name an upstream: [${show(example)}]`);
    for (const upstream of upstreams) hostAndPort(option, upstream, { fix: `Write host:port as Caddy's configuration has it, for example ${show(example)}` });
  }
  const all = [...blue, ...green];
  const twice = all.find((upstream, at) => all.indexOf(upstream) < at);
  if (twice !== undefined) {
    const isOfBoth = blue.includes(twice) && green.includes(twice);
    invalid(`${WITHIN} green`, `${show(twice)} is ${isOfBoth ? 'an upstream of both slots' : 'there twice'}`, isOfBoth ? 'Give each slot a port of its own' : 'Write it once');
  }
  if (blue.length !== green.length) invalid(`${WITHIN} green`, `it has ${green.length} upstreams, and blue has ${blue.length}`, 'Give both slots as many upstreams');
}
