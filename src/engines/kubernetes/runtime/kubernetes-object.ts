import { createHash } from 'node:crypto';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { PodSpec } from '../../cluster/runtime/pod-state';

/** An object of a manifest. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly spec?: ObjectSpec;
  readonly [field: string]: unknown;
}

export interface ObjectMetadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface ObjectSpec {
  readonly replicas?: number;
  readonly selector?: unknown;
  readonly template?: PodTemplate;
  readonly [field: string]: unknown;
}

export interface PodTemplate {
  readonly metadata?: ObjectMetadata;
  readonly spec?: PodSpec;
}

/** What the inventory knows of an object. */
export interface ObjectKey {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** Labels and annotations of what a delivery deployed. The sha is a label, so that people can select by it. */
export const MARK = {
  name: 'projen-delivery/name',
  sha: 'projen-delivery/sha',
  version: 'projen-delivery/version',
  digest: 'projen-delivery/digest',
  images: 'projen-delivery/images',
  /** The resourceVersion at which an object was shown again to its controller. */
  shown: 'projen-delivery/shown',
} as const;

/** The controllers whose pods serve. The pods of Jobs end, and their templates cannot be changed. */
export const SERVING_KINDS: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet'];
const HOOK = 'helm.sh/hook';

/** Objects in this order, so that what others refer to is there first. Other kinds come at the end. */
const ORDER = [
  'NetworkPolicy', 'ResourceQuota', 'LimitRange', 'PodDisruptionBudget', 'ServiceAccount', 'Secret', 'ConfigMap', 'PersistentVolumeClaim', 'Role', 'RoleBinding', 'Service',
  'DaemonSet', 'StatefulSet', 'Deployment', 'Rollout', 'HorizontalPodAutoscaler', 'Job', 'CronJob', 'Ingress',
];

export function keyOf({ apiVersion, kind, metadata: { name = '' } }: KubernetesObject): ObjectKey {
  return { apiVersion, kind, name };
}

/** For people: `Deployment web`. */
export function shownKey({ kind, name }: Pick<ObjectKey, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

/** As kubectl takes it: `Deployment.v1.apps/web`. */
export function argumentOf({ apiVersion, kind, name }: ObjectKey): string {
  const [version, group = ''] = apiVersion.split('/').reverse();
  return `${kind}.${version}.${group}/${name}`;
}

/** The version of an API does not matter: the same object has several. */
export function sameObject(one: ObjectKey, other: ObjectKey): boolean {
  const group = ({ apiVersion }: ObjectKey) => (apiVersion.includes('/') ? apiVersion.split('/')[0] : '');
  return one.kind === other.kind && one.name === other.name && group(one) === group(other);
}

/** Returns the objects that kubectl printed one after the other, in the order in which they are applied. Throws `EngineError` if they cannot be a release. */
export function objectsIn(printed: string, { manifests, namespace }: { readonly manifests: string; readonly namespace: string }): KubernetesObject[] {
  const objects = jsonTexts(printed).map((text) => JSON.parse(text) as KubernetesObject);
  const problem = (what: string, fix: string) => new EngineError('rejected', `Target.kubernetes manifests: ${what}. ${fix}`);
  if (objects.length === 0) throw problem(`${manifests} has no object`, 'Write YAML or JSON files there before the release is packed');
  for (const [i, { kind, metadata }] of objects.entries()) {
    const { name, namespace: own, annotations } = metadata ?? {};
    if (!name) throw problem(`a ${kind} has no metadata.name`, 'Give it a name: an object with generateName would be another one in each release');
    if (own !== undefined && own !== namespace) {
      throw problem(`${shownKey({ kind, name })} is in the namespace ${own}, and the target's namespace is ${namespace}`, 'Leave metadata.namespace out, or use a target for each namespace');
    }
    if (annotations?.[HOOK] !== undefined) {
      throw problem(`${shownKey({ kind, name })} is a hook of Helm (${annotations[HOOK]}), which only helm upgrade runs`, 'Run it as the environment\'s beforeDeploy or afterPromote, and leave it out of the chart');
    }
    const key = keyOf(objects[i]!);
    if (objects.slice(0, i).some((other) => sameObject(keyOf(other), key))) throw problem(`there are two objects ${shownKey(key)}`, 'Remove one');
  }
  const rank = ({ kind }: KubernetesObject) => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);
  return [...objects].sort((one, other) => rank(one) - rank(other));
}

/** kubectl prints each object with its braces at the beginning of a line. */
function jsonTexts(printed: string): string[] {
  return printed.split(/(?<=^\})\n(?=\{$)/m).filter((text) => text.trim() !== '');
}

/**
 * The object as the release deploys it: what it names itself stays, and our labels and annotations say which release it is.
 *
 * @param rollout the Rollout whose pods serve, if there is one
 */
export function marked(object: KubernetesObject, release: Release, name: string, rollout?: string): KubernetesObject {
  const { kind, metadata, spec } = object;
  const own = { ...object, metadata: withMarks(metadata, release, name) };
  const serves = SERVING_KINDS.includes(kind) || (kind === 'Rollout' && rollout !== undefined && rollout === metadata.name);
  if (!serves || !spec?.template) return own;
  const { template } = spec;
  const pod = withMarks(template.metadata ?? {}, release, name, { [MARK.images]: imagesOf(template.spec ?? {}) });
  return { ...own, spec: { ...spec, template: { ...template, metadata: pod } } };
}

function withMarks(metadata: ObjectMetadata, release: Release, name: string, more: Readonly<Record<string, string>> = {}): ObjectMetadata {
  const { artifact, sha, version } = release;
  return {
    ...metadata,
    labels: { ...metadata.labels, [MARK.name]: name, [MARK.sha]: sha },
    annotations: { ...metadata.annotations, [MARK.version]: version, ...(artifact && { [MARK.digest]: artifact.digest }), ...more },
  };
}

/** A digest of the images of a pod's containers, by which a change by hand is seen. Containers that were injected do not count. */
export function imagesOf({ containers = [], initContainers = [] }: PodSpec): string {
  const names = [...containers, ...initContainers].map(({ image, name }) => `${name}=${image ?? ''}`).sort();
  return createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16);
}
