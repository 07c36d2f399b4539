import { ArgoRollout, isObserved } from './argo-rollout-state';
import { MARK } from './kubernetes-object';
import { Workload, workloadState } from './workload-state';
import { faultOf, isReady, Pod, PodFault, STUCK_MS, withFaults } from '../../cluster/runtime/pod-state';

export interface RolloutSituation {
  readonly workloads: readonly Workload[];
  /** The pods of the environment, old and new. */
  readonly pods: readonly Pod[];
  /** Of the release that rolls out. */
  readonly sha: string;
  /** Since when each reason is seen, milliseconds since the epoch. */
  readonly since: ReadonlyMap<string, number>;
  readonly now: number;
  /** The restarts of containers before the rollout began: they do not count. @default - none */
  readonly before?: ReadonlyMap<string, number>;
  /** Whether it is the way back: then what may still pass is waited for as long as there is time. @default false */
  readonly isRestore?: boolean;
}

export type RolloutStep =
  | { readonly step: 'done' }
  | { readonly step: 'wait'; readonly why: string; readonly reasons: readonly string[] }
  | { readonly step: 'fail'; readonly why: string };

/** After this time, the controller of Argo Rollouts may have missed a change. */
export const UNSEEN_MS = 15_000;

/** Decides on the next step of a rollout. */
export function rolloutStep({ before, isRestore = false, now, pods, sha, since, workloads }: RolloutSituation): RolloutStep {
  const states = workloads.map(workloadState);
  const faults = faultsOf(pods, sha, before);
  const failed = states.filter((state) => state.is === 'failed');
  if (failed.length > 0) return { step: 'fail', why: withFaults(failed.map(({ why }) => why).join('; '), faults) };
  const waiting = states.filter((state) => state.is === 'waiting');
  if (waiting.length === 0) return { step: 'done' };
  const reasons = [...waiting.flatMap(({ stuckFor }) => stuckFor ?? []), ...faults.flatMap(({ isFinal, reason }) => (isFinal === 'perhaps' ? [reason] : []))];
  const why = waiting.map((state) => state.why).join('; ');
  const isStuck = !isRestore && reasons.some((reason) => now - (since.get(reason) ?? now) >= STUCK_MS);
  if (isStuck || faults.some(({ isFinal }) => isFinal === 'never')) return { step: 'fail', why: withFaults(why, faults) };
  return { step: 'wait', why: faults.length === 0 ? why : `${why} (${faults[0]!.reason})`, reasons };
}

/**
 * The pods of another release that a StatefulSet waits for: it replaces the next pod only when all are ready, even if the pod that is not ready has
 * the template of the bad release. Someone must delete such a pod.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
 */
export function blockingPods({ pods, sha, workloads }: Pick<RolloutSituation, 'pods' | 'sha' | 'workloads'>): Pod[] {
  const waiting = workloads.filter(({ kind, spec }) => kind === 'StatefulSet' && (spec?.updateStrategy?.rollingUpdate?.partition ?? 0) === 0)
    .filter((one) => workloadState(one).is === 'waiting');
  return pods.filter((pod) => {
    const { deletionTimestamp, labels, ownerReferences = [] } = pod.metadata;
    if (deletionTimestamp !== undefined || labels?.[MARK.sha] === sha || isReady(pod)) return false;
    return ownerReferences.some((owner) => owner.kind === 'StatefulSet' && waiting.some(({ metadata }) => metadata.name === owner.name));
  });
}

/**
 * The Rollouts whose last change their controller has not seen. It may never see it: it can write an older state over what it was shown, and looks
 * again only at the next change, of whatever kind.
 *
 * @see https://github.com/argoproj/argo-rollouts/issues/4073
 */
export function unseenRollouts(workloads: readonly Workload[]): ArgoRollout[] {
  return workloads.filter(({ kind }) => kind === 'Rollout').map((one) => one as unknown as ArgoRollout).filter((rollout) => !isObserved(rollout));
}

/** The faults of the release's pods, the worst first, each reason once. */
export function faultsOf(pods: readonly Pod[], sha: string, before?: ReadonlyMap<string, number>): PodFault[] {
  const rank = ({ isFinal }: PodFault) => ['never', 'perhaps', 'no'].indexOf(isFinal);
  const faults = pods.filter(({ metadata }) => metadata.labels?.[MARK.sha] === sha).flatMap((pod) => faultOf(pod, before) ?? []);
  return faults.filter(({ reason }, i) => faults.findIndex((other) => other.reason === reason) === i).sort((one, other) => rank(one) - rank(other));
}
