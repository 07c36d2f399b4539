import { shownKey, PodTemplate } from './kubernetes-object';
import { isObject } from '../../../runtime/json-value';
import { Condition, conditionOf } from '../../cluster/runtime/pod-state';

/** A Rollout of Argo Rollouts, as the API server shows it. */
export interface ArgoRollout {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly generation?: number;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly strategy?: ArgoStrategy;
    readonly template?: PodTemplate;
    readonly [field: string]: unknown;
  };
  readonly status?: ArgoStatus;
}

export interface ArgoStrategy {
  readonly canary?: ArgoCanary;
  readonly blueGreen?: ArgoBlueGreen;
}

export interface ArgoCanary {
  readonly steps?: readonly unknown[];
  readonly trafficRouting?: unknown;
  readonly [field: string]: unknown;
}

interface ArgoBlueGreen {
  readonly activeService?: string;
  readonly previewService?: string;
  readonly autoPromotionEnabled?: boolean;
  readonly [field: string]: unknown;
}

/** @see https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
interface ArgoStatus {
  /** The generation, as a text. */
  readonly observedGeneration?: string;
  readonly phase?: string;
  readonly message?: string;
  readonly abort?: boolean;
  readonly stableRS?: string;
  readonly currentPodHash?: string;
  readonly currentStepIndex?: number;
  readonly promoteFull?: boolean;
  readonly controllerPause?: boolean;
  readonly pauseConditions?: readonly { readonly reason?: string }[];
  readonly conditions?: readonly Condition[];
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly blueGreen?: { readonly activeSelector?: string };
  readonly canary?: { readonly weights?: { readonly canary?: { readonly weight?: number; readonly podTemplateHash?: string } } };
}

/** Whether the controller has seen what was changed last. */
export function isObserved({ metadata: { generation = 0 }, status }: ArgoRollout): boolean {
  return status?.observedGeneration === String(generation);
}

/** Whether the pods of its template have all users. */
export function isSettled(rollout: ArgoRollout): boolean {
  const { abort, currentPodHash, stableRS } = rollout.status ?? {};
  return isObserved(rollout) && abort !== true && stableRS !== undefined && stableRS !== '' && stableRS === currentPodHash;
}

/** Whether it stands at the weight that its steps name. */
function isHeld({ spec, status = {} }: ArgoRollout): boolean {
  const { currentStepIndex, pauseConditions = [], phase } = status;
  if (phase !== 'Paused') return false;
  const reasons = pauseConditions.map(({ reason }) => reason);
  const { blueGreen, canary } = spec?.strategy ?? {};
  if (canary) return currentStepIndex !== undefined && isPause(canary.steps?.[currentStepIndex]) && reasons.includes('CanaryPauseStep');
  return blueGreen?.autoPromotionEnabled === false && reasons.includes('BlueGreenPause');
}

function isPause(step: unknown): boolean {
  return isObject(step) && step.pause !== undefined;
}

/** As `WorkloadState`. */
export type ArgoRolloutState =
  | { readonly is: 'ready' }
  | { readonly is: 'waiting'; readonly why: string; readonly stuckFor?: string }
  | { readonly is: 'failed'; readonly why: string };

/** Says whether a Rollout has come to where its strategy holds it, and why it fails. */
export function argoRolloutState(rollout: ArgoRollout): ArgoRolloutState {
  const { metadata: { name }, spec, status = {} } = rollout;
  const shown = shownKey({ kind: 'Rollout', name });
  if (!isObserved(rollout)) return { is: 'waiting', why: `${shown}: the controller of Argo Rollouts has not seen the change yet` };
  if (status.abort) return { is: 'failed', why: `${shown} was aborted, by someone else or by Argo Rollouts: ${status.message ?? ''}` };
  const invalid = conditionOf(status.conditions, 'InvalidSpec');
  if (invalid?.status === 'True') return { is: 'failed', why: `${shown}: InvalidSpec: ${invalid.message ?? ''}` };
  if (spec?.paused) return { is: 'failed', why: `${shown} is paused (spec.paused), so it does not roll out` };
  if (status.phase === 'Degraded') return { is: 'waiting', why: `${shown}: ${status.message ?? 'Degraded'}`, stuckFor: 'Degraded' };
  if (isHeld(rollout) || (status.phase === 'Healthy' && isSettled(rollout))) return { is: 'ready' };
  return { is: 'waiting', why: `${shown}: ${status.message ?? 'its controller works'}` };
}
