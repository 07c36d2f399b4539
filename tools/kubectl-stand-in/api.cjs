// As much of the API of Kubernetes as the driver uses, for kubectl.cjs: objects with a resourceVersion, and Deployments that take some looks until they
// are rolled out. Time passes with each look.
'use strict';
const argo = require('./argo-rollouts.cjs');

/** What requests call each kind. */
const KINDS = {
  ConfigMap: ['configmaps', 'v1'],
  CronJob: ['cronjobs', 'batch/v1'],
  DaemonSet: ['daemonsets', 'apps/v1'],
  Deployment: ['deployments', 'apps/v1'],
  EndpointSlice: ['endpointslices', 'discovery.k8s.io/v1'],
  HorizontalPodAutoscaler: ['horizontalpodautoscalers', 'autoscaling/v2'],
  Ingress: ['ingresses', 'networking.k8s.io/v1'],
  Job: ['jobs', 'batch/v1'],
  Namespace: ['namespaces', 'v1', false],
  PersistentVolumeClaim: ['persistentvolumeclaims', 'v1'],
  Pod: ['pods', 'v1'],
  PodDisruptionBudget: ['poddisruptionbudgets', 'policy/v1'],
  Rollout: ['rollouts', 'argoproj.io/v1alpha1'],
  Secret: ['secrets', 'v1'],
  Service: ['services', 'v1'],
  ServiceAccount: ['serviceaccounts', 'v1'],
  StatefulSet: ['statefulsets', 'apps/v1'],
};
const groupOf = (apiVersion) => (apiVersion.includes('/') ? apiVersion.split('/')[0] : '');
const isKnown = ({ apiVersion, kind }) => KINDS[kind] !== undefined && groupOf(KINDS[kind][1]) === groupOf(apiVersion);
const resourceOf = (kind) => [KINDS[kind][0], groupOf(KINDS[kind][1])].filter((part) => part !== '').join('.');
const nameOf = ({ kind, metadata: { name } }) => `${kind}/${name}`;
const NAME = 'projen-delivery/name';
const VERSION = 'projen-delivery/version';
const SHA = 'projen-delivery/sha';

/** What is got, for the list of calls. */
const shownOf = (args) => (/^(?:configmap|[a-z0-9.,]+)$/.test(args[0].split('/')[0]) && !args[0].includes('.v1') ? args[0].split(/[/,.]/)[0] : 'objects');

/** @returns `items` that are printed, or `text`; `changed`: the state afterwards; `error` */
function execute(given) {
  const { command } = given;
  if (command === 'api-resources') return { text: Object.entries(KINDS).map(([kind, [resource, version, isNamespaced = true]]) => `${resource}   ${version}   ${isNamespaced}   ${kind}\n`).join('') };
  if (command === 'get') return get(given);
  if (command === 'delete') return remove(given);
  if (command === 'apply') return apply(given);
  if (command === 'patch') return patch(given);
  if (given.items.every(({ kind }) => kind === 'SelfSubjectAccessReview')) return { text: given.items.map((item) => `${JSON.stringify(reviewed(given.state, item), null, 4)}\n`).join('') };
  return put(given);
}

/** A Role of the state allows what its rules say; without one everything is allowed. */
function isAllowed({ rules }, verb, resource, group) {
  return rules === undefined || rules.some(({ apiGroups, resources, verbs }) => apiGroups.includes(group) && resources.includes(resource) && verbs.includes(verb));
}

function reviewed(state, item) {
  const { group = '', resource, verb } = item.spec.resourceAttributes;
  return { ...item, status: { allowed: isAllowed(state, verb, resource, group) } };
}

/** Notes a request, and returns the error if it is not allowed. */
function request({ note, state }, verb, kind) {
  const [resource, version] = KINDS[kind];
  note(`${verb} ${resourceOf(kind)}`);
  if (isAllowed(state, verb, resource, groupOf(version))) return undefined;
  return `Error from server (Forbidden): ${resourceOf(kind)} is forbidden: User "deploy" cannot ${verb} resource "${resource}" in API group "${groupOf(version)}" in the namespace "${state.namespace}"`;
}

const inNamespace = ({ options, state }) => (options['--namespace'] === state.namespace ? undefined : `Error from server (NotFound): namespaces "${options['--namespace']}" not found`);

