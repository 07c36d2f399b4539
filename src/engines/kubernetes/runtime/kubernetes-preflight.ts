import { AccessRequest, ApiResource, Cluster } from './cluster';
import { during } from './inventory';
import { argumentOf, KubernetesObject, keyOf, MARK, ObjectKey, SERVING_KINDS, shownKey } from './kubernetes-object';
import { slotsLeft } from './slots-leaving';
import { weakPoints, withoutReturn } from './weak-points';
import { ArtifactError } from '../../../runtime/errors';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';
import { Intent } from '../../../runtime/targets/target-driver';
import { LEAST_KUBECTL } from '../../cluster/runtime/kubernetes-fixes';
import { KubernetesDriverManifest } from '../manifest';

export interface KubernetesPreflight {
  readonly check: PreflightCheck;
  readonly cluster: Cluster;
  readonly environment: string;
  readonly intent: Intent;
  readonly settings: KubernetesDriverManifest;
  /** The names of its objects, each with an inventory of its own, if it has slots. @default - only that of the settings */
  readonly names?: readonly string[];
  /** Whether slots that are there from before are deleted. @default false */
  readonly leavesSlots?: boolean;
  /** The objects of a release as they would be applied. */
  readonly objectsOf: (release: Release) => Promise<readonly KubernetesObject[]>;
  /** Compares the objects of the release with those that are live. Rejects with `ConfigurationError`. @default - nothing more to check */
  readonly compare?: (wanted: readonly KubernetesObject[], live: readonly KubernetesObject[]) => Promise<void>;
  readonly warn: (title: string, text: string) => void;
}

/** What the nodes know of a Service, for slots. */
const ENDPOINTS: readonly AccessRequest[] = [{ verb: 'list', group: 'discovery.k8s.io', resource: 'endpointslices' }];

/** Checks everything that a release and its rollback need, before anything is changed. Rejects with `ConfigurationError`. */
export async function preflightKubernetes(given: KubernetesPreflight): Promise<void> {
  const { check, cluster, intent, settings, warn } = given;
  checkCli(check, await check.fixed(cluster.cliVersion()));
  const resources = await check.fixed(reached(check, settings, cluster.resources()));
  const wanted = await check.fixed(filesOf(check, given.objectsOf(intent.release)));
  const stable = intent.kind === 'deploy' && intent.stable ? await stableOf(check, given, intent.stable) : [];
  checkScope(check, [...wanted, ...stable], resources);
  await checkAccess(check, given, [...wanted, ...stable], resources);
  const applied = await check.fixed(dryRun(check, settings, cluster.dryRun(wanted)));
  if (intent.kind === 'deploy') {
    checkPaused(check, settings, applied);
    const live = await check.fixed(cluster.existing(wanted.map(keyOf)));
    checkOwners(check, given, live);
    await given.compare?.(wanted, live);
  }
  if (stable.length > 0) await check.restorable(intent, () => problemOf(cluster.dryRun(stable), intent.stable!));
  for (const { title, text } of intent.kind === 'deploy' ? [...weakPoints(wanted), ...withoutReturn(wanted, stable)] : []) warn(title, text);
}

function checkCli(check: PreflightCheck, version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = LEAST_KUBECTL;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  check.refuse(`kubectl ${version} is too old`, `Install kubectl ${LEAST_KUBECTL.join('.')} or later in setupSteps`);
}

/** The first call of the cluster: a context that the kubeconfig does not have is named, and an exec plugin that gives no credentials. */
async function reached<T>(check: PreflightCheck, { context }: KubernetesDriverManifest, response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'notFound' && /context/.test(error.message) && context !== undefined) {
      check.refuse(`context: the kubeconfig has no context ${context}`, 'Correct context, or leave it out: then the current context counts');
    }
    if (error instanceof EngineError && error.kind === 'signedOut' && /\bexec: /.test(error.message)) {
      check.refuse(error.message, 'Install the exec plugin that the kubeconfig names in setupSteps, and sign in for it there, or with secrets of the environment');
    }
    throw error;
  }
}

