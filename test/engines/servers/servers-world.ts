import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ServersDriverManifest } from '../../../src/engines/servers/manifest';
import { HOST_ROOT, SshStandIn } from '../../../tools/ssh-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld } from '../driver-world';

const FILES = 'machine/dist';

export const machine = (name: string) => ({ name, address: name, port: 22 });

/** What both kinds of servers have in common. */
export const SERVERS = {
  user: 'deploy', privateKeyVariable: 'SSH_PRIVATE_KEY', directory: `${HOST_ROOT}/srv/shop`, shared: [], restart: 'shop-restart', atOnce: 1,
} as const;

/** A repository whose target is the hosts of the stand-in for ssh. Users reach all hosts in turn. */
export class ServersWorld extends DriverWorld<SshStandIn> {
  public static async create(settings: Partial<ServersDriverManifest> = {}, hosts: readonly string[] = ['web-1', 'web-2']): Promise<ServersWorld> {
    const driver: ServersDriverManifest = {
      ...SERVERS,
      kind: 'servers',
      hosts: hosts.map(machine),
      hostKeys: [],
      files: FILES,
      hostCheckMs: 30_000,
      keep: 5,
      ...settings,
    };
    const target = { deploy: { kind: 'driver', call: 'deploy' }, rollback: { kind: 'driver', call: 'rollback' } } as const;
    const world = await World.create('redeploy', { secrets: ['SSH_PRIVATE_KEY'] });
    world.manifest = { ...world.manifest, artifact: { paths: [FILES] } };
    const standIn = new SshStandIn(join(world.root, 'machine'), hosts);
    world.change({ target: { ...target, driver: { ...driver, hostKeys: standIn.hostKeys } } });
    return new ServersWorld(world, standIn);
  }

  /** Changes the options of the target. */
  public configure(changes: Partial<ServersDriverManifest>): void {
    const [{ target }] = this.world.manifest.environments;
    this.world.change({ target: { ...target, driver: { ...target.driver as ServersDriverManifest, ...changes } } });
  }

  /** Releases a new commit, and builds its files. */
  public build(version: string, behaviour: Behaviour = 'good', files: Readonly<Record<string, string>> = {}): void {
    this.world.release(version, behaviour);
    rmSync(join(this.world.root, FILES), { recursive: true, force: true });
    for (const [path, text] of Object.entries({ 'index.html': `${version}\n`, 'assets/app.js': version, ...files })) {
      const file = join(this.world.root, FILES, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  public ship(version: string, behaviour: Behaviour = 'good', onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour);
    return this.deploy(version, onLine);
  }

  /** The folder of a release on every host. */
  public nameOf(version: string): string {
    const sha = this.world.git('rev-parse', version);
    return this.aws.releases(this.aws.hosts[0]!).find((name) => name.startsWith(sha))!;
  }

  /** The pointers of all hosts. */
  public get pointers(): (string | undefined)[] {
    return this.aws.hosts.map((host) => this.aws.pointer(host));
  }
}
