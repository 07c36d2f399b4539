import { ArgoCanary, ArgoRollout, ArgoStrategy, isObserved, isSettled } from './argo-rollout-state';
import { KubernetesObject, MARK } from './kubernetes-object';
import { isObject } from '../../../runtime/json-value';
import { Pod } from '../../cluster/runtime/pod-state';

export const ROLLOUT_API = 'argoproj.io/v1alpha1';
/** The label that Argo Rollouts gives pods, and Services that it moves. */
export const POD_HASH = 'rollouts-pod-template-hash';
/** Fields of a strategy by which Argo Rollouts would go on by itself: the delivery decides that. */
const OWN_WAY = {
  canary: ['analysis', 'steps'],
  blueGreen: ['autoPromotionSeconds', 'prePromotionAnalysis', 'postPromotionAnalysis'],
} as const;

export interface ManifestProblem {
  readonly problem: string;
  readonly fix: string;
}

export function isRollout({ apiVersion = ROLLOUT_API, kind }: { readonly apiVersion?: string; readonly kind: string }): boolean {
  return kind === 'Rollout' && apiVersion.startsWith('argoproj.io/');
}

/** Whether the objects have the Rollout of that name: what was deployed before has none. */
export function hasRollout(objects: readonly KubernetesObject[], name: string): boolean {
  return objects.some((object) => isRollout(object) && object.metadata.name === name);
}

/** Why the Rollout of the manifests cannot be moved by a delivery. Undefined if it can. */
export function manifestProblem(objects: readonly KubernetesObject[], name: string): ManifestProblem | undefined {
  const rollouts = objects.filter(isRollout);
  const found = rollouts.find(({ metadata }) => metadata.name === name);
  if (!found) {
    const named = rollouts.map(({ metadata }) => metadata.name).join(', ');
    return { problem: `there is no Rollout ${name} in the manifests`, fix: named === '' ? 'Write the Deployment that users reach as a Rollout (argoproj.io/v1alpha1), or leave rollout out' : `Write rollout: '${named}'` };
  }
  if (rollouts.length > 1) return { problem: `the manifests have ${rollouts.length} Rollouts, and a release moves one`, fix: `Write the others as Deployments, and keep ${name}` };
  const { spec } = found as ArgoRollout;
  const shown = `Rollout ${name}`;
  if (spec?.workloadRef !== undefined || !spec?.template) return { problem: `${shown} has no spec.template`, fix: 'Write the pods into spec.template, in place of spec.workloadRef' };
  if (spec.paused === true) return { problem: `${shown} is paused (spec.paused), so it would not roll out`, fix: 'Remove spec.paused' };
  if (spec.rollbackWindow !== undefined) return { problem: `${shown} has spec.rollbackWindow, by which an older release skips its verification`, fix: 'Remove it: a rollback needs none' };
  const { blueGreen, canary } = spec.strategy ?? {};
  const [kind, own] = canary ? ['canary', canary] as const : blueGreen ? ['blueGreen', blueGreen] as const : [];
  if (!kind || (canary && blueGreen)) return { problem: `${shown} has no spec.strategy.canary or spec.strategy.blueGreen`, fix: 'Write one of them' };
  const field = OWN_WAY[kind].find((one) => own[one] !== undefined);
  if (field !== undefined) {
    return { problem: `${shown} has spec.strategy.${kind}.${field}, so Argo Rollouts would decide, too`, fix: `Remove it: the ${kind === 'canary' ? 'steps and the analysis' : 'health checks'} of the environment's strategy take its place` };
  }
  const unknown = ['dynamicStableScale', 'pingPong'].find((one) => canary?.[one] !== undefined && canary[one] !== false);
  if (unknown !== undefined) return { problem: `${shown} has spec.strategy.canary.${unknown}, with which Stable's pods or Services are not where the delivery looks`, fix: 'Remove it' };
  if (blueGreen?.autoPromotionEnabled === true) return { problem: `${shown} promotes by itself (spec.strategy.blueGreen.autoPromotionEnabled)`, fix: 'Write false' };
  return undefined;
}

