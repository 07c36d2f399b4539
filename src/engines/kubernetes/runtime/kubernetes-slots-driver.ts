import { Cluster } from './cluster';
import { pruningOf } from './inventory';
import { keyOf, KubernetesObject, marked, MARK } from './kubernetes-object';
import { preflightSlots } from './kubernetes-slots-preflight';
import { liveInSlots } from './live-slots';
import { manifestChanges } from './manifest-changes';
import { releaseObjects } from './release-objects';
import { ReleaseRollout } from './release-rollout';
import { KUBERNETES_SLOTS, nameOf, otherThan, Place, placeOf, Slot } from './service-place';
import { isLeft, SharedObjects } from './shared-objects';
import { partsOf, SlotParts, withSelector } from './slot-objects';
import { describePlace, SlotTraffic } from './slot-traffic';
import { withCluster } from './with-cluster';
import { DriverCall } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../../runtime/context';
import { ArtifactError } from '../../../runtime/errors';
import { Release, sameRelease } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';
import { DriverRequest, Intent, LiveRelease, PlannedChange, TargetDriver } from '../../../runtime/targets/target-driver';
import { SigningIn } from '../../cluster/runtime/cluster-access';
import { kubernetesFixes } from '../../cluster/runtime/kubernetes-fixes';
import { KubernetesDriverManifest } from '../manifest';
import { KubernetesSlotsDriverManifest } from '../slots-manifest';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 15_000;

/** One call of the driver. */
interface Engine {
  readonly cluster: Cluster;
  readonly traffic: SlotTraffic;
  readonly shared: SharedObjects;
  readonly request: DriverRequest;
}

/**
 * Keeps two releases in a namespace, and moves users between them with the selector of a Service. A slot is a release of `Target.kubernetes` with
 * names, labels and an inventory of its own. What is not behind the Service both slots share.
 */
export class KubernetesSlotsDriver implements TargetDriver {
  public readonly place: string;
  /** Of what the slots share, and of what `Strategy.redeploy()` deployed. */
  private readonly base: KubernetesDriverManifest;

  constructor(private readonly context: RuntimeContext, private readonly settings: KubernetesSlotsDriverManifest) {
    const { service: _, ...others } = settings;
    this.base = { ...others, kind: 'kubernetes' };
    this.place = `the Service ${settings.service} of the namespace ${settings.namespace}`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { context, settings } = this;
    const check = new PreflightCheck(context.environment.name, 'Target.kubernetes', kubernetesFixes(settings));
    await this.withCluster(PATIENCE_MS, (cluster) => preflightSlots({
      base: this.base,
      check,
      cluster,
      environment: context.environment.name,
      intent,
      partsOf: (release, slot) => this.parts(cluster, release, slot),
      settings,
      traffic: new SlotTraffic(context, cluster, settings, context.clock.now() + PATIENCE_MS),
      warn: (title, text) => context.log.warning(title, text),
    }), (kubeconfig) => check.fixed(kubeconfig, `eksCluster: there is no cluster ${settings.eksCluster}. Correct eksCluster, or region`));
  }

  public secretHelp(name: string): string | undefined {
    if (name !== this.settings.kubeconfigVariable) return undefined;
    return 'It holds a kubeconfig, as it is or in base64, of a service account with the Role of docs/targets/kubernetes.md';
  }

  public async checkReachable(): Promise<void> {
    await this.withCluster(PATIENCE_MS, (cluster) => cluster.service(this.settings.service));
  }

