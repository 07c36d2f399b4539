import { join } from 'node:path';
import { machine } from './servers-world';
import { ServerContainerManifest, ServerContainersDriverManifest } from '../../../src/engines/servers/containers-manifest';
import { DockerStandIn } from '../../../tools/docker-stand-in/stand-in';
import { Registry } from '../../runtime/images/registry';
import { World } from '../../runtime/world';
import { ImageWorld } from '../image-world';

const CONTAINER: ServerContainerManifest = { engine: 'docker', name: 'shop', ports: ['127.0.0.1:8080:8080'], volumes: [], stopMs: 2_000, runOptions: [] };

/** A repository whose target is a container on each of two hosts of the stand-ins. Users reach all hosts in turn. */
export class ServerContainersWorld extends ImageWorld<DockerStandIn> {
  public static async create(settings: Partial<ServerContainersDriverManifest> = {}, hosts: readonly string[] = ['web-1', 'web-2']): Promise<ServerContainersWorld> {
    const world = await World.create('redeploy', { secrets: ['SSH_PRIVATE_KEY'] });
    const standIn = new DockerStandIn(join(world.root, 'machine'), hosts);
    const driver: ServerContainersDriverManifest = {
      kind: 'serverContainers',
      hosts: hosts.map(machine),
      hostKeys: standIn.hostKeys,
      user: 'deploy',
      privateKeyVariable: 'SSH_PRIVATE_KEY',
      hostCheckMs: 30_000,
      atOnce: 1,
      keep: 3,
      container: CONTAINER,
      ...settings,
    };
    world.change({ target: { deploy: { kind: 'driver', call: 'deploy' }, rollback: { kind: 'driver', call: 'rollback' }, driver } });
    return new ServerContainersWorld(world, standIn, await Registry.start());
  }

  /** Changes the options of the target. */
  public configure(container: Partial<ServerContainerManifest>, changes: Partial<ServerContainersDriverManifest> = {}): void {
    const [{ target }] = this.world.manifest.environments;
    const driver = target.driver as ServerContainersDriverManifest;
    this.world.change({ target: { ...target, driver: { ...driver, ...changes, container: { ...driver.container, ...container } } } });
  }

  public digestOf(version: string): string {
    return this.imageOf(version).split(':').at(-1)!;
  }

  /** The name of a release on every host. */
  public keyOf(version: string): string {
    return `${this.world.git('rev-parse', version)}-${this.digestOf(version).slice(0, 16)}`;
  }

  /** The version that each host runs. */
  public get running(): (string | undefined)[] {
    return this.aws.hosts.map((host) => this.aws.runs(host));
  }

  public rollback(to: string) {
    return this.deliver('rollback', 'production', '--release', to, '--reason', 'a test');
  }
}