/** The strategy with which a release gets so many per cent of the users, and no more by itself. Blue/green knows 0 and 100. */
export function strategyAt(strategy: ArgoStrategy, percent: number): ArgoStrategy {
  const { blueGreen, canary } = strategy;
  if (canary) return { ...strategy, canary: { ...canary, steps: stepsAt(canary, percent) } };
  return { ...strategy, blueGreen: { ...blueGreen, autoPromotionEnabled: percent === 100 } };
}

/**
 * A pause without a duration ends when someone changes the steps, and new steps begin with their first one. Behind a traffic router, one pod runs without
 * users, so that the candidate can be verified.
 */
function stepsAt({ trafficRouting }: ArgoCanary, percent: number): object[] {
  if (percent === 100) return [{ setWeight: 100 }];
  return [...percent === 0 && trafficRouting !== undefined ? [{ setCanaryScale: { replicas: 1 } }] : [], { setWeight: percent }, { pause: {} }];
}

/** The objects with the Rollout at a weight. */
export function placedAt(objects: readonly KubernetesObject[], percent: number): KubernetesObject[] {
  return objects.map((object) => {
    if (!isRollout(object)) return object;
    const { strategy = {} } = (object as ArgoRollout).spec ?? {};
    return { ...object, spec: { ...object.spec, strategy: strategyAt(strategy, percent) } };
  });
}

/** The objects as they are applied: a pause that someone made by hand would hold a rollback, too. */
export function resumed(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.map((object) => (isRollout(object) ? { ...object, spec: { ...object.spec, paused: false } } : object));
}

/** The Services whose selector Argo Rollouts moves. */
export function movedServices(objects: readonly KubernetesObject[]): string[] {
  const named = objects.filter(isRollout).flatMap((object) => {
    const { blueGreen, canary } = (object as ArgoRollout).spec?.strategy ?? {};
    return [blueGreen?.activeService, blueGreen?.previewService, canary?.stableService, canary?.canaryService];
  });
  return objects.filter(({ kind, metadata }) => kind === 'Service' && named.includes(metadata.name)).map(({ metadata }) => metadata.name!);
}

/**
 * The objects with the selectors that Argo Rollouts gave those Services. The API server replaces a selector as a whole: without this, users would reach
 * the pods of all releases for a moment, and Argo Rollouts would promote at once.
 */
export function withSelectors(objects: readonly KubernetesObject[], live: readonly KubernetesObject[]): KubernetesObject[] {
  const moved = movedServices(objects);
  return objects.map((object) => {
    if (object.kind !== 'Service' || !moved.includes(object.metadata.name ?? '')) return object;
    const hash = selectorOf(live.find(({ kind, metadata }) => kind === 'Service' && metadata.name === object.metadata.name))[POD_HASH];
    return hash === undefined ? object : { ...object, spec: { ...object.spec, selector: { ...selectorOf(object), [POD_HASH]: hash } } };
  });
}

function selectorOf(service: KubernetesObject | undefined): Readonly<Record<string, unknown>> {
  const selector = service?.spec?.selector;
  return isObject(selector) ? selector : {};
}

/** What a move of users finds. */
export type ArgoMove =
  | { readonly step: 'done' | 'move' }
  /** Someone else has another release there, or decided about this one. */
  | { readonly step: 'elsewhere'; readonly why: string };

export interface WantedWeight {
  readonly sha: string;
  readonly percent: number;
  /** Of the rollback point. */
  readonly stableSha?: string;
}

/** Decides how the release gets its share of the users. */
export function moveStep(rollout: ArgoRollout, { percent, sha, stableSha }: WantedWeight): ArgoMove {
  const { abort, message = '' } = rollout.status ?? {};
  if (shaOf(rollout) !== sha) return { step: 'elsewhere', why: `it runs ${releaseOf(rollout)}` };
  if (abort) return { step: 'elsewhere', why: `it was aborted${message === '' ? '' : `: ${message}`}` };
  if (rollout.spec?.paused) return { step: 'elsewhere', why: 'it is paused (spec.paused)' };
  if (isSettled(rollout)) return percent === 100 || sha === stableSha ? { step: 'done' } : { step: 'elsewhere', why: 'its release has all users already' };
  if (percent < 100 && isPromoted(rollout)) return { step: 'elsewhere', why: 'its release gets all users' };
  return isAt(rollout, percent) ? { step: 'done' } : { step: 'move' };
}