  public async changes(release: Release, giveUpAt: number): Promise<readonly PlannedChange[]> {
    const { base, context, settings: { name, service: serviceName } } = this;
    return withCluster(context, base, giveUpAt, async (cluster) => {
      const service = await cluster.service(serviceName);
      const slot = otherThan(service && placeOf(service, name));
      const parts = await this.parts(cluster, release, slot);
      const wanted = await cluster.dryRun([...parts.own, ...parts.shared, parts.service]);
      const keys = wanted.map(keyOf);
      const of = async (one: Cluster) => pruningOf((await one.inventory())?.objects ?? [], keys, base);
      const [own, shared] = [await of(cluster.of(nameOf(name, slot))), await of(cluster)];
      const stable = service?.metadata.labels?.[MARK.sha] ?? '';
      const left = (await cluster.existing(shared.pruned)).filter((object) => isLeft(object, name, stable)).map(keyOf);
      return manifestChanges({ live: await cluster.existing(keys), wanted, pruned: [...own.pruned, ...left], kept: [...own.kept, ...shared.kept] });
    });
  }

  public call(call: DriverCall, request: DriverRequest): Promise<string> {
    if (call === 'setWeight') throw new EngineError('rejected', 'a Service sends all users to one slot or to the other. Use Strategy.blueGreen()');
    const { base, context, settings } = this;
    return withCluster(context, base, request.giveUpAt, (cluster) => {
      const traffic = new SlotTraffic(context, cluster, settings, request.giveUpAt);
      const engine = { cluster, request, shared: new SharedObjects(context, cluster, base, request), traffic };
      switch (call) {
        case 'deploy': return this.deploy(engine, slotOf(request));
        case 'promote': return this.promote(engine, slotOf(request));
        case 'rollback': return this.restore(engine);
      }
    });
  }

  public async liveRelease(): Promise<LiveRelease> {
    return this.withCluster(LIVE_PATIENCE_MS, (cluster) => liveInSlots(cluster, this.settings));
  }

  public async slotOf(release: Release): Promise<string | undefined> {
    const { context, settings } = this;
    return this.withCluster(LIVE_PATIENCE_MS, async (cluster) => {
      const traffic = new SlotTraffic(context, cluster, settings, context.clock.now() + LIVE_PATIENCE_MS);
      const service = await traffic.service();
      const live = service && placeOf(service, settings.name);
      const held = await Promise.all(KUBERNETES_SLOTS.map(async (slot) => (await traffic.holds(slot, release)).isHeld));
      const holders = KUBERNETES_SLOTS.filter((_, at) => held[at]);
      return holders.find((slot) => slot === live) ?? holders[0];
    });
  }

  /** To the slot without users. */
  private async deploy(engine: Engine, slot: Slot): Promise<string> {
    const { cluster, request: { release, stable }, traffic } = engine;
    const service = await traffic.service();
    const live = service && placeOf(service, this.settings.name);
    if (live === slot) throw new EngineError('conflict', `the slot ${slot} is not free: ${traffic.describe(service)}, so someone else changed its selector`);
    const parts = await this.parts(cluster, release, slot);
    // its selector would fit the pods of the candidate, too
    if (live === 'open') await this.pin(engine, stable, parts);
    return this.roll(engine, parts, slot);
  }

  /** Users stay where they are, whatever else the selector would fit. */
  private async pin({ traffic }: Engine, stable: Release | undefined, { service }: SlotParts): Promise<void> {
    const places: readonly Place[] = [...KUBERNETES_SLOTS, 'outside'];
    const held = await Promise.all(places.map(async (place) => stable !== undefined && (await traffic.holds(place, stable)).isHeld));
    await traffic.move(places[held.indexOf(true)] ?? 'outside', false, () => Promise.resolve(service));
  }

  private async roll({ cluster, request, shared }: Engine, parts: SlotParts, slot: Slot): Promise<string> {
    await shared.prepare(parts);
    const name = nameOf(this.settings.name, slot);
    const rolled = await new ReleaseRollout(this.context, cluster.of(name), { ...this.base, name }).roll(parts.own, request);
    return `${rolled} in the slot ${slot}`;
  }

