import { join } from 'node:path';
import { StrategyKind } from '../../../src/contract/strategies';
import { KubernetesDriverManifest } from '../../../src/engines/kubernetes/manifest';
import { KubectlStandIn, ROLLOUT, writeManifests, writeRollout } from '../../../tools/kubectl-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld, slotsTarget } from '../driver-world';

const MANIFESTS = 'machine/manifests';

/** What a release of a test has besides. */
interface Built {
  readonly spec?: object;
  readonly strategy?: object;
  readonly more?: readonly object[];
  /** A Deployment, as before there was a Rollout. */
  readonly isDeployment?: boolean;
}

/** A repository whose target is a namespace of the stand-in for kubectl, with a Rollout of Argo Rollouts. */
export class ArgoRolloutsWorld extends DriverWorld<KubectlStandIn> {
  public static async create(strategy: 'canary' | 'blueGreen' | 'redeploy', kind: keyof typeof ROLLOUT = strategy === 'redeploy' ? 'canary' : strategy): Promise<ArgoRolloutsWorld> {
    const driver: KubernetesDriverManifest = {
      kind: 'kubernetes', manifests: MANIFESTS, namespace: 'shop', name: 'shop-production', prunes: true, prunesVolumes: false, rollout: 'web',
    };
    const { strategy: weighted, target } = slotsTarget(driver, strategy);
    // blue/green keeps the candidate's URL
    const world = await World.create(strategy, { target, ...(strategy === 'canary' && { strategy: weighted }) });
    const made = new ArgoRolloutsWorld(world, new KubectlStandIn(join(world.root, 'machine'), { objects: {} }), kind);
    world.manifest = { ...world.manifest, artifact: { paths: [MANIFESTS] } };
    world.change({});
    return made;
  }

  private constructor(world: World, engine: KubectlStandIn, private readonly kind: keyof typeof ROLLOUT) {
    super(world, engine);
  }

  /** The environment has another strategy from now on. `rollout`: whether users are moved by the Rollout. */
  public become(strategy: StrategyKind, rollout: boolean): void {
    const { target: { driver } } = this.world.manifest.environments[0];
    const { rollout: _, ...others } = driver as KubernetesDriverManifest;
    this.world.change(slotsTarget({ ...others, ...(rollout && { rollout: 'web' }) }, strategy));
  }

  /** Releases a new commit, and writes its manifests. `strategy` and `spec` change its Rollout, and `more` are objects besides. */
  public build(version: string, behaviour: Behaviour = 'good', { isDeployment = false, more, spec, strategy }: Built = {}): void {
    this.world.release(version, behaviour);
    if (isDeployment) return writeManifests(join(this.world.root, MANIFESTS), version, more);
    writeRollout(join(this.world.root, MANIFESTS), version, strategy ?? { [this.kind]: ROLLOUT[this.kind] }, spec, more);
  }

  public ship(version: string, behaviour: Behaviour = 'good', onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour);
    return this.deploy(version, onLine);
  }

  /** Deploys the release that a test begins with. */
  public async begin(version: string): Promise<void> {
    expect(await this.ship(version)).toMatchObject({ code: 0 });
    this.aws.fails();
  }

  /** What became of the Rollout: what its strategy says, and whose pods it names. */
  public get rollout(): { readonly strategy: object; readonly image: string } {
    const { spec } = this.aws.state.objects['Rollout/web'] as unknown as { readonly spec: { readonly strategy: object; readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } } } };
    return { strategy: spec.strategy, image: spec.template.spec.containers[0]!.image };
  }

  /** What becomes of the pods of a release. */
  public break(version: string, reason: string, restarts: number): void {
    this.aws.state = { ...this.aws.state, broken: { ...this.aws.state.broken, [`shop:${version}`]: [reason, restarts] } };
  }
}
