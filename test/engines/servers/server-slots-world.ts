import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machine, SERVERS } from './servers-world';
import { ServerSlotsDriverManifest } from '../../../src/engines/servers/slots-manifest';
import { ADMIN, CaddySlotsStandIn, upstreamsOf } from '../../../tools/caddy-stand-in/stand-in';
import { ServerSlotsStandIn, SOCKET } from '../../../tools/haproxy-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld, slotsTarget } from '../driver-world';

const FILES = 'machine/site';
export const HAPROXY = { kind: 'haproxy', hosts: [machine('proxy')], socket: SOCKET, backend: 'shop', servers: ['web-1-{slot}', 'web-2-{slot}'] } as const;
export const CADDY = { kind: 'caddy', hosts: [machine('proxy')], admin: ADMIN, blue: upstreamsOf('blue'), green: upstreamsOf('green'), healthPath: '/health' } as const;

/** A repository whose target is two hosts with two slots each, and a proxy on a third machine, all of the stand-ins. */
export class ServerSlotsWorld<StandIn extends ServerSlotsStandIn = ServerSlotsStandIn> extends DriverWorld<StandIn> {
  /** Behind HAProxy. */
  public static create(strategy: 'blueGreen' | 'canary' = 'blueGreen', settings: Partial<ServerSlotsDriverManifest> = {}): Promise<ServerSlotsWorld> {
    return ServerSlotsWorld.of(ServerSlotsStandIn, strategy, { proxy: HAPROXY, ...settings });
  }

  public static behindCaddy(strategy: 'blueGreen' | 'canary' = 'blueGreen', settings: Partial<ServerSlotsDriverManifest> = {}): Promise<ServerSlotsWorld<CaddySlotsStandIn>> {
    return ServerSlotsWorld.of(CaddySlotsStandIn, strategy, { proxy: CADDY, ...settings });
  }

  private static async of<StandIn extends ServerSlotsStandIn>(
    standIn: new (folder: string) => StandIn, strategy: 'blueGreen' | 'canary', settings: Pick<ServerSlotsDriverManifest, 'proxy'> & Partial<ServerSlotsDriverManifest>,
  ): Promise<ServerSlotsWorld<StandIn>> {
    const world = await World.create(strategy);
    const hosts = new standIn(join(world.root, 'machine'));
    const { target } = slotsTarget({
      ...SERVERS,
      kind: 'serverSlots',
      hosts: ['web-1', 'web-2'].map(machine),
      hostKeys: hosts.hostKeys,
      files: FILES,
      hostCheckMs: 1000,
      keep: 3,
      ...settings,
    }, strategy);
    // the strategy keeps the candidate's URL
    world.change({ target, secrets: ['SSH_PRIVATE_KEY'] });
    return new ServerSlotsWorld(world, hosts);
  }

  public ship(version: string, behaviour: Behaviour = 'good', onLine?: OnLine): Promise<Ended> {
    const folder = join(this.world.root, FILES);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.html'), version);
    this.world.release(version, behaviour);
    return this.deploy(version, onLine);
  }

  /** Checks that the release is Stable, and that exactly its slot has users. */
  public async standsOn(slot: 'blue' | 'green', version: string): Promise<void> {
    await this.stands(version);
    const { blue, green } = this.aws.shares;
    expect([blue > 0, green > 0]).toEqual([slot === 'blue', slot === 'green']);
  }
}
