/** Reads from a Service which pods users reach, and says how its selector is changed. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { KubernetesObject, MARK } from './kubernetes-object';
import { isObject } from '../../../runtime/json-value';
import { Pod } from '../../cluster/runtime/pod-state';

export type Slot = 'blue' | 'green';

/** Where a release can be: in a slot, or where `Strategy.redeploy()` put it. */
export type Place = Slot | 'outside';

export const KUBERNETES_SLOTS: readonly Slot[] = ['blue', 'green'];

export type Selector = Readonly<Record<string, string>>;

/** The label `projen-delivery/name` of the objects and pods of a place. */
export function nameOf(name: string, place: Place): string {
  return place === 'outside' ? name : `${name}-${place}`;
}

/** What the API calls the object of a slot. */
export function inSlot(name: string, slot: Slot): string {
  return `${name}-${slot}`;
}

/** The slot without users; the first release goes to blue. */
export function otherThan(slot: Place | 'open' | undefined): Slot {
  return slot === 'blue' ? 'green' : 'blue';
}

export function selectorOf({ spec }: Pick<KubernetesObject, 'spec'>): Selector {
  return isObject(spec?.selector) ? spec.selector as Selector : {};
}

/** Without the label that names a place. */
export function withoutPlace(selector: Selector): Selector {
  return Object.fromEntries(Object.entries(selector).filter(([label]) => label !== MARK.name));
}

/** A Service without a selector selects nothing. */
export function selects(selector: Selector, labels: Readonly<Record<string, string>> = {}): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
}

/** Where the Service sends users. `open`: it names no place, so its selector fits the pods of each. Undefined where someone else named another one. */
export function placeOf(service: KubernetesObject, name: string): Place | 'open' | undefined {
  const named = selectorOf(service)[MARK.name];
  if (named === undefined) return 'open';
  return (['blue', 'green', 'outside'] as const).find((place) => nameOf(name, place) === named);
}

/**
 * The change of a Service that sends all users to a place, in one request. A merge patch: `null` removes a field. The API server rejects it if someone
 * else changed the Service meanwhile. Without the label of a release the Service says that what the slots share may not be its own yet; as long as it names
 * no place, users only stay where they are.
 *
 * @param own the Service of the slot, whose selector and ports become those of users; undefined outside of the slots
 */
export function switchPatch(service: KubernetesObject, own: KubernetesObject | undefined, to: string): object {
  const before = selectorOf(service);
  const after: Selector = { ...withoutPlace(own ? selectorOf(own) : before), [MARK.name]: to };
  const gone = Object.keys(before).filter((label) => !(label in after)).map((label) => [label, null] as const);
  const [ports, wanted] = [portsOf(service), own ? portsOf(own) : portsOf(service)];
  const isSame = isDeepStrictEqual(ports.map(withoutNodePort), wanted.map(withoutNodePort));
  return {
    metadata: { resourceVersion: service.metadata.resourceVersion, ...(before[MARK.name] !== undefined && { labels: { [MARK.sha]: null } }) },
    spec: { selector: { ...after, ...Object.fromEntries(gone) }, ...(!isSame && { ports: wanted.map((port) => withNodePortOf(port, ports)) }) },
  };
}

/** Whether all users are on a place already, as `switchPatch` would send them. */
export function isSwitched(service: KubernetesObject, own: KubernetesObject | undefined, to: string): boolean {
  const { spec } = switchPatch(service, own, to) as { readonly spec: { readonly selector: Selector; readonly ports?: unknown } };
  const before = selectorOf(service);
  return spec.ports === undefined && Object.entries(spec.selector).every(([label, value]) => before[label] === value);
}

interface ServicePort {
  readonly name?: string;
  readonly port?: number;
  readonly protocol?: string;
  readonly targetPort?: number | string;
  readonly nodePort?: number;
}

export function portsOf({ spec }: Pick<KubernetesObject, 'spec'>): readonly ServicePort[] {
  return Array.isArray(spec?.ports) ? spec.ports as readonly ServicePort[] : [];
}

/** With the defaults that the API server stores. */
export function withoutNodePort({ nodePort: _, ...port }: ServicePort): ServicePort {
  return { protocol: 'TCP', targetPort: port.port, ...port };
}

/** The port of a node that users know stays. */
function withNodePortOf(port: ServicePort, ports: readonly ServicePort[]): ServicePort {
  const known = ports.find((one) => one.port === port.port && (one.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))?.nodePort;
  return { ...withoutNodePort(port), ...(known !== undefined && { nodePort: known }) };
}

/** A part of the pods of a Service, as the API server lists them. */
export interface EndpointSlice {
  readonly endpoints?: readonly {
    readonly conditions?: { readonly ready?: boolean };
    readonly targetRef?: { readonly kind?: string; readonly name?: string };
  }[] | null;
}

/**
 * Why not all requests go to the pods of a place yet; undefined if they do.
 *
 * @param ready the pods of the place that are ready
 */
export function unserved(slices: readonly EndpointSlice[], ready: readonly Pod[]): string | undefined {
  const names = ready.map(({ metadata: { name } }) => name);
  const found = slices.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).map(({ targetRef }) => targetRef?.name ?? '');
  const others = found.filter((name) => !names.includes(name));
  if (others.length > 0) return `the Service still leads to ${others.slice(0, 3).join(', ')}`;
  const missing = names.filter((name) => !found.includes(name));
  if (names.length === 0) return 'no pod is ready';
  return missing.length === 0 ? undefined : `the Service does not lead to ${missing.slice(0, 3).join(', ')} yet`;
}
