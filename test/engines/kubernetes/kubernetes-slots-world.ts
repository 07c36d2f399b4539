import { join } from 'node:path';
import { KubernetesSlotsDriverManifest } from '../../../src/engines/kubernetes/slots-manifest';
import { KubectlStandIn, writeManifests } from '../../../tools/kubectl-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld, slotsTarget } from '../driver-world';

const MANIFESTS = 'machine/manifests';
const DRIVER: KubernetesSlotsDriverManifest = {
  kind: 'kubernetesSlots', manifests: MANIFESTS, namespace: 'shop', name: 'shop-production', prunes: true, prunesVolumes: false, service: 'web',
};

/** A repository whose target is two slots in a namespace of the stand-in for kubectl. */
export class KubernetesSlotsWorld extends DriverWorld<KubectlStandIn> {
  /** In an empty namespace, or in one where `Strategy.redeploy()` deployed before. */
  public static async create(settings: Partial<KubernetesSlotsDriverManifest> = {}): Promise<KubernetesSlotsWorld> {
    const world = await World.create('blueGreen');
    const made = new KubernetesSlotsWorld(world, new KubectlStandIn(join(world.root, 'machine')));
    world.manifest = { ...world.manifest, artifact: { paths: [MANIFESTS] } };
    made.aws.state = { ...made.aws.state, objects: {} };
    made.withSlots(settings);
    return made;
  }

  public withSlots(settings: Partial<KubernetesSlotsDriverManifest> = {}): void {
    const { target } = slotsTarget({ ...DRIVER, ...settings }, 'blueGreen');
    // the strategy keeps the candidate's URL
    const { strategy } = this.world.manifest.environments[0];
    this.world.change({ target, ...('candidateUrl' in strategy && { strategy: { ...strategy, kind: 'blueGreen' } }) });
  }

  /** The options of the environment without slots. */
  public withoutSlots(): void {
    const { service: _, ...others } = DRIVER;
    const { strategy } = this.world.manifest.environments[0];
    this.world.change({ target: { deploy: { kind: 'driver', call: 'deploy' }, driver: { ...others, kind: 'kubernetes' } }, strategy: { ...strategy, kind: 'redeploy' } });
  }

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
    const { code, output } = await this.ship(version, 'good', more);
    expect([code, output]).toEqual([0, expect.any(String)]);
    this.aws.state = { ...this.aws.state, isQuick: false };
  }

  public break(version: string, reason: string, restarts = 0): void {
    this.aws.state = { ...this.aws.state, broken: { ...this.aws.state.broken, [`shop:${version}`]: [reason, restarts] } };
  }

  /** Checks that the release is Stable, and that users are on its place and on no other. */
  public async standsOn(place: 'only' | 'blue' | 'green', version: string): Promise<void> {
    expect(this.aws.live).toBe(place);
    await this.stands(version);
  }

  /** The objects without those that the driver keeps for itself. */
  public get names(): string[] {
    return this.aws.names.filter((name) => !name.startsWith('ConfigMap/delivery-'));
  }
}
