import { join } from 'node:path';
import { KubernetesDriverManifest } from '../../../src/engines/kubernetes/manifest';
import { KubectlStandIn, writeManifests } from '../../../tools/kubectl-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld } from '../driver-world';

const MANIFESTS = 'machine/manifests';

/** A repository whose target is a namespace of the stand-in for kubectl. */
export class KubernetesWorld extends DriverWorld<KubectlStandIn> {
  public static async create(settings: Partial<KubernetesDriverManifest> = {}, secrets: string[] = []): Promise<KubernetesWorld> {
    const driver: KubernetesDriverManifest = {
      kind: 'kubernetes', manifests: MANIFESTS, namespace: 'shop', name: 'shop-production', prunes: true, prunesVolumes: false, ...settings,
    };
    const world = await World.create('redeploy', { target: { deploy: { kind: 'driver', call: 'deploy' }, driver }, secrets });
    const made = new KubernetesWorld(world, new KubectlStandIn(join(world.root, 'machine')));
    world.manifest = { ...world.manifest, artifact: { paths: [MANIFESTS] } };
    world.change({});
    return made;
  }

  /** Releases a new commit, and writes its manifests. */
  public build(version: string, behaviour: Behaviour = 'good', more: readonly object[] = []): void {
    this.world.release(version, behaviour);
    writeManifests(join(this.world.root, MANIFESTS), version, more);
  }

  public ship(version: string, behaviour: Behaviour = 'good', more: readonly object[] = [], onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour, more);
    return this.deploy(version, onLine);
  }

  /** Deploys the release that a test begins with: its pods run at once. */
  public async begin(version: string, more: readonly object[] = []): Promise<void> {
    this.aws.state = { ...this.aws.state, isQuick: true };
    expect((await this.ship(version, 'good', more)).code).toBe(0);
    this.aws.state = { ...this.aws.state, isQuick: false };
  }

  /** A laptop plans before anything is packed: the manifests in the folder are those of the release. */
  public planFromFolder(): void {
    this.world.manifest = { ...this.world.manifest, artifact: undefined };
    this.world.change({});
  }

  /** What becomes of the pods of a release. */
  public break(version: string, reason: string, restarts = 0): void {
    this.aws.state = { ...this.aws.state, broken: { ...this.aws.state.broken, [`shop:${version}`]: [reason, restarts] } };
  }
}

export function configMap(name: string, data: Readonly<Record<string, string>> = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}
