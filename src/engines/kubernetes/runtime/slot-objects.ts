/** Divides the objects of a release into those of a slot and those that both slots share. Pure. */
import { keyOf, KubernetesObject, MARK, ObjectMetadata, PodTemplate, sameObject, shownKey } from './kubernetes-object';
import { inSlot, nameOf, portsOf, selectorOf, selects, Selector, Slot, withoutNodePort } from './service-place';
import { isObject } from '../../../runtime/json-value';
import { EngineError } from '../../../runtime/targets/engine-error';
import { PodSpec } from '../../cluster/runtime/pod-state';

export interface SlotParts {
  /** The Deployments behind the Service with what belongs to them, and the Service of the slot. Their names end in the slot's. */
  readonly own: readonly KubernetesObject[];
  /** Everything else, without the Service, and what of the slot's own something else refers to. */
  readonly shared: readonly KubernetesObject[];
  /** The Service that users reach, with the selector of the slot. */
  readonly service: KubernetesObject;
}

export interface SlotSettings {
  /** Of the delivery. */
  readonly name: string;
  readonly service: string;
}

/** What can refer to a ConfigMap or a Secret in a pod. */
const REFERENCES: Readonly<Record<string, string>> = {
  configMap: 'ConfigMap',
  configMapKeyRef: 'ConfigMap',
  configMapRef: 'ConfigMap',
  imagePullSecrets: 'Secret',
  nodePublishSecretRef: 'Secret',
  secret: 'Secret',
  secretKeyRef: 'Secret',
  secretRef: 'Secret',
};

/** Fields whose values name no object. */
const LABELS: readonly string[] = ['labels', 'matchLabels', 'selector'];

/** Where an autoscaler names what it scales. */
const TARGETS = ['scaleTargetRef', 'targetRef'] as const;

/** Throws `EngineError` where objects cannot be kept apart. */
export function partsOf(objects: readonly KubernetesObject[], { name, service: serviceName }: SlotSettings, slot: Slot): SlotParts {
  const service = serviceIn(objects, serviceName);
  const selector = selectorOf(service);
  const isBehind = ({ kind, spec }: KubernetesObject) => kind === 'Deployment' && spec?.template !== undefined && selects(selector, labelsOf(spec.template));
  const behind = objects.filter(isBehind);
  checkBehind(objects, service, behind);
  const referred = referredBy(behind);
  const isOwn = (object: KubernetesObject): boolean => behind.includes(object)
    || referred.some(({ kind, name: one }) => object.kind === kind && object.metadata.name === one)
    || isAbout(object, behind) || isBudgetOf(object, behind);
  const own = objects.filter((object) => object !== service && isOwn(object));
  const others = objects.filter((object) => object !== service && !own.includes(object));
  const shared = objects.filter((object) => others.includes(object) || (own.includes(object) && isNeededBy(others, object)));
  const hasOwn = (kind: string, one: string) => own.some((object) => object.kind === kind && object.metadata.name === one);
  const rename = (kind: string, one: string): string => (hasOwn(kind, one) ? inSlot(one, slot) : one);
  const place = nameOf(name, slot);
  const parts = {
    own: [serviceOfSlot(service, slot, place), ...own.map((object) => ofSlot(object, behind, { place, rename, slot }))],
    shared,
    service: withSelector(service, { ...selector, [MARK.name]: place }),
  };
  const taken = parts.own.find((object) => [...shared, service].some((other) => sameObject(keyOf(other), keyOf(object))));
  if (taken) throw problem('slots', `${shownKey(keyOf(taken))} of the manifests has the name of an object of the slot ${slot}`, 'Give it another name');
  return parts;
}

function serviceIn(objects: readonly KubernetesObject[], name: string): KubernetesObject {
  const found = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === name);
  if (!found) throw problem('slots', `the manifests have no Service ${name}`, 'Add it, or correct service');
  if (Object.keys(selectorOf(found)).length === 0) throw problem('slots', `Service ${name} has no selector`, 'Let it select the pods of a Deployment');
  if (MARK.name in selectorOf(found)) throw problem('slots', `Service ${name} selects the label ${MARK.name}, by which the target switches users`, 'Remove it from the selector');
  return found;
}

/** Only what a Deployment makes can be there twice, and only behind the one Service that is switched. */
function checkBehind(objects: readonly KubernetesObject[], service: KubernetesObject, behind: readonly KubernetesObject[]): void {
  const selector = selectorOf(service);
  const shown = shownKey(keyOf(service));
  const other = objects.find((object) => !behind.includes(object) && podsOf(object).some((labels) => selects(selector, labels)));
  if (other) throw problem('slots', `${shown} selects the pods of ${shownKey(keyOf(other))}, which cannot be there twice`, 'Let it select the pods of Deployments only, or use Strategy.redeploy()');
  if (behind.length === 0) throw problem('slots', `${shown} selects the pods of no Deployment`, 'Let its selector fit the labels of the pods of a Deployment');
  const second = objects.find((object) => object !== service && object.kind === 'Service' && behind.some(({ spec }) => selects(selectorOf(object), labelsOf(spec?.template))));
  if (second) {
    throw problem('slots', `${shownKey(keyOf(second))} selects the pods of both slots, so its users would see a candidate`,
      `Let users of it use ${service.metadata.name}, add the label ${MARK.name} of one slot to its selector, or use Strategy.redeploy()`);
  }
}

