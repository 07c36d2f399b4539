import { hasRollout, isRollout, manifestProblem, placedAt, reachedPods } from './argo-rollout';
import { ArgoMoves } from './argo-rollout-moves';
import { argoWeakPoints, checkArgoRollout } from './argo-rollout-preflight';
import { ArgoRollout } from './argo-rollout-state';
import { Cluster } from './cluster';
import { pruningOf } from './inventory';
import { keyOf, KubernetesObject, marked } from './kubernetes-object';
import { preflightKubernetes } from './kubernetes-preflight';
import { foreignPods, liveOf } from './live-pods';
import { manifestChanges } from './manifest-changes';
import { checkFiles, releaseObjects } from './release-objects';
import { ReleaseRollout } from './release-rollout';
import { slotsLeft, SlotsLeaving } from './slots-leaving';
import { withCluster } from './with-cluster';
import { DriverCall } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../../runtime/context';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';
import { DriverRequest, Intent, LiveRelease, PlannedChange, TargetDriver } from '../../../runtime/targets/target-driver';
import { SigningIn } from '../../cluster/runtime/cluster-access';
import { kubernetesFixes } from '../../cluster/runtime/kubernetes-fixes';
import { PatientCalls } from '../../cluster/runtime/patient-calls';
import { KubernetesDriverManifest } from '../manifest';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 15_000;

/**
 * Applies the manifests of a release to a namespace with server-side apply, waits for the rollouts, and deletes what the release no longer has. A rollback
 * applies Stable's manifests again. An inventory in the namespace says what the releases brought.
 */
export class KubernetesDriver implements TargetDriver {
  public readonly place: string;

  constructor(private readonly context: RuntimeContext, private readonly settings: KubernetesDriverManifest) {
    this.place = `the namespace ${settings.namespace}`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { context, settings } = this;
    const check = new PreflightCheck(context.environment.name, 'Target.kubernetes', kubernetesFixes(settings));
    const warn = (title: string, text: string) => context.log.warning(title, text);
    let isFirst = false;
    await this.withCluster(PATIENCE_MS, (cluster) => preflightKubernetes({
      check,
      cluster,
      environment: context.environment.name,
      intent,
      settings,
      leavesSlots: true,
      objectsOf: async (release) => {
        const isWanted = release.sha === intent.release.sha;
        const objects = await this.packedObjects(cluster, release, isWanted && intent.kind !== 'rollback');
        isFirst ||= !isWanted && settings.rollout !== undefined && !hasRollout(objects, settings.rollout);
        return objects;
      },
      compare: async (wanted, live) => {
        if (settings.rollout === undefined) return;
        const { kind: strategy, weights = [] } = context.environment.strategy;
        checkArgoRollout({ check, live, name: settings.name, namespace: settings.namespace, strategy, wanted });
        if (isFirst) {
          if (!settings.prunes) check.refuse('prune: the Stable release has no Rollout, and its Deployment would serve beside it', 'Remove prune: false for a release, so that it is deleted');
          if (strategy !== 'redeploy') warn(`Rollout ${settings.rollout} is new`, 'Argo Rollouts gives the first release of a Rollout all users at once. Change nothing else in this release. See docs/targets/kubernetes-argo-rollouts.md');
        }
        for (const { title, text } of argoWeakPoints({ wanted, weights: weights.map(({ percent }) => percent) })) warn(title, text);
      },
      warn,
    }), (kubeconfig) => check.fixed(kubeconfig, `eksCluster: there is no cluster ${settings.eksCluster}. Correct eksCluster, or region`));
  }

  public secretHelp(name: string): string | undefined {
    if (name !== this.settings.kubeconfigVariable) return undefined;
    return 'It holds a kubeconfig, as it is or in base64, of a service account with the Role of docs/targets/kubernetes.md';
  }

  public async checkReachable(): Promise<void> {
    await this.withCluster(PATIENCE_MS, (cluster) => cluster.inventory());
  }

  public async changes(release: Release, giveUpAt: number): Promise<readonly PlannedChange[]> {
    return withCluster(this.context, this.settings, giveUpAt, async (cluster) => {
      const wanted = await cluster.dryRun(await this.packedObjects(cluster, release, true));
      const keys = wanted.map(keyOf);
      const inventory = await cluster.inventory();
      const { kept, pruned } = pruningOf(inventory?.objects ?? [], keys, this.settings);
      const ofSlots = (await slotsLeft(cluster, this.settings.name)).flatMap(({ objects }) => objects);
      return manifestChanges({ live: await cluster.existing(keys), wanted, kept, pruned: [...pruned, ...ofSlots] });
    });
  }

  public async call(call: DriverCall, request: DriverRequest): Promise<string> {
    const { context, settings } = this;
    if (settings.rollout !== undefined) return this.callArgo(settings.rollout, call, request);
    if (call === 'promote' || call === 'setWeight') throw new EngineError('rejected', `Target.kubernetes has no slots, so it cannot ${call}`);
    checkFiles(context.manifest.artifact !== undefined, request.release);
    return withCluster(context, settings, request.giveUpAt, async (cluster) => {
      const objects = this.marked(await cluster.objectsOf(context.directory, request.release.version), request.release);
      const left = await new PatientCalls(context, request.giveUpAt).read(() => slotsLeft(cluster, settings.name));
      if (left.length > 0) return new SlotsLeaving(context, cluster, settings, request).roll(objects, left);
      return new ReleaseRollout(context, cluster, settings).roll(objects, request);
    });
  }

  public async liveRelease(): Promise<LiveRelease> {
    return this.withCluster(LIVE_PATIENCE_MS, async (cluster) => {
      const { pods, workloads } = await cluster.serving();
      const rollouts = workloads.filter(isRollout) as unknown as ArgoRollout[];
      if (pods.length > 0 || workloads.length > 0) return liveOf(reachedPods(pods, rollouts), workloads);
      return foreignPods(await cluster.strangers());
    });
  }

  private callArgo(name: string, call: DriverCall, request: DriverRequest): Promise<string> {
    const { context, settings } = this;
    return withCluster(context, settings, request.giveUpAt, (cluster) => new ArgoMoves({
      cluster,
      name,
      rollout: new ReleaseRollout(context, cluster, settings),
      objectsOf: (release) => this.packedObjects(cluster, release, call === 'deploy' && release.sha === request.release.sha),
    }).call(call, request));
  }

  private withCluster<T>(patienceMs: number, work: (cluster: Cluster) => Promise<T>, signingIn?: SigningIn): Promise<T> {
    return withCluster(this.context, this.settings, this.context.clock.now() + patienceMs, work, signingIn);
  }

  /**
   * The objects of a release whose files are not placed yet, as they would be applied.
   *
   * @param isNew whether its Rollout must be one that a delivery can move: what is restored may be from before
   */
  private async packedObjects(cluster: Cluster, release: Release, isNew = false): Promise<KubernetesObject[]> {
    const objects = await releaseObjects(this.context, cluster, release);
    const { rollout } = this.settings;
    const found = isNew && rollout !== undefined ? manifestProblem(objects, rollout) : undefined;
    if (found) throw new EngineError('rejected', `Target.kubernetes rollout: ${found.problem}. ${found.fix}`);
    return this.marked(objects, release);
  }

  private marked(objects: readonly KubernetesObject[], release: Release): KubernetesObject[] {
    const { name, rollout } = this.settings;
    const own = objects.map((object) => marked(object, release, name, rollout));
    // all users: what a plan compares with
    return rollout === undefined ? own : placedAt(own, 100);
  }
}
