import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inventory, InventoryObject, inventoryName, readInventory, writtenInventory } from './inventory';
import { argumentOf, KubernetesObject, MARK, ObjectKey, objectsIn, SERVING_KINDS } from './kubernetes-object';
import { ServingWorkload } from './live-pods';
import { EndpointSlice } from './service-place';
import { WAITED_KINDS, Workload } from './workload-state';
import { EngineError } from '../../../runtime/targets/engine-error';
import { Kubectl, KubectlCall } from '../../cluster/runtime/kubectl';
import { Pod } from '../../cluster/runtime/pod-state';
import { KubernetesDriverManifest } from '../manifest';

/** Who owns the fields of our objects, in the words of server-side apply. */
export const FIELD_MANAGER = 'projen-delivery';

/** As kubectl prints several objects. */
interface List<T> {
  readonly kind: string;
  readonly items?: readonly T[];
}

/** A kind of the API, and what requests call it. */
export interface ApiResource {
  readonly kind: string;
  readonly group: string;
  readonly resource: string;
  readonly isNamespaced: boolean;
}

export interface AccessRequest {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
}

interface AccessReview {
  readonly spec: { readonly resourceAttributes: AccessRequest };
  readonly status?: { readonly allowed?: boolean };
}

interface ClusterEvent {
  readonly involvedObject?: { readonly name?: string };
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** What the pods of some kinds are called in the API. */
const RESOURCES: Readonly<Record<string, string>> = {
  Deployment: 'deployments.apps', StatefulSet: 'statefulsets.apps', DaemonSet: 'daemonsets.apps', Job: 'jobs.batch', Rollout: 'rollouts.argoproj.io',
};

/** What the driver calls of the cluster, one method per call. */
export class Cluster {
  /** @param own `folder`: where it writes what kubectl reads; only this process can read it. `giveUpAt`: milliseconds since the epoch */
  constructor(
    private readonly kubectl: Kubectl,
    private readonly settings: KubernetesDriverManifest,
    private readonly own: { readonly folder: string; readonly giveUpAt: number },
  ) {}

  /** The same namespace, with the objects and the inventory of another name. */
  public of(name: string): Cluster {
    return new Cluster(this.kubectl, { ...this.settings, name }, this.own);
  }

  /** The version of kubectl, for example `1.34.1`. */
  public async cliVersion(): Promise<string> {
    const { clientVersion } = this.parsed<{ clientVersion?: { gitVersion?: string } }>('version', await this.read(['version', '--client', '-o', 'json'], { isLocal: true }));
    return clientVersion?.gitVersion?.replace(/^v/, '') ?? '0';
  }

  /** The objects of the manifests in a folder, in the order in which they are applied. kubectl reads YAML; no cluster is called. */
  public async objectsOf(folder: string, version: string): Promise<KubernetesObject[]> {
    const { manifests } = this.settings;
    const path = join(folder, manifests);
    const argv = ['annotate', '--local', '-R', '-f', path, '--overwrite', `${MARK.version}=${version}`, '-o', 'json'];
    try {
      return objectsIn(await this.read(argv, { isLocal: true }), this.settings);
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind !== 'rejected' || error.message.startsWith('Target.')) throw error;
      throw new EngineError('rejected', `Target.kubernetes manifests: ${error.message.replaceAll(`${folder}/`, '')}. Correct ${manifests}`);
    }
  }

  /** What requests call each kind. A part of the API that does not respond is left out. */
  public async resources(): Promise<ApiResource[]> {
    const printed = await this.read(['api-resources', '--no-headers'], { accepts: /unable to retrieve the complete list of server APIs/ });
    return printed.split('\n').flatMap((line) => {
      const [resource, ...fields] = line.trim().split(/\s+/);
      const [apiVersion, isNamespaced, kind] = fields.slice(-3);
      if (resource === undefined || apiVersion === undefined || kind === undefined) return [];
      return [{ resource, kind, group: apiVersion.includes('/') ? apiVersion.split('/')[0]! : '', isNamespaced: isNamespaced === 'true' }];
    });
  }

