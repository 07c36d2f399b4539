import { ServerManifest, ServersDriverManifest } from './manifest';

/** HAProxy, whose weights decide which slot users reach. */
export interface HaproxySlotsManifest {
  readonly kind: 'haproxy';
  /** The machines that HAProxy runs on. @default - the hosts of the target */
  readonly hosts?: readonly ServerManifest[];
  /** The runtime API (`stats socket`) on these machines: the path of a UNIX socket, or `host:port`. */
  readonly socket: string;
  readonly backend: string;
  /** The names of a slot's servers in the backend; `{slot}` stands for the slot. */
  readonly servers: readonly string[];
  /** The file that HAProxy reads the weights from when it is reloaded. @default - they are those of its configuration then */
  readonly stateFile?: string;
}

/** Caddy, whose weights decide which slot users reach. */
export interface CaddySlotsManifest {
  readonly kind: 'caddy';
  /** The machines that Caddy runs on. @default - the hosts of the target */
  readonly hosts?: readonly ServerManifest[];
  /** The admin API on these machines: the path of a UNIX socket, or `host:port`. */
  readonly admin: string;
  /** The `@id` of the handler of both slots. @default - the only one with the upstreams of both */
  readonly handler?: string;
  /** The upstreams of each slot, as Caddy dials them. */
  readonly blue: readonly string[];
  readonly green: readonly string[];
  /** The path that an upstream must respond to with success. @default - any response */
  readonly healthPath?: string;
  /** The file that Caddy's configuration imports the weights from. @default - they are those of its configuration after a reload */
  readonly weightsFile?: string;
}

export type SlotProxyManifest = HaproxySlotsManifest | CaddySlotsManifest;

/** Two slots on each host: each of them is a folder in `directory`, with releases and a pointer as those of a host without slots. */
export interface ServerSlotsDriverManifest extends Omit<ServersDriverManifest, 'kind'> {
  readonly kind: 'serverSlots';
  readonly proxy: SlotProxyManifest;
}
