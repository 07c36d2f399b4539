import { Cluster } from './cluster';
import { Inventory, pruningOf, sameObjects } from './inventory';
import { keyOf, KubernetesObject, MARK, ObjectKey, sameObject, shownKey } from './kubernetes-object';
import { ReleaseRollout } from './release-rollout';
import { SlotParts } from './slot-objects';
import { RuntimeContext } from '../../../runtime/context';
import { DriverRequest } from '../../../runtime/targets/target-driver';
import { PatientCalls } from '../../cluster/runtime/patient-calls';
import { KubernetesDriverManifest } from '../manifest';

/** What would begin to work, or change what Stable may do, as soon as it is there. */
const AFTER_THE_SWITCH = [
  'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'NetworkPolicy', 'ResourceQuota', 'LimitRange', 'Ingress',
];

/** The objects that both slots share. They change after the switch, so that Stable has its own until then. */
export class SharedObjects {
  private readonly calls: PatientCalls;

  constructor(
    private readonly context: RuntimeContext,
    private readonly cluster: Cluster,
    private readonly settings: KubernetesDriverManifest,
    private readonly request: DriverRequest,
  ) {
    this.calls = new PatientCalls(context, request.giveUpAt);
  }

  /** Before the pods of the release start: creates what they may need and what is not there yet, and deletes what neither the release nor Stable has. */
  public async prepare({ service, shared }: SlotParts): Promise<void> {
    const { isRestore, stable } = this.request;
    const inventory = await this.inventory();
    const wanted = [...shared, service].map(keyOf);
    const { kept, pruned } = pruningOf(inventory?.objects ?? [], wanted, this.settings);
    const found = await this.calls.read(() => this.cluster.existing([...wanted, ...pruned]));
    const isThere = (key: ObjectKey) => found.some((object) => sameObject(keyOf(object), key));
    const fresh = shared.filter((object) => !AFTER_THE_SWITCH.includes(object.kind) && !isThere(keyOf(object)));
    if (fresh.length > 0) await this.create(fresh, inventory);
    if (isRestore || !stable) return;
    const isPruned = (object: KubernetesObject) => pruned.some((key) => sameObject(keyOf(object), key));
    const left = found.filter((object) => isPruned(object) && isLeft(object, this.settings.name, stable.sha)).map(keyOf);
    // what is gone already is forgotten, too
    const gone = pruned.filter((key) => !isThere(key));
    if (left.length + gone.length === 0) return;
    for (const key of kept) this.context.log.line(`${shownKey(key)} belongs to no release any more, and is kept`);
    if (left.length > 0) {
      this.context.log.line(`delete what neither ${this.request.release.version} nor ${stable.version} has: ${left.map(shownKey).join(', ')}`);
      while (!await this.calls.made(() => this.cluster.delete(left)));
    }
    await this.write((objects) => objects.filter((key) => ![...left, ...gone].some((one) => sameObject(one, key))));
  }

  /**
   * After the switch: applies them all, and waits for what has pods. Nothing is deleted, so that going back finds it. At the end the Service has the label of
   * the release: only then all of them are its own.
   */
  public async follow({ service, shared }: SlotParts): Promise<void> {
    const { labels: { [MARK.sha]: _, ...labels } = {}, ...metadata } = service.metadata;
    const rollout = new ReleaseRollout(this.context, this.cluster, { ...this.settings, prunes: false });
    await rollout.roll([...shared, { ...service, metadata: { ...metadata, labels } }], this.request);
    while (!await this.calls.made(() => this.cluster.apply([service])));
  }

  private async create(fresh: readonly KubernetesObject[], inventory: Inventory | undefined): Promise<void> {
    const keys = fresh.map(keyOf);
    this.context.log.line(`create what both slots share: ${keys.map(shownKey).join(', ')}`);
    await this.write((objects) => [...objects, ...keys.filter((key) => !objects.some((one) => sameObject(one, key)))], inventory);
    while (!await this.calls.made(() => this.cluster.apply(fresh)));
  }

  /** The release that has the shared objects stays in it until the switch. */
  private async write(change: (objects: readonly ObjectKey[]) => readonly ObjectKey[], known?: Inventory): Promise<void> {
    for (let now = known; ; now = undefined) {
      const before = now ?? await this.inventory();
      const objects = change(before?.objects ?? []);
      if (before && sameObjects(before.objects, objects)) return;
      const { release, resourceVersion } = before ?? { release: this.request.release, resourceVersion: undefined };
      if (await this.calls.made(() => this.cluster.writeInventory({ objects, release, resourceVersion }))) return;
    }
  }

  private inventory(): Promise<Inventory | undefined> {
    return this.calls.read(() => this.cluster.inventory());
  }
}

/** Whether an earlier release made it, and Stable does not have it. */
export function isLeft({ metadata: { deletionTimestamp, labels } }: KubernetesObject, name: string, stable: string): boolean {
  return deletionTimestamp === undefined && labels?.[MARK.name] === name && labels[MARK.sha] !== stable;
}