  /** Which of these requests the credentials may not make. */
  public async denied(requests: readonly AccessRequest[]): Promise<AccessRequest[]> {
    const { namespace } = this.settings;
    const items = requests.map((request) => ({
      apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { ...request, namespace } },
    }));
    const file = await this.write('access.json', items);
    const reviews = this.documents<AccessReview>('create', await this.read(['create', '-f', file, '-o', 'json']));
    return reviews.filter(({ status }) => status?.allowed !== true).map(({ spec: { resourceAttributes: { group = '', resource, verb } } }) => ({ group, resource, verb }));
  }

  /** Undefined if there is none. */
  public async inventory(): Promise<Inventory | undefined> {
    return (await this.inventoriesOf([this.settings.name]))[0];
  }

  /** The inventories of these names, in one call. */
  public async inventoriesOf(names: readonly string[]): Promise<readonly (Inventory | undefined)[]> {
    const maps = names.map((name) => `configmap/${inventoryName(name)}`);
    const found = this.documents<InventoryObject & { readonly kind: string }>('get', await this.read(['get', ...maps, '--ignore-not-found', '-o', 'json']));
    return names.map((name) => readable(name, found.find(({ metadata }) => metadata?.name === inventoryName(name))));
  }

  /** Writes it if no one else did meanwhile; otherwise rejects with `conflict`. */
  public async writeInventory(inventory: Inventory): Promise<void> {
    const file = await this.write('inventory.json', [writtenInventory(this.settings.name, inventory)]);
    const command = inventory.resourceVersion === undefined ? 'create' : 'replace';
    await this.kubectl.write({ argv: [command, '-f', file, '-o', 'name'], giveUpAt: this.own.giveUpAt });
  }

  /** Applies the objects. If it fails, a part of them may be applied. */
  public async apply(objects: readonly KubernetesObject[]): Promise<void> {
    for (const part of parts(objects)) {
      const file = await this.write('objects.json', part);
      await this.kubectl.write({ argv: ['apply', ...APPLY, '-f', file, '-o', 'name'], giveUpAt: this.own.giveUpAt, timeoutMs: timeFor(part), isSecret: isSecret(part) });
    }
  }

  /** The objects as they would be after `apply`. Changes nothing. */
  public async dryRun(objects: readonly KubernetesObject[]): Promise<KubernetesObject[]> {
    const done: KubernetesObject[] = [];
    for (const part of parts(objects)) {
      const file = await this.write('objects.json', part);
      const printed = await this.read(['apply', ...APPLY, '--dry-run=server', '-f', file, '-o', 'json'], { timeoutMs: timeFor(part), isSecret: isSecret(part) });
      done.push(...this.documents<KubernetesObject>('apply', printed));
    }
    return done;
  }

  /** Those of the objects that exist. */
  public async existing(keys: readonly ObjectKey[]): Promise<KubernetesObject[]> {
    if (keys.length === 0) return [];
    try {
      return this.documents<KubernetesObject>('get', await this.read(['get', ...keys.map(argumentOf), '--ignore-not-found', '-o', 'json'], { isSecret: true, timeoutMs: timeFor(keys) }));
    } catch (error) {
      // a kind that is not in the cluster any more: its objects are gone
      if (!(error instanceof EngineError) || error.kind !== 'notFound') throw error;
      if (keys.length === 1) return [];
      return (await Promise.all(keys.map((key) => this.existing([key])))).flat();
    }
  }

  /** Changes a few fields of an object. Rejects with `conflict` if the patch has a resourceVersion, and someone else changed the object meanwhile. */
  public async patch(key: ObjectKey, patch: object): Promise<void> {
    const argv = ['patch', argumentOf(key), '--type', 'merge', `--field-manager=${FIELD_MANAGER}`, '-p', JSON.stringify(patch), '-o', 'name'];
    await this.kubectl.write({ argv, giveUpAt: this.own.giveUpAt });
  }

  public async delete(keys: readonly ObjectKey[]): Promise<void> {
    await this.kubectl.write({ argv: ['delete', ...keys.map(argumentOf), '--ignore-not-found', '--wait=false', '-o', 'name'], giveUpAt: this.own.giveUpAt });
  }

  /** The workloads of the environment of these kinds, and its pods. */
  public async rollout(kinds: readonly string[]): Promise<{ readonly workloads: Workload[]; readonly pods: Pod[] }> {
    const waited = WAITED_KINDS.filter((kind) => kinds.includes(kind) && (kind !== 'Rollout' || this.settings.rollout !== undefined));
    const found = await this.labelled<Workload | (Pod & { readonly kind: 'Pod' })>(waited);
    return { workloads: found.filter((one): one is Workload => one.kind !== 'Pod'), pods: found.filter((one): one is Pod & { kind: 'Pod' } => one.kind === 'Pod') };
  }

  /** Undefined if there is none. */
  public async service(name: string): Promise<KubernetesObject | undefined> {
    return (await this.existing([{ apiVersion: 'v1', kind: 'Service', name }]))[0];
  }

  /** Changes a Service if no one else did meanwhile; otherwise rejects with `conflict`. `patch` is a merge patch with the resourceVersion. */
  public async patchService(name: string, patch: object): Promise<void> {
    const argv = ['patch', `service/${name}`, '--type=merge', `--field-manager=${FIELD_MANAGER}`, '-p', JSON.stringify(patch), '-o', 'name'];
    await this.kubectl.write({ argv, giveUpAt: this.own.giveUpAt });
  }

  /** The pods that the nodes know of a Service. */
  public async endpointSlices(service: string): Promise<EndpointSlice[]> {
    return this.documents<EndpointSlice & { readonly kind: string }>('get', await this.read(['get', 'endpointslices.discovery.k8s.io', '-l', `kubernetes.io/service-name=${service}`, '-o', 'json']));
  }

  /** What serves in the environment. */
  public async serving(): Promise<{ readonly workloads: (ServingWorkload & Workload)[]; readonly pods: Pod[] }> {
    const { pods, workloads } = await this.rollout([...SERVING_KINDS, 'Rollout']);
    return { pods, workloads: workloads as (ServingWorkload & Workload)[] };
  }

  /** The pods of the namespace that no delivery labelled. */
  public async strangers(): Promise<Pod[]> {
    return this.documents<Pod>('get', await this.read(['get', 'pods', '-l', `!${MARK.name}`, '-o', 'json']));
  }

  /** What the cluster says of these pods, the newest last. Empty if the credentials may not read events. */
  public async warningsOf(pods: readonly string[]): Promise<{ readonly pod: string; readonly text: string }[]> {
    try {
      const events = this.documents<ClusterEvent>('get', await this.read(['get', 'events', '--field-selector', 'type=Warning', '-o', 'json']));
      const at = ({ eventTime, lastTimestamp }: ClusterEvent) => lastTimestamp ?? eventTime ?? '';
      return events.filter(({ involvedObject }) => pods.includes(involvedObject?.name ?? '')).sort((one, other) => (at(one) < at(other) ? -1 : 1))
        .map(({ involvedObject, message = '', reason = '' }) => ({ pod: involvedObject?.name ?? '', text: `${reason}: ${message}` }));
    } catch (error) {
      if (error instanceof EngineError) return [];
      throw error;
    }
  }

  private async labelled<T>(kinds: readonly string[]): Promise<T[]> {
    const resources = [...kinds.flatMap((kind) => RESOURCES[kind] ?? []), 'pods'];
    return this.documents<T>('get', await this.read(['get', resources.join(','), '-l', `${MARK.name}=${this.settings.name}`, '-o', 'json']));
  }

  private read(argv: readonly string[], how: Pick<KubectlCall, 'accepts' | 'isLocal' | 'isSecret' | 'timeoutMs'> = {}): Promise<string> {
    return this.kubectl.read({ argv, giveUpAt: this.own.giveUpAt, ...how });
  }

  /** What kubectl printed: a list, an object, or several one after the other. */
  private documents<T>(call: string, printed: string): T[] {
    const texts = printed.split(/(?<=^\})\n(?=\{$)/m).filter((text) => text.trim() !== '');
    return texts.flatMap((text) => {
      const value = this.parsed<List<T> & T>(call, text);
      return value.kind === 'List' ? value.items ?? [] : [value];
    });
  }

  private parsed<T>(call: string, text: string): T {
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new EngineError('rejected', `kubectl ${call} printed no JSON`);
    }
  }

  private async write(name: string, items: readonly object[]): Promise<string> {
    const file = join(this.own.folder, name);
    await writeFile(file, JSON.stringify(items.length === 1 ? items[0] : { apiVersion: 'v1', kind: 'List', items }), { mode: 0o600 });
    return file;
  }
}