function apply(given) {
  const { options, items } = given;
  let { state } = given;
  const done = [];
  for (const item of items) {
    if (!isKnown(item)) return { error: `error: resource mapping not found for name: "${item.metadata.name}" namespace: "" from "x": no matches for kind "${item.kind}" in version "${item.apiVersion}"\nensure CRDs are installed first`, changed: options['--dry-run'] ? undefined : state };
    const before = state.objects[nameOf(item)];
    const problem = inNamespace(given) ?? request(given, 'patch', item.kind) ?? (before ? undefined : request(given, 'create', item.kind)) ?? invalid(item, before);
    if (problem) return { error: problem, changed: options['--dry-run'] ? undefined : state };
    const object = merged(state, item, before);
    done.push(object);
    state = withObject(state, object);
  }
  const text = options['-o'] === 'json' ? undefined : items.map((item) => `${item.kind.toLowerCase()}/${item.metadata.name}\n`).join('');
  return { ...(text === undefined ? { items: list(done.map((one) => shown(state, one))) } : { text }), ...(!options['--dry-run'] && { changed: state }) };
}

/** What the API server rejects. */
function invalid(item, before) {
  if (item.kind === 'Secret' && item.data?.invalid) return `The Secret "${item.metadata.name}" is invalid: data[invalid]: Invalid value: "${item.data.invalid}"`;
  if (item.kind === 'Deployment' && !(item.spec?.template?.spec?.containers?.length > 0)) return `The Deployment "${item.metadata.name}" is invalid: spec.template.spec.containers: Required value`;
  if (item.kind === 'Job' && before && JSON.stringify(before.spec) !== JSON.stringify(item.spec)) return `The Job "${item.metadata.name}" is invalid: spec.template: Invalid value: {}: field is immutable`;
  return undefined;
}

/** What the API server stores: a port of a Service gets its defaults, and what an admission webhook adds. */
function stored(state, item) {
  if (item.kind !== 'Service' || !Array.isArray(item.spec?.ports)) return item;
  return { ...item, spec: { ...item.spec, ports: item.spec.ports.map((port) => ({ ...port, protocol: port.protocol ?? 'TCP', targetPort: port.targetPort ?? port.port, ...state.portsGet })) } };
}

function merged(state, given, before) {
  const item = stored(state, given);
  const isChanged = JSON.stringify(before?.spec) !== JSON.stringify(item.spec);
  const metadata = { ...item.metadata, namespace: state.namespace, uid: before?.metadata.uid ?? `uid-${state.next}`, resourceVersion: String(state.next), generation: (before?.metadata.generation ?? 0) + (isChanged ? 1 : 0) };
  if (item.kind === 'Rollout') return argo.written({ ...item, metadata }, before);
  if (item.kind !== 'Deployment') return { ...item, metadata, ...(before?.status && { status: before.status }) };
  // what runs stays until the new pods are available
  const running = state.isQuick ? item.spec.template : before?.running;
  const isSame = running && JSON.stringify(running) === JSON.stringify(item.spec.template);
  // a field that the manifests do not name stays
  const spec = { ...(before?.spec.paused !== undefined && { paused: before.spec.paused }), ...item.spec };
  return { ...item, spec, metadata, running, looks: isSame ? 3 : 0 };
}

const withObject = (state, object) => ({ ...state, next: state.next + 1, objects: { ...state.objects, [nameOf(object)]: object } });

/** A merge patch of one object. If it names a resourceVersion, it is about that one only. */
function patch(given) {
  const { args: [argument], options, state } = given;
  const { kind, name } = keyOf(argument);
  const before = state.objects[`${kind}/${name}`];
  // kubectl patch reads first
  const problem = inNamespace(given) ?? request(given, 'get', kind) ?? (before ? undefined : `Error from server (NotFound): ${resourceOf(kind)} "${name}" not found`) ?? request(given, 'patch', kind);
  if (problem) return { error: problem };
  const changes = JSON.parse(options['-p']);
  const { resourceVersion = before.metadata.resourceVersion } = changes.metadata;
  if (resourceVersion !== before.metadata.resourceVersion) return { error: `Error from server (Conflict): Operation cannot be fulfilled on ${resourceOf(kind)} "${name}": the object has been modified; please apply your changes to the latest version and try again` };
  return { text: `${resourceOf(kind)}/${name}\n`, changed: withObject(state, merged(state, mergePatch(before, changes), before)) };
}

