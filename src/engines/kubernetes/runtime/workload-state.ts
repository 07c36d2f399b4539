import { ArgoRollout, argoRolloutState } from './argo-rollout-state';
import { shownKey } from './kubernetes-object';
import { Condition, conditionOf } from '../../cluster/runtime/pod-state';

/** A controller of pods, or a Job, as the API server shows it. */
export interface Workload {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly generation?: number };
  readonly spec?: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } };
    readonly [field: string]: unknown;
  };
  readonly status?: WorkloadStatus;
}

interface WorkloadStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly currentRevision?: string;
  readonly updateRevision?: string;
  readonly desiredNumberScheduled?: number;
  readonly updatedNumberScheduled?: number;
  readonly numberAvailable?: number;
}

export type WorkloadState =
  | { readonly is: 'ready' }
  /** `stuckFor`: it fails if this stays so; the text is the same as long as it is. */
  | { readonly is: 'waiting'; readonly why: string; readonly stuckFor?: string }
  | { readonly is: 'failed'; readonly why: string };

/** The kinds whose rollout is waited for. */
export const WAITED_KINDS: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Rollout'];

const READY: WorkloadState = { is: 'ready' };

/** Says whether the rollout of a workload is complete, and why it fails. The same rules as `kubectl rollout status`, and old pods must be gone. */
export function workloadState(workload: Workload): WorkloadState {
  const { kind, metadata: { generation = 0, name }, status } = workload;
  const shown = shownKey({ kind, name });
  if (kind === 'Rollout') return argoRolloutState(workload as unknown as ArgoRollout);
  if (kind !== 'Job' && (status?.observedGeneration ?? 0) < generation) return waiting(`${shown}: its controller has not seen the change yet`);
  switch (kind) {
    case 'Deployment': return deploymentState(shown, workload);
    case 'StatefulSet': return statefulSetState(shown, workload);
    case 'DaemonSet': return daemonSetState(shown, workload);
    case 'Job': return jobState(shown, workload);
    default: return READY;
  }
}

function deploymentState(shown: string, { spec, status = {} }: Workload): WorkloadState {
  const wanted = spec?.replicas ?? 1;
  if (spec?.paused) return { is: 'failed', why: `${shown} is paused (spec.paused), so it does not roll out. Resume it: kubectl rollout resume` };
  const { availableReplicas = 0, replicas = 0, updatedReplicas = 0 } = status;
  // before the deadline, which does not say what the quota lacks
  const failure = conditionOf(status.conditions, 'ReplicaFailure');
  if (failure?.status === 'True') return waiting(`${shown}: ${failure.reason ?? 'ReplicaFailure'}: ${failure.message ?? ''}`, failure.reason ?? 'ReplicaFailure');
  const progressing = conditionOf(status.conditions, 'Progressing');
  // for a moment it is still that of the template before, where the controller sees no progress yet
  if (progressing?.reason === 'ProgressDeadlineExceeded') return waiting(`${shown}: ${progressing.reason}: ${progressing.message ?? ''}`, progressing.reason);
  if (updatedReplicas < wanted) return waiting(`${shown}: ${updatedReplicas} of ${wanted} pods are new`);
  if (availableReplicas < updatedReplicas) return waiting(`${shown}: ${availableReplicas} of ${updatedReplicas} new pods are available`);
  if (replicas > updatedReplicas) return waiting(`${shown}: old pods that still run: ${replicas - updatedReplicas}`);
  return READY;
}

function statefulSetState(shown: string, { spec, status = {} }: Workload): WorkloadState {
  const wanted = spec?.replicas ?? 1;
  // its pods change when someone deletes them
  if (spec?.updateStrategy?.type === 'OnDelete') return READY;
  const { availableReplicas, currentRevision, readyReplicas = 0, updatedReplicas = 0, updateRevision } = status;
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (updatedReplicas < wanted - partition) return waiting(`${shown}: ${updatedReplicas} of ${wanted - partition} pods are new`);
  const ready = availableReplicas ?? readyReplicas;
  if (ready < wanted) return waiting(`${shown}: ${ready} of ${wanted} pods are available`);
  if (partition === 0 && updateRevision !== currentRevision) return waiting(`${shown}: old pods still run`);
  return READY;
}

function daemonSetState(shown: string, { spec, status = {} }: Workload): WorkloadState {
  if (spec?.updateStrategy?.type === 'OnDelete') return READY;
  const { desiredNumberScheduled: wanted = 0, numberAvailable = 0, updatedNumberScheduled = 0 } = status;
  if (updatedNumberScheduled < wanted) return waiting(`${shown}: ${updatedNumberScheduled} of ${wanted} pods are new`);
  if (numberAvailable < wanted) return waiting(`${shown}: ${numberAvailable} of ${wanted} new pods are available`);
  return READY;
}

function jobState(shown: string, { spec, status = {} }: Workload): WorkloadState {
  if (spec?.suspend === true) return READY;
  const failed = conditionOf(status.conditions, 'Failed');
  if (failed?.status === 'True') return { is: 'failed', why: `${shown} failed: ${failed.reason ?? ''}: ${failed.message ?? ''}` };
  return conditionOf(status.conditions, 'Complete')?.status === 'True' ? READY : waiting(`${shown} is not complete`);
}

function waiting(why: string, stuckFor?: string): WorkloadState {
  return { is: 'waiting', why, ...(stuckFor !== undefined && { stuckFor }) };
}
