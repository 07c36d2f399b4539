import { Cluster } from './cluster';
import { MARK } from './kubernetes-object';
import { foreignPods, liveOf } from './live-pods';
import { KUBERNETES_SLOTS, nameOf, Place, placeOf, selectorOf, selects } from './service-place';
import { LiveRelease } from '../../../runtime/targets/target-driver';
import { KubernetesSlotsDriverManifest } from '../slots-manifest';

/** Reads the release that the Service leads to. */
export async function liveInSlots(cluster: Cluster, { name, service: serviceName }: KubernetesSlotsDriverManifest): Promise<LiveRelease> {
  const service = await cluster.service(serviceName);
  if (!service) return { kind: 'unknown', why: `there is no Service ${serviceName}` };
  const selector = selectorOf(service);
  const place = placeOf(service, name);
  if (place === undefined) return { kind: 'foreign', engineId: selector[MARK.name]!, shown: `pods of ${selector[MARK.name]}` };
  // without the label of a place it may fit the pods of each
  const places: readonly Place[] = place === 'open' ? ['outside', ...KUBERNETES_SLOTS] : [place];
  const found = await Promise.all(places.map((one) => cluster.of(nameOf(name, one)).serving()));
  const pods = found.flatMap((one) => one.pods).filter(({ metadata: { labels } }) => selects(selector, labels));
  if (pods.length === 0 && place === 'open') return foreignPods((await cluster.strangers()).filter(({ metadata: { labels } }) => selects(selector, labels)));
  const workloads = found.flatMap((one) => one.workloads).filter(({ spec }) => selects(selector, spec?.template?.metadata?.labels));
  const live = liveOf(pods, workloads);
  if (live.kind !== 'release' && live.kind !== 'foreign') return live;
  return place === 'blue' || place === 'green' ? { ...live, slot: place, shown: `${live.shown ?? live.engineId} on ${place}` } : live;
}