  /** Only to a slot that runs the release. */
  private async promote(engine: Engine, slot: Slot): Promise<string> {
    const { request: { isRestore, release }, traffic } = engine;
    const { isHeld, pods, unfinished } = await traffic.holds(slot, release);
    if (!isHeld) throw new EngineError('conflict', `the slot ${slot} does not run ${release.version}: someone else deployed to it meanwhile`);
    if (unfinished !== undefined && !(isRestore && pods.length > 0)) throw new EngineError('rejected', `${unfinished}, so users were not sent to ${slot}`);
    return this.move(engine, slot);
  }

  /** Users first: if a place still runs the release, they return with one request. */
  private async restore(engine: Engine): Promise<string> {
    const { cluster, request, traffic } = engine;
    const { release, slot: preferred, stable } = request;
    const order: readonly Place[] = preferred === 'green' ? ['green', 'blue', 'outside'] : ['blue', 'green', 'outside'];
    let holder: Slot | undefined;
    for (const place of order) {
      const { isHeld, pods } = await traffic.holds(place, release);
      // a person may have deleted the Service of the slot
      if (isHeld && pods.length > 0 && await traffic.isKnown(place)) return this.move(engine, place);
      if (isHeld && place !== 'outside') holder ??= place;
    }
    const service = await traffic.service();
    const live = service && placeOf(service, this.settings.name);
    const slot = holder ?? (preferred === 'blue' || preferred === 'green' ? preferred : otherThan(live));
    const rolled = await this.roll(engine, await this.parts(cluster, release, slot), slot);
    // an older release: it is verified in its slot before the strategy moves users
    if (stable && !sameRelease(release, stable) && live !== slot) return rolled;
    return `${rolled}; ${await this.move(engine, slot)}`;
  }

  /** The Service, and after it what both slots share. */
  private async move({ cluster, request, shared, traffic }: Engine, to: Place): Promise<string> {
    const { isRestore, release } = request;
    const partsThere = () => this.parts(cluster, release, to === 'outside' ? 'blue' : to, to);
    const hasMoved = await traffic.move(to, isRestore, async () => (await partsThere()).service);
    await traffic.whenServed(to);
    const done = `users are on ${describePlace(to)} with ${release.version}`;
    const service = await traffic.service();
    if (!hasMoved && service?.metadata.labels?.[MARK.sha] === release.sha) return `${done} already`;
    if (!isRestore && (!service || placeOf(service, this.settings.name) !== to)) throw new EngineError('conflict', `someone else changed the Service meanwhile: ${traffic.describe(service)}`);
    try {
      await shared.follow(await partsThere());
    } catch (error) {
      const why = `${done}; what both slots share: ${(error as Error).message}`;
      if (error instanceof EngineError) throw new EngineError(error.kind, why);
      throw error instanceof ArtifactError ? new ArtifactError(why, error) : error;
    }
    return done;
  }

  /** The objects of a release as they would be applied. */
  private async parts(cluster: Cluster, release: Release, slot: Slot, place: Place = slot): Promise<SlotParts> {
    const { base: { name }, settings: { service: serviceName } } = this;
    const { own, service, shared } = partsOf(await releaseObjects(this.context, cluster, release), { name, service: serviceName }, slot);
    const ofBase = (object: KubernetesObject) => marked(object, release, name);
    const there = withSelector(service, { ...service.spec?.selector as Record<string, string>, [MARK.name]: nameOf(name, place) });
    return { own: own.map((object) => marked(object, release, nameOf(name, slot))), shared: shared.map(ofBase), service: ofBase(there) };
  }

  private withCluster<T>(patienceMs: number, work: (cluster: Cluster) => Promise<T>, signingIn?: SigningIn): Promise<T> {
    return withCluster(this.context, this.base, this.context.clock.now() + patienceMs, work, signingIn);
  }
}

/** The strategy names it; a manifest that was changed by hand may lack it. */
function slotOf({ slot }: DriverRequest): Slot {
  if (slot === 'blue' || slot === 'green') return slot;
  throw new EngineError('rejected', 'the strategy has no slots, and Target.kubernetes slots has two of them');
}
