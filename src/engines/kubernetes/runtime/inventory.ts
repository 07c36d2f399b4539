import { MARK, ObjectKey, ObjectMetadata, sameObject } from './kubernetes-object';
import { Release } from '../../../runtime/release';

/** What the releases of an environment have in the cluster. It is written before the first object and after the last one. */
export interface Inventory {
  readonly objects: readonly ObjectKey[];
  /** The release that began last. */
  readonly release: Pick<Release, 'sha' | 'version'>;
  /** For compare-and-swap; undefined where there is none yet. */
  readonly resourceVersion?: string;
}

/** The ConfigMap that holds an inventory, as kubectl shows it. */
export interface InventoryObject {
  readonly metadata?: Pick<ObjectMetadata, 'annotations' | 'labels' | 'name'> & { readonly resourceVersion?: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** The name of the ConfigMap. */
export function inventoryName(name: string): string {
  return `delivery-${name}`;
}

/** Undefined if it is not one of ours, or was changed so that it cannot be read. */
export function readInventory({ data, metadata }: InventoryObject): Inventory | undefined {
  try {
    const objects = JSON.parse(data?.objects ?? '') as readonly ObjectKey[];
    if (!Array.isArray(objects) || !objects.every(isKey)) return undefined;
    const release = { sha: metadata?.labels?.[MARK.sha] ?? '', version: metadata?.annotations?.[MARK.version] ?? '' };
    return { objects, release, resourceVersion: metadata?.resourceVersion };
  } catch {
    return undefined;
  }
}

/** Who may write ConfigMaps of the namespace must not be able to give kubectl options: they decide where the credentials are sent. */
function isKey(key: Partial<ObjectKey> | null): boolean {
  const fits = (value: unknown, pattern: RegExp) => typeof value === 'string' && pattern.test(value);
  const [version, kind, name] = [/^(?:[a-z0-9][a-z0-9.-]*\/)?[a-z0-9]+$/, /^[A-Za-z][A-Za-z0-9]*$/, /^[^\p{Cc}/]+$/u];
  return fits(key?.apiVersion, version) && fits(key?.kind, kind) && fits(key?.name, name);
}

/** The ConfigMap to write. With a resourceVersion, the API server rejects it if someone else wrote it meanwhile. */
export function writtenInventory(name: string, { objects, release: { sha, version }, resourceVersion }: Inventory): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: inventoryName(name),
      labels: { [MARK.name]: name, [MARK.sha]: sha },
      annotations: { [MARK.version]: version },
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    data: { objects: JSON.stringify(objects) },
  };
}

/** What is in the cluster as long as a release is on its way: a process that is killed leaves nothing that the next one does not know. */
export function during(before: readonly ObjectKey[], wanted: readonly ObjectKey[]): ObjectKey[] {
  return [...wanted, ...before.filter((key) => !wanted.some((one) => sameObject(one, key)))];
}

export interface PruneRules {
  readonly prunes: boolean;
  readonly prunesVolumes: boolean;
}

export interface Pruning {
  readonly pruned: readonly ObjectKey[];
  /** They stay, and the inventory goes on to know them. */
  readonly kept: readonly ObjectKey[];
}

/** What a release no longer has. Data stays unless the options say otherwise. */
export function pruningOf(before: readonly ObjectKey[], wanted: readonly ObjectKey[], { prunes, prunesVolumes }: PruneRules): Pruning {
  const gone = before.filter((key) => !wanted.some((one) => sameObject(one, key)));
  const isPruned = ({ kind }: ObjectKey) => prunes && kind !== 'Namespace' && (prunesVolumes || kind !== 'PersistentVolumeClaim');
  return { pruned: gone.filter(isPruned), kept: gone.filter((key) => !isPruned(key)) };
}

export function sameObjects(one: readonly ObjectKey[], other: readonly ObjectKey[]): boolean {
  return one.length === other.length && one.every((key) => other.some((its) => sameObject(its, key) && its.apiVersion === key.apiVersion));
}