/** Files that cannot be a release, and an inventory that is none, are errors of the configuration. */
export async function filesOf<T>(check: PreflightCheck, files: Promise<T>): Promise<T> {
  try {
    return await files;
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'rejected') throw error;
    const [problem = '', ...fix] = error.message.replace(/^Target\.kubernetes /, '').split('. ');
    return check.refuse(problem, fix.join('. ') || 'Correct it');
  }
}

/** The objects of Stable; its files are on this machine. */
async function stableOf(
  check: PreflightCheck, { environment, objectsOf }: KubernetesPreflight, stable: Release,
): Promise<readonly KubernetesObject[]> {
  try {
    return await objectsOf(stable);
  } catch (error) {
    if (!(error instanceof ArtifactError) && !(error instanceof EngineError && error.kind === 'rejected')) throw error;
    return check.refuse(`manifests: those of the Stable release ${stable.version} cannot be read (${error.message}), so a bad release could not be rolled back`,
      `Record what is live as Stable: adopt ${environment} --release VERSION`);
  }
}

/** Only objects of the namespace: others belong to no release, and would need permissions for the whole cluster. */
function checkScope(check: PreflightCheck, objects: readonly KubernetesObject[], resources: readonly ApiResource[]): void {
  for (const object of objects) {
    const found = resourceOf(object, resources);
    if (!found) check.refuse(`manifests: the cluster does not know ${shownKey(keyOf(object))} (${object.apiVersion})`, 'Install its CustomResourceDefinition before, or correct apiVersion and kind');
    if (!found.isNamespaced) {
      check.refuse(`manifests: ${shownKey(keyOf(object))} is not in a namespace, so all releases of the cluster share it`, 'Create it once by other means, and leave it out of the manifests');
    }
  }
}

function resourceOf({ apiVersion, kind }: Pick<ObjectKey, 'apiVersion' | 'kind'>, resources: readonly ApiResource[]): ApiResource | undefined {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return resources.find((one) => one.kind === kind && one.group === group);
}

/** Every verb that a release or its rollback uses. */
async function checkAccess(
  check: PreflightCheck, given: KubernetesPreflight, objects: readonly KubernetesObject[], resources: readonly ApiResource[],
): Promise<void> {
  const { cluster, leavesSlots = false, names, settings } = given;
  const inventory = await check.fixed(filesOf(check, cluster.inventory()));
  const slots = leavesSlots || names ? await check.fixed(filesOf(check, slotsLeft(cluster, settings.name))) : [];
  if (leavesSlots && slots.length > 0 && !settings.prunes) {
    check.refuse(`prune: the namespace ${settings.namespace} has the slots of Strategy.blueGreen(), whose pods the Service would select, too`, 'Remove prune: false for a release, so that they are deleted');
  }
  const known = [...inventory?.objects ?? [], ...slots.flatMap((one) => one.objects)];
  const requests = [...accessOf(during(known, objects.map(keyOf)), resources, settings), ...names || slots.length > 0 ? ENDPOINTS : []];
  const denied = await check.fixed(cluster.denied(requests));
  if (denied.length === 0) return;
  const shown = denied.map(({ group, resource, verb }) => `${verb} ${resource}${group === '' ? '' : `.${group}`}`);
  check.refuse(`namespace: the credentials may not ${shown.slice(0, 8).join(', ')} in the namespace ${settings.namespace}${shown.length > 8 ? `, and ${shown.length - 8} more` : ''}`,
    'Add the Role of docs/targets/kubernetes.md, with the kinds of your manifests');
}