/** Whether someone ended the pause in which the delivery holds it: then Argo Rollouts is on its way to all users. */
function isPromoted(rollout: ArgoRollout): boolean {
  const { spec, status = {} } = rollout;
  const { controllerPause = false, currentStepIndex = 0, pauseConditions = [], promoteFull = false } = status;
  const { steps } = spec?.strategy?.canary ?? {};
  // until the steps are seen, the index is that of the steps before
  const isPast = steps !== undefined && isObserved(rollout) && currentStepIndex >= steps.length;
  return promoteFull || (controllerPause && pauseConditions.length === 0) || isPast;
}

/** Whether its strategy says so. */
export function isAt({ spec }: ArgoRollout, percent: number): boolean {
  const { blueGreen, canary } = spec?.strategy ?? {};
  return canary ? JSON.stringify(canary.steps) === JSON.stringify(stepsAt(canary, percent)) : blueGreen?.autoPromotionEnabled === (percent === 100);
}

/** The change of the strategy alone, which ends a pause by hand. With the resourceVersion, the API server rejects it if someone else changed the Rollout meanwhile. */
export function weightPatch({ metadata: { resourceVersion }, spec }: ArgoRollout, percent: number): object {
  const { canary } = spec?.strategy ?? {};
  const strategy = canary ? { canary: { steps: stepsAt(canary, percent) } } : { blueGreen: { autoPromotionEnabled: percent === 100 } };
  return { metadata: { resourceVersion }, spec: { paused: false, strategy } };
}

/** Of the release whose pods it names. */
export function shaOf({ spec }: ArgoRollout): string | undefined {
  return spec?.template?.metadata?.labels?.[MARK.sha];
}

export function releaseOf(rollout: ArgoRollout): string {
  return rollout.spec?.template?.metadata?.annotations?.[MARK.version] ?? shaOf(rollout)?.slice(0, 7) ?? 'what no delivery deployed';
}

/** For people: `1 of 4 pods`. */
export function podsOf({ status: { replicas = 0, updatedReplicas = 0 } = {} }: ArgoRollout): string {
  return `${updatedReplicas} of ${replicas} pod${replicas === 1 ? '' : 's'}`;
}

/** The pods that users reach: a preview, and pods that a traffic router has left, do not count. */
export function reachedPods(pods: readonly Pod[], rollouts: readonly ArgoRollout[]): Pod[] {
  const hidden = new Set(rollouts.flatMap((rollout) => {
    const reached = reachedHashes(rollout);
    return reached === undefined ? [] : pods.filter((pod) => isOf(pod, rollout) && !reached.includes(hashOf(pod) ?? ''));
  }));
  return pods.filter((pod) => !hidden.has(pod));
}

/** Undefined where users reach every pod that is ready. */
function reachedHashes({ spec, status = {} }: ArgoRollout): readonly string[] | undefined {
  const { blueGreen, canary: now, currentPodHash = '', stableRS = '' } = status;
  const { blueGreen: isBlueGreen, canary } = spec?.strategy ?? {};
  if (isBlueGreen) return [blueGreen?.activeSelector ?? ''];
  if (!canary?.trafficRouting || stableRS === '') return undefined;
  return (now?.weights?.canary?.weight ?? 0) > 0 ? [stableRS, currentPodHash] : [stableRS];
}

const hashOf = ({ metadata: { labels } }: Pod) => labels?.[POD_HASH];

/** Argo Rollouts names a ReplicaSet by the Rollout and the hash of its template. */
function isOf(pod: Pod, { metadata: { name } }: ArgoRollout): boolean {
  return (pod.metadata.ownerReferences ?? []).some((owner) => owner.name === `${name}-${hashOf(pod)}`);
}