/** The labels of the pods that an object makes. */
function podsOf({ kind, metadata, spec }: KubernetesObject): Selector[] {
  if (kind === 'Pod') return [metadata.labels ?? {}];
  const job = isObject(spec?.jobTemplate) && isObject(spec.jobTemplate.spec) ? spec.jobTemplate.spec.template as PodTemplate : undefined;
  return [spec?.template, job].flatMap((template) => (template ? [labelsOf(template)] : []));
}

function labelsOf(template: PodTemplate | undefined): Selector {
  return template?.metadata?.labels ?? {};
}

/** An autoscaler, of any kind, of one of the Deployments. */
function isAbout({ spec }: KubernetesObject, behind: readonly KubernetesObject[]): boolean {
  return TARGETS.map((field) => spec?.[field]).some((target) => isObject(target) && (target.kind ?? 'Deployment') === 'Deployment'
    && behind.some(({ metadata }) => metadata.name === target.name));
}

/** A budget would count the pods of both slots. */
function isBudgetOf({ kind, spec }: KubernetesObject, behind: readonly KubernetesObject[]): boolean {
  if (kind !== 'PodDisruptionBudget') return false;
  const labels = Object.entries(matchLabelsOf(spec?.selector));
  return behind.some(({ spec: deployment }) => labels.every(([label, value]) => labelsOf(deployment?.template)[label] === value));
}

function matchLabelsOf(selector: unknown): Selector {
  return isObject(selector) && isObject(selector.matchLabels) ? selector.matchLabels as Selector : {};
}

/** The ConfigMaps and Secrets of the pods. */
function referredBy(deployments: readonly KubernetesObject[]): { readonly kind: string; readonly name: string }[] {
  const found: { kind: string; name: string }[] = [];
  for (const { spec } of deployments) {
    renamed(spec?.template?.spec, (kind, name) => {
      found.push({ kind, name });
      return name;
    });
  }
  return found;
}

/** A worker, an Ingress or a custom resource finds a ConfigMap or a Secret by the name of the manifests. */
function isNeededBy(others: readonly KubernetesObject[], { kind, metadata: { name = '' } }: KubernetesObject): boolean {
  if (kind !== 'ConfigMap' && kind !== 'Secret') return false;
  return others.some(({ metadata: { annotations }, ...object }) => isNamed({ ...object, metadata: { annotations } }, name));
}

/** Whether a value names an object in any field. Custom resources have fields of their own, and an object too many harms less than one too few. */
function isNamed(value: unknown, name: string): boolean {
  if (typeof value === 'string') return value === name || value.endsWith(`/${name}`);
  if (Array.isArray(value)) return value.some((item) => isNamed(item, name));
  return isObject(value) && Object.entries(value).some(([field, inner]) => !LABELS.includes(field) && isNamed(inner, name));
}

interface OfSlot {
  readonly place: string;
  readonly slot: Slot;
  readonly rename: Renaming;
}

/** An object by the name of the slot, about the pods of the slot. */
function ofSlot(object: KubernetesObject, behind: readonly KubernetesObject[], { place, rename, slot }: OfSlot): KubernetesObject {
  const { metadata, spec } = object;
  const own = { ...object, metadata: { ...metadata, name: inSlot(metadata.name ?? '', slot) } };
  if (!spec) return own;
  const narrowed = (selector: unknown) => ({ ...isObject(selector) && selector, matchLabels: { ...matchLabelsOf(selector), [MARK.name]: place } });
  if (behind.includes(object)) {
    const { template } = spec;
    const pods = { ...template, spec: renamed(template?.spec, rename) as PodSpec };
    return { ...own, spec: { ...spec, selector: narrowed(spec.selector), template: pods } };
  }
  if (object.kind === 'PodDisruptionBudget') return { ...own, spec: { ...spec, selector: narrowed(spec.selector) } };
  const targets = TARGETS.flatMap((field) => {
    const target = spec[field];
    return isObject(target) && typeof target.name === 'string' ? [[field, { ...target, name: inSlot(target.name, slot) }] as const] : [];
  });
  return { ...own, spec: { ...spec, ...Object.fromEntries(targets) } };
}

/** Inside the cluster only, whatever users get by the other one. */
function serviceOfSlot(service: KubernetesObject, slot: Slot, place: string): KubernetesObject {
  const { apiVersion, kind, metadata: { annotations, labels, name = '' }, spec } = service;
  const metadata: ObjectMetadata = { name: inSlot(name, slot), labels, annotations: { [MARK.version]: annotations?.[MARK.version] ?? '' } };
  const isHeadless = spec?.clusterIP === 'None';
  const ports = portsOf(service).map(withoutNodePort);
  return { apiVersion, kind, metadata, spec: { selector: { ...selectorOf(service), [MARK.name]: place }, ports, ...(isHeadless && { clusterIP: 'None' }) } };
}

export function withSelector(service: KubernetesObject, selector: Selector): KubernetesObject {
  return { ...service, spec: { ...service.spec, selector } };
}

type Renaming = (kind: string, name: string) => string;

/** The value with other names of ConfigMaps and Secrets. */
function renamed(value: unknown, rename: Renaming): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => {
    const kind = REFERENCES[field];
    const named = (one: unknown): unknown => {
      if (!isObject(one) || kind === undefined) return one;
      const names = ['name', 'secretName'].flatMap((key) => (typeof one[key] === 'string' ? [[key, rename(kind, one[key])] as const] : []));
      return { ...one, ...Object.fromEntries(names) };
    };
    const deep = renamed(inner, rename);
    return [field, Array.isArray(deep) ? deep.map(named) : named(deep)];
  }));
}

function problem(option: string, what: string, fix: string): EngineError {
  return new EngineError('rejected', `Target.kubernetes ${option}: ${what}. ${fix}`);
}