/** Throws `EngineError` where someone spoilt it. */
function readable(name: string, object: InventoryObject | undefined): Inventory | undefined {
  if (!object) return undefined;
  const inventory = readInventory(object);
  if (inventory) return inventory;
  throw new EngineError('rejected', `the ConfigMap ${inventoryName(name)} is not readable as the inventory of the releases. Delete it: the next release writes it again, and prunes nothing of before`);
}

/** What we apply is ours: a rollback must not be stopped by a field that someone changed by hand. */
const APPLY = ['--server-side', `--field-manager=${FIELD_MANAGER}`, '--force-conflicts'];

/** Secrets in a call of their own: what the API server says of them is not shown. */
function parts(objects: readonly KubernetesObject[]): KubernetesObject[][] {
  const [secrets, others] = [objects.filter(({ kind }) => kind === 'Secret'), objects.filter(({ kind }) => kind !== 'Secret')];
  return [secrets, others].filter((part) => part.length > 0);
}

/** kubectl makes a request or two for each object, and admission webhooks may be slow: a call that is always stopped half-way would never succeed. */
function timeFor(objects: readonly unknown[]): number {
  return 60_000 + 3_000 * objects.length;
}

function isSecret([first]: readonly KubernetesObject[]): boolean {
  return first?.kind === 'Secret';
}