/** What the driver calls, for these objects. */
export function accessOf(keys: readonly ObjectKey[], resources: readonly ApiResource[], { prunes, rollout }: Pick<KubernetesDriverManifest, 'prunes' | 'rollout'>): AccessRequest[] {
  const all: AccessRequest[] = [
    ...['get', 'create', 'update'].map((verb) => ({ verb, group: '', resource: 'configmaps' })),
    { verb: 'list', group: '', resource: 'pods' },
    // it does not replace a pod of the bad release that never becomes ready
    ...keys.some(({ kind }) => kind === 'StatefulSet') ? [{ verb: 'delete', group: '', resource: 'pods' }] : [],
    ...SERVING_KINDS.map((kind) => ({ verb: 'list', group: 'apps', resource: `${kind.toLowerCase()}s` })),
    ...rollout === undefined ? [] : [{ verb: 'list', group: 'argoproj.io', resource: 'rollouts' }],
    ...keys.some(({ kind }) => kind === 'Job') ? [{ verb: 'list', group: 'batch', resource: 'jobs' }] : [],
    ...keys.flatMap((key) => {
      const found = resourceOf(key, resources);
      return found ? ['get', 'create', 'patch', ...prunes ? ['delete'] : []].map((verb) => ({ verb, group: found.group, resource: found.resource })) : [];
    }),
  ];
  const name = ({ group, resource, verb }: AccessRequest) => `${verb} ${resource}.${group}`;
  return all.filter((request, i) => all.findIndex((other) => name(other) === name(request)) === i);
}

async function dryRun<T>(check: PreflightCheck, { namespace }: KubernetesDriverManifest, response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.kind === 'notFound' && /namespaces? /.test(error.message)) check.refuse(`namespace: the cluster has no namespace ${namespace}`, 'Create it, or correct namespace');
    if (error.kind !== 'rejected' && error.kind !== 'notFound') throw error;
    const fix = /field is immutable/.test(error.message) ? 'A field that cannot change needs an object with another name: put the release into the name of a Job'
      : 'Correct the manifests';
    return check.refuse(`manifests: the cluster rejects them: ${error.message}`, fix);
  }
}

/** A Deployment that someone paused takes no release, and no rollback either. */
function checkPaused(check: PreflightCheck, { namespace }: KubernetesDriverManifest, objects: readonly KubernetesObject[]): void {
  const paused = objects.find(({ kind, spec }) => kind === 'Deployment' && spec?.paused === true);
  if (!paused) return;
  check.refuse(`manifests: ${shownKey(keyOf(paused))} is paused (spec.paused), so it would not roll out`,
    `Resume it: kubectl --namespace ${namespace} rollout resume deployment/${paused.metadata.name}`);
}

/** Two deliveries with the same object would each replace the other's release, and the ledger of neither would know. */
function checkOwners(
  check: PreflightCheck, { names, settings: { name, namespace } }: KubernetesPreflight, live: readonly KubernetesObject[],
): void {
  const ownerOf = ({ metadata }: KubernetesObject) => metadata.labels?.[MARK.name] ?? name;
  const taken = live.find((object) => !(names ?? [name]).includes(ownerOf(object)));
  if (!taken) return;
  const owner = ownerOf(taken);
  const take = `kubectl --namespace ${namespace} label ${argumentOf(keyOf(taken))} ${MARK.name}=${name} --overwrite`;
  check.refuse(`manifests: ${shownKey(keyOf(taken))} belongs to the delivery ${owner} of the namespace ${namespace}`,
    `Give each environment a namespace of its own. If this delivery was called ${owner} before, set name: '${owner}'. If the object moved here: ${take}`);
}

/** Why Stable could not be applied again; undefined if it could. */
async function problemOf(response: Promise<unknown>, { version }: Release): Promise<string | undefined> {
  try {
    await response;
    return undefined;
  } catch (error) {
    if (error instanceof EngineError && (error.kind === 'rejected' || error.kind === 'notFound')) return `manifests: the cluster rejects those of ${version}: ${error.message}`;
    throw error;
  }
}
