import { Cluster } from './cluster';
import { KubernetesObject } from './kubernetes-object';
import { filesOf, preflightKubernetes } from './kubernetes-preflight';
import { foreignPods } from './live-pods';
import { KUBERNETES_SLOTS, nameOf, otherThan, Place, placeOf, selectorOf, selects, Slot } from './service-place';
import { SlotParts } from './slot-objects';
import { SlotTraffic } from './slot-traffic';
import { Release } from '../../../runtime/release';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';
import { Intent } from '../../../runtime/targets/target-driver';
import { isReady } from '../../cluster/runtime/pod-state';
import { KubernetesDriverManifest } from '../manifest';
import { KubernetesSlotsDriverManifest } from '../slots-manifest';

export interface SlotsPreflight {
  /** The settings of what the slots share. */
  readonly base: KubernetesDriverManifest;
  readonly check: PreflightCheck;
  readonly cluster: Cluster;
  readonly environment: string;
  readonly intent: Intent;
  readonly settings: KubernetesSlotsDriverManifest;
  /** The objects of a release in a slot, as they would be applied. */
  readonly partsOf: (release: Release, slot: Slot) => Promise<SlotParts>;
  readonly traffic: SlotTraffic;
  readonly warn: (title: string, text: string) => void;
}

/** Checks what `preflightKubernetes` checks, for both slots, and that the slot of the release has no users. Rejects with `ConfigurationError`. */
export async function preflightSlots(given: SlotsPreflight): Promise<void> {
  const { base, check, cluster, environment, intent, partsOf, settings, traffic, warn } = given;
  const slot = intent.slot === 'blue' || intent.slot === 'green' ? intent.slot : check.refuse('slots: the strategy has no slots', 'Set strategy: Strategy.blueGreen(), or leave slots out');
  const all = ({ own, service, shared }: SlotParts): KubernetesObject[] => [...own, ...shared, service];
  await preflightKubernetes({
    check,
    cluster,
    environment,
    intent,
    settings: base,
    names: (['outside', ...KUBERNETES_SLOTS] as const).map((place) => nameOf(settings.name, place)),
    objectsOf: async (release) => all(await partsOf(release, release === intent.release ? slot : otherThan(slot))),
    warn,
  });
  if (intent.kind !== 'rollback') await checkTraffic(given, slot, await check.fixed(filesOf(check, traffic.service())));
}

/** Only a rollback may begin where users would see the release at once. */
async function checkTraffic(
  { check, cluster, environment, intent: { stable }, settings, traffic }: SlotsPreflight, slot: Slot, service: KubernetesObject | undefined,
): Promise<void> {
  if (!service) return;
  const place: Place | 'open' | undefined = placeOf(service, settings.name);
  const fix = stable ? `Restore ${stable.version}: rollback ${environment} --release ${stable.version}` : `Remove the label from its selector: kubectl --namespace ${settings.namespace} edit service ${settings.service}`;
  if (place === undefined) check.refuse(`slots: ${traffic.describe(service)}, which is another delivery`, fix);
  if (place === slot) check.refuse(`slots: ${traffic.describe(service)}, where this deployment would go`, fix);
  if (place !== 'open') return;
  const selector = selectorOf(service);
  for (const one of KUBERNETES_SLOTS) {
    const { pods } = await check.fixed(cluster.of(nameOf(settings.name, one)).rollout([]));
    if (!pods.some((pod) => isReady(pod) && selects(selector, pod.metadata.labels))) continue;
    check.refuse(`slots: the selector of Service ${settings.service} names no slot, so its users are on the pods of each`, stable ? fix : `Add the label of one slot: kubectl --namespace ${settings.namespace} edit service ${settings.service}`);
  }
  // the label that keeps a candidate from users cannot be added to their selector
  const strangers = (await check.fixed(cluster.strangers())).filter((pod) => selects(selector, pod.metadata.labels));
  const live = foreignPods(strangers);
  if (live.kind === 'foreign') {
    check.refuse(`slots: Service ${settings.service} leads to ${live.shown}, which no delivery deployed, and it would lead to a candidate, too`,
      'Deploy what is live once with Strategy.redeploy() and without slots');
  }
}