const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @see https://www.rfc-editor.org/rfc/rfc7396 */
function mergePatch(value, change) {
  if (!isMap(change)) return change;
  const done = { ...isMap(value) && value };
  for (const [name, field] of Object.entries(change)) {
    if (field === null) delete done[name];
    else done[name] = mergePatch(done[name], field);
  }
  return done;
}

/** `create` and `replace` of the inventory. */
function put(given) {
  const { command, items: [item], state } = given;
  const before = state.objects[nameOf(item)];
  const problem = inNamespace(given) ?? request(given, command === 'create' ? 'create' : 'update', item.kind);
  if (problem) return { error: problem };
  const { name, resourceVersion } = item.metadata;
  // kubectl replace reads first
  if (command === 'create' && before) return { error: `Error from server (AlreadyExists): error when creating "x": configmaps "${name}" already exists` };
  if (command === 'replace' && !before) return { error: `Error from server (NotFound): error when replacing "x": configmaps "${name}" not found` };
  if (command === 'replace' && before.metadata.resourceVersion !== resourceVersion) return { error: `Error from server (Conflict): error when replacing "x": Operation cannot be fulfilled on configmaps "${name}": the object has been modified` };
  return { text: `configmap/${name}\n`, changed: withObject(state, merged(state, item, before)) };
}

function remove(given) {
  const { args, state } = given;
  const objects = { ...state.objects };
  for (const { kind, name } of args.map(keyOf)) {
    const problem = request(given, 'delete', kind);
    if (problem) return { error: problem, changed: { ...state, objects } };
    delete objects[`${kind}/${name}`];
  }
  return { text: '', changed: { ...state, objects } };
}

/** `Deployment.v1.apps/web` and `configmap/delivery-shop`. */
function keyOf(argument) {
  const [type, name] = argument.split('/');
  const kind = { configmap: 'ConfigMap', service: 'Service' }[type] ?? type.split('.')[0];
  return { kind, name };
}

function get(given) {
  const { args, options } = given;
  const selector = options['-l'];
  if (args[0] === 'events') {
    const problem = given.state.rules && !isAllowed(given.state, 'list', 'events', '') ? 'Error from server (Forbidden): events is forbidden' : undefined;
    given.note('list events');
    return problem ? { error: problem } : { items: list(given.state.events ?? []) };
  }
  if (selector !== undefined) return labelled(given, selector);
  const found = [];
  for (const { kind, name } of args.map(keyOf)) {
    if (!KINDS[kind]) return { error: `error: the server doesn't have a resource type "${kind}"` };
    const problem = request(given, 'get', kind);
    if (problem) return { error: problem };
    const object = given.state.objects[`${kind}/${name}`];
    if (object) found.push(shown(given.state, object));
  }
  if (args.length === 1) return found.length === 0 ? { text: '' } : { items: found[0] };
  return { items: list(found) };
}

function labelled(given, selector) {
  const kinds = given.args[0].split(',').map((resource) => Object.keys(KINDS).find((kind) => resourceOf(kind) === resource));
  for (const kind of kinds) {
    const problem = request(given, 'list', kind);
    if (problem) return { error: problem };
  }
  if (kinds[0] === 'EndpointSlice') return { items: list([endpointsOf(given.state, selector.split('=')[1])]) };
  const isLook = kinds.length > 1;
  const state = isLook ? passed(given.state) : given.state;
  const [label, value] = selector.replace('!', '').split('=');
  const fits = ({ metadata: { labels = {} } }) => (selector.startsWith('!') ? labels[label] === undefined : labels[label] === value);
  const objects = Object.values(state.objects);
  const items = kinds.flatMap((kind) => (kind === 'Pod' ? objects.flatMap((one) => podsOf(state, one)) : objects.filter((one) => one.kind === kind).map((one) => shown(state, one)))).filter(fits);
  return { items: list(items), ...(isLook && { changed: state }) };
}

const list = (items) => ({ apiVersion: 'v1', kind: 'List', items });

/** The image of the only container that matters. */
const imageOf = (template) => template.spec.containers[0].image;

/** Time passes: the pods of a Deployment are new, then available, then alone. */
function passed(state) {
  const objects = Object.fromEntries(Object.entries(state.objects).map(([name, object]) => {
    if (object.kind !== 'Deployment' || object.looks >= 3 || (state.broken[imageOf(object.spec.template)] && object.looks >= 1)) return [name, object];
    const looks = object.looks + 1;
    return [name, { ...object, looks, ...(looks >= 2 && { running: object.spec.template }) }];
  }));
  return argo.reconciled({ ...state, objects });
}

