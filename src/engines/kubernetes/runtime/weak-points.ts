import { keyOf, KubernetesObject, PodTemplate, sameObject, shownKey } from './kubernetes-object';
import { isObject } from '../../../runtime/json-value';

export interface WeakPoint {
  readonly title: string;
  readonly text: string;
}

/** What makes users see errors during a rollout, of Deployments and Rollouts behind a Service. */
export function weakPoints(objects: readonly KubernetesObject[]): WeakPoint[] {
  const served = objects.filter(({ kind, spec }) => ['Deployment', 'Rollout'].includes(kind) && spec?.template && isServed(spec.template, objects));
  const scaled = new Set(objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler').map(({ spec }) => isObject(spec?.scaleTargetRef) && spec.scaleTargetRef.name));
  return served.flatMap((object) => {
    const shown = shownKey(keyOf(object));
    const { metadata, spec } = object;
    const containers = spec?.template?.spec?.containers ?? [];
    return [
      ...containers.some(({ lifecycle }) => lifecycle?.preStop !== undefined) ? [] : [{
        title: `${shown} has no preStop hook`,
        text: 'A pod that ends at once loses requests that still come to it: 1.5 % during a rollout, as measured. Add lifecycle: { preStop: { sleep: { seconds: 4 } } } to the container. See docs/targets/kubernetes.md',
      }],
      ...containers.some(({ readinessProbe }) => readinessProbe !== undefined) ? [] : [{
        title: `${shown} has no readinessProbe`,
        text: 'Its pods get traffic as soon as they run, and a release that does not respond counts as available. Add a readinessProbe to the container',
      }],
      ...(spec?.replicas ?? 1) > 1 || scaled.has(metadata.name) ? [] : [{
        title: `${shown} has one replica`,
        text: 'A node that fails takes the service with it. Set replicas: 2 or more',
      }],
      ...spec?.replicas !== undefined && scaled.has(metadata.name) ? [{
        title: `${shown} has replicas and an autoscaler`,
        text: `Each release sets the number of pods to ${spec.replicas}, whatever the load is. How to leave replicas out is in docs/targets/kubernetes.md (Traps)`,
      }] : [],
    ];
  });
}

/** What the API server takes in one direction only. The dry run of Stable's manifests does not see it, because nothing is changed yet. */
export function withoutReturn(wanted: readonly KubernetesObject[], stable: readonly KubernetesObject[]): WeakPoint[] {
  return wanted.flatMap((object) => {
    const before = stable.find((other) => sameObject(keyOf(other), keyOf(object)));
    if (!before) return [];
    const text = 'The cluster rejects the manifests of the Stable release after that, so a bad release cannot be rolled back. Change nothing else in this release, or give the object another name';
    const [size, sizeBefore] = [object, before].map(({ kind, spec }) => (kind === 'PersistentVolumeClaim' && isObject(spec?.resources) ? JSON.stringify(spec.resources.requests) : undefined));
    return [
      ...size === sizeBefore ? [] : [{ title: `${shownKey(keyOf(object))} gets another size`, text }],
      ...object.immutable === true && before.immutable !== true ? [{ title: `${shownKey(keyOf(object))} becomes immutable`, text }] : [],
    ];
  });
}

/** Whether a Service of the same manifests selects the pods. */
function isServed({ metadata: { labels = {} } = {} }: PodTemplate, objects: readonly KubernetesObject[]): boolean {
  return objects.some(({ kind, spec }) => {
    const selector = spec?.selector;
    if (kind !== 'Service' || !isObject(selector)) return false;
    const wanted = Object.entries(selector);
    return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
  });
}
