import { Cluster } from './cluster';
import { inventoryName } from './inventory';
import { keyOf, KubernetesObject, MARK, ObjectKey, sameObject, shownKey } from './kubernetes-object';
import { ReleaseRollout } from './release-rollout';
import { isSwitched, KUBERNETES_SLOTS, nameOf, selectorOf, selects, Slot, switchPatch, unserved } from './service-place';
import { formatDuration } from '../../../contract/duration-text';
import { RuntimeContext } from '../../../runtime/context';
import { EngineError, waitFor } from '../../../runtime/targets/engine-error';
import { DriverRequest } from '../../../runtime/targets/target-driver';
import { PatientCalls } from '../../cluster/runtime/patient-calls';
import { isReady } from '../../cluster/runtime/pod-state';
import { KubernetesDriverManifest } from '../manifest';

/** What a slot has. */
export interface LeftSlot {
  readonly slot: Slot;
  readonly objects: readonly ObjectKey[];
}

const POLL_MS = 1_000;
/** If someone else writes at the same time. */
const MOST_WRITES = 3;

/** What the environment has of slots, which its options do not name any more. */
export async function slotsLeft(cluster: Cluster, name: string): Promise<LeftSlot[]> {
  const inventories = await cluster.inventoriesOf(KUBERNETES_SLOTS.map((slot) => nameOf(name, slot)));
  return KUBERNETES_SLOTS.flatMap((slot, at) => (inventories[at] ? [{ slot, objects: inventories[at].objects }] : []));
}

/**
 * Deploys a release without slots to a namespace that has slots. Users stay on their slot until the pods of the release are ready, move to them with the
 * Service's selector, and only then the slots are deleted: the selector of the manifests would fit their pods, too. Each step can be repeated.
 */
export class SlotsLeaving {
  private readonly calls: PatientCalls;

  constructor(
    private readonly context: RuntimeContext,
    private readonly cluster: Cluster,
    private readonly settings: KubernetesDriverManifest,
    private readonly request: DriverRequest,
  ) {
    this.calls = new PatientCalls(context, request.giveUpAt);
  }

  public async roll(objects: readonly KubernetesObject[], left: readonly LeftSlot[]): Promise<string> {
    const { cluster, context, request, settings } = this;
    const services = objects.filter(({ kind }) => kind === 'Service');
    const live = await this.calls.read(() => cluster.existing(services.map(keyOf)));
    const named = live.filter((service) => MARK.name in selectorOf(service));
    const isNamed = (object: KubernetesObject) => named.some((service) => sameObject(keyOf(service), keyOf(object)));
    if (named.length > 0) {
      context.log.line(`${named.map((service) => shownKey(keyOf(service))).join(', ')} stays on its slot until ${request.release.version} is ready`);
      await new ReleaseRollout(context, cluster, { ...settings, prunes: false }).roll(objects.filter((object) => !isNamed(object)), request);
      for (const service of services.filter(isNamed)) await this.move(service);
    }
    for (const { slot } of left) await this.delete(slot);
    return new ReleaseRollout(context, cluster, settings).roll(objects, request);
  }

  /** To the pods without a slot. */
  private async move(wanted: KubernetesObject): Promise<void> {
    const { cluster, settings: { name } } = this;
    const shown = wanted.metadata.name ?? '';
    for (let writes = 0; ;) {
      const service = await this.calls.read(() => cluster.service(shown));
      if (!service || isSwitched(service, wanted, name)) break;
      if (writes === MOST_WRITES) throw new EngineError('conflict', `someone else, or an admission webhook, changes Service ${shown} again and again`);
      if (writes > 0) await waitFor(this.context, POLL_MS);
      this.context.log.line(`send the users of Service ${shown} to the pods without a slot`);
      if (await this.calls.made(() => cluster.patchService(shown, switchPatch(service, wanted, name)))) writes++;
    }
    await this.until(async () => {
      const { pods } = await cluster.serving();
      return unserved(await cluster.endpointSlices(shown), pods.filter((pod) => isReady(pod) && selects(selectorOf(wanted), pod.metadata.labels)));
    });
  }

  /** With its inventory. Deleted pods get users until they are not ready. */
  private async delete(slot: Slot): Promise<void> {
    const { calls, context, request } = this;
    const name = nameOf(this.settings.name, slot);
    const cluster = this.cluster.of(name);
    await new ReleaseRollout(context, cluster, { ...this.settings, name }).roll([], request);
    await this.until(async () => {
      const { pods } = await cluster.rollout([]);
      const still = pods.filter(isReady);
      return still.length === 0 ? undefined : `${still.length} pod${still.length === 1 ? '' : 's'} of the slot ${slot} still run`;
    });
    while (!await calls.made(() => cluster.delete([{ apiVersion: 'v1', kind: 'ConfigMap', name: inventoryName(name) }])));
  }

  /** @param missing why it is not so yet */
  private async until(missing: () => Promise<string | undefined>): Promise<void> {
    const { clock, log } = this.context;
    for (;;) {
      const why = await this.calls.read(missing);
      if (why === undefined) return;
      if (clock.now() + POLL_MS >= this.request.giveUpAt) throw new EngineError('overdue', why);
      log.line(`${why}; read the state again in ${formatDuration(POLL_MS, 'exact')}`);
      await waitFor(this.context, POLL_MS);
    }
  }
}
