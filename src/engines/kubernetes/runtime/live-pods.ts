import { createHash } from 'node:crypto';
import { imagesOf, MARK, ObjectMetadata, PodTemplate, shownKey } from './kubernetes-object';
import { LiveRelease } from '../../../runtime/targets/target-driver';
import { isReady, Pod } from '../../cluster/runtime/pod-state';

/** A controller whose pods serve. */
export interface ServingWorkload {
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly spec?: { readonly template?: PodTemplate };
}

/** Reads the release that users reach from the marks of the pods that are ready. */
export function liveOf(pods: readonly Pod[], workloads: readonly ServingWorkload[]): LiveRelease {
  const changed = workloads.filter(({ spec }) => spec?.template && isChanged(spec.template));
  if (changed.length > 0) {
    const names = changed.map(({ kind, metadata: { name = '' } }) => shownKey({ kind, name }));
    const images = changed.map(({ spec }) => imagesOf(spec?.template?.spec ?? {}));
    return { kind: 'foreign', engineId: digest([...names, ...images].join('\n')), shown: `${names.join(', ')} with other images than the release` };
  }
  const releases = new Map<string, { readonly pod: Pod; count: number }>();
  for (const pod of pods.filter(isReady).filter(({ metadata }) => metadata.annotations?.[MARK.images] !== undefined)) {
    const id = [pod.metadata.labels?.[MARK.sha], pod.metadata.annotations?.[MARK.digest]].join(' ');
    const found = releases.get(id);
    if (found) found.count += 1;
    else releases.set(id, { pod, count: 1 });
  }
  const [first, ...others] = releases.values();
  if (!first) return { kind: 'unknown', why: 'no pod of a release is ready' };
  if (others.length > 0) return { kind: 'split', shares: [first, ...others].map(({ count, pod }) => `${versionOf(pod)} (${count} pod${count === 1 ? '' : 's'})`).join(', ') };
  const { annotations = {}, labels = {} } = first.pod.metadata;
  const release = { version: versionOf(first.pod), sha: labels[MARK.sha] ?? '', ...(annotations[MARK.digest] !== undefined && { digest: annotations[MARK.digest] }) };
  return { kind: 'release', release, engineId: digest(`${release.sha} ${release.digest ?? ''}`), shown: `${first.count} pod${first.count === 1 ? '' : 's'}` };
}

function versionOf({ metadata: { annotations, labels } }: Pod): string {
  return annotations?.[MARK.version] ?? labels?.[MARK.sha]?.slice(0, 7) ?? 'unknown';
}

/** Someone set another image, and the marks stayed. */
function isChanged({ metadata, spec }: PodTemplate): boolean {
  const marked = metadata?.annotations?.[MARK.images];
  return marked !== undefined && marked !== imagesOf(spec ?? {});
}

/** The same text as long as the same is live. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Pods of a namespace in which no delivery has deployed yet. */
export function foreignPods(pods: readonly Pod[]): LiveRelease {
  const ready = pods.filter(isReady);
  if (ready.length === 0) return { kind: 'unknown', why: 'no pod is ready' };
  const images = [...new Set(ready.flatMap(({ spec }) => (spec?.containers ?? []).map(({ image = '' }) => image)))].sort();
  return { kind: 'foreign', engineId: digest(images.join('\n')), shown: `pods with ${images.slice(0, 3).join(', ')}${images.length > 3 ? ` and ${images.length - 3} more images` : ''}` };
}