function shown(state, { looks, running, ...object }) {
  if (object.kind === 'Rollout') return argo.shown(object);
  if (object.kind === 'Job') return { ...object, status: { conditions: [{ type: state.failedJobs?.includes(object.metadata.name) ? 'Failed' : 'Complete', status: 'True', reason: 'BackoffLimitExceeded' }] } };
  if (object.kind !== 'Deployment') return object;
  const { replicas = 1 } = object.spec;
  const { generation } = object.metadata;
  const old = running === undefined || looks === 3 ? 0 : 1;
  const counts = [
    { updatedReplicas: 0, availableReplicas: 0 }, { updatedReplicas: 1, availableReplicas: replicas - 1 }, { updatedReplicas: replicas, availableReplicas: replicas },
    { updatedReplicas: replicas, availableReplicas: replicas },
  ][looks];
  return { ...object, status: { observedGeneration: looks === 0 ? generation - 1 : generation, ...counts, replicas: counts.updatedReplicas + (looks < 3 ? old : 0) } };
}

function podsOf(state, object) {
  const pod = (from, suffix, status) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { ...from.metadata, name: `${object.metadata.name}-${suffix}` }, spec: from.spec, status });
  if (object.kind === 'Rollout') return argo.podsOf(state, object, pod);
  if (object.kind !== 'Deployment') return [];
  const { looks, running, spec: { template } } = object;
  const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  const isRolling = looks < 2 || JSON.stringify(running) !== JSON.stringify(template);
  const old = running ? [pod(running, 'old', ready)] : [];
  if (!isRolling || looks === 0) return old;
  const waiting = state.broken[imageOf(template)];
  const [reason, restartCount = 0] = waiting ?? [];
  const starting = { phase: 'Pending', containerStatuses: [{ name: 'web', ready: false, restartCount, ...(reason && { state: { waiting: { reason, message: `the image is ${imageOf(template)}` } } }) }] };
  return [...old, pod(template, 'new', starting)];
}

const selects = (selector, labels = {}) => selector !== undefined && Object.entries(selector).every(([label, value]) => labels[label] === value);

/** The pods that a Service leads to: those that are ready. */
function endpointsOf(state, name) {
  const selector = state.objects[`Service/${name}`]?.spec.selector;
  const pods = Object.values(state.objects).flatMap((one) => podsOf(state, one)).filter(({ metadata: { labels } }) => selects(selector, labels));
  const isReady = ({ status: { conditions } }) => conditions?.[0].status === 'True';
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name }, endpoints: pods.map((pod) => ({ conditions: { ready: isReady(pod) }, targetRef: { kind: 'Pod', name: pod.metadata.name } })) };
}

/** Each Deployment whose pods get requests from someone is a place: `only`, or the slot in its name. */
const placeOf = ({ metadata: { name } }) => /-(blue|green)$/.exec(name)?.[1] ?? 'only';
const versionOf = (deployment) => deployment?.running?.metadata?.annotations?.[VERSION] ?? 'v0';

/** What requests get: the places that the Service leads users to, and the release in each place. */
function servedBy({ objects }) {
  const deployments = Object.values(objects).filter(({ kind, metadata: { name } }) => kind === 'Deployment' && /^web(?:-blue|-green)?$/.test(name));
  const releases = Object.fromEntries(deployments.filter(({ running }) => running).map((one) => [placeOf(one), versionOf(one)]));
  const selector = objects['Service/web']?.spec.selector;
  const led = deployments.filter(({ running }) => running && (selector === undefined ? true : selects(selector, running.metadata?.labels))).map(placeOf).sort();
  return { live: led.join('+') || 'none', releases };
}

/** Another delivery begins a release in the namespace. */
function deployedByOthers(state) {
  const found = Object.values(state.objects).find(({ data, kind, metadata: { labels = {} } }) => kind === 'ConfigMap' && labels[NAME] !== undefined && data?.objects !== undefined);
  if (!found) return state;
  const { metadata } = found;
  const others = { ...metadata, labels: { ...metadata.labels, [SHA]: 'f'.repeat(40) }, annotations: { [VERSION]: 'v9.9.9' }, resourceVersion: String(state.next) };
  return withObject(state, { ...found, metadata: others });
}

module.exports = { deployedByOthers, execute, servedBy, shownOf };
