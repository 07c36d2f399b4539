import { KubernetesObject, MARK, ObjectKey, sameObject, keyOf } from './kubernetes-object';
import { isObject } from '../../../runtime/json-value';
import { PlannedChange } from '../../../runtime/targets/target-driver';

export interface ManifestComparison {
  /** As they are in the cluster. */
  readonly live: readonly KubernetesObject[];
  /** As they would be, as the API server says. */
  readonly wanted: readonly KubernetesObject[];
  readonly pruned: readonly ObjectKey[];
  readonly kept: readonly ObjectKey[];
}

const SECURITY = /^(?:Role|RoleBinding|ServiceAccount|NetworkPolicy|Secret)$/;
const STATEFUL = /^(?:PersistentVolumeClaim|StatefulSet)$/;
/** What the API server writes by itself. */
const SERVERS = ['creationTimestamp', 'generation', 'managedFields', 'resourceVersion', 'selfLink', 'uid', 'namespace', 'name'];
const MARKS: readonly string[] = Object.values(MARK);
const DEEPEST = 4;

/** Compares manifests with the cluster. Only the names of fields that differ are returned, never values: some are secret. */
export function manifestChanges({ kept, live, pruned, wanted }: ManifestComparison): PlannedChange[] {
  const changes = wanted.flatMap((object): PlannedChange[] => {
    const key = keyOf(object);
    const before = live.find((one) => sameObject(keyOf(one), key));
    if (!before) return [changeOf('added', key)];
    const properties = changedFields(comparable(before), comparable(object));
    return properties.length === 0 ? [] : [changeOf('changed', key, properties)];
  });
  const all = [...changes, ...pruned.map((key) => changeOf('removed', key)), ...kept.map((key) => changeOf('orphaned', key))];
  return all.sort((one, other) => rankOf(one) - rankOf(other) || (one.what < other.what ? -1 : 1));
}

function changeOf(kind: PlannedChange['kind'], { kind: type, name }: ObjectKey, properties: readonly string[] = []): PlannedChange {
  return { kind, what: name, type, isSecurity: SECURITY.test(type), isStateful: STATEFUL.test(type), properties };
}

/** Permissions first, then what may lose data, then what goes. */
function rankOf({ isSecurity, isStateful, kind }: PlannedChange): number {
  return isSecurity ? 0 : isStateful && kind === 'removed' ? 1 : kind === 'removed' ? 2 : 3;
}

/** Without what the API server writes, and without the marks of the release, which always change. */
function comparable({ metadata, status: _, ...object }: KubernetesObject): Record<string, unknown> {
  const own = Object.fromEntries(Object.entries(metadata).filter(([name]) => !SERVERS.includes(name)));
  return withoutMarks({ ...object, metadata: own }) as Record<string, unknown>;
}

function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarks);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([name]) => !MARKS.includes(name)).map(([name, field]) => [name, withoutMarks(field)] as const);
  // labels that were only ours are as if there were none
  return Object.fromEntries(entries.filter(([name, field]) => !(['labels', 'annotations'].includes(name) && isObject(field) && Object.keys(field).length === 0)));
}

/** The paths of fields that differ, to the depth at which a person knows what they are: `spec.template`, `data.LOG_LEVEL`. */
function changedFields(before: unknown, after: unknown, path = '', depth = 0): string[] {
  if (JSON.stringify(sorted(before)) === JSON.stringify(sorted(after))) return [];
  if (depth === DEEPEST || !isObject(before) || !isObject(after)) return [path];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => changedFields(before[name], after[name], path === '' ? name : `${path}.${name}`, depth + 1));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}
