export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly [field: string]: unknown;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly lifecycle?: { readonly preStop?: unknown };
  readonly [field: string]: unknown;
}

/** The fields of a pod that say how it is. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec?: PodSpec;
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly exitCode?: number; readonly reason?: string };
}

/** Why a pod is not ready. */
export interface PodFault {
  /** A word of Kubernetes: `ImagePullBackOff`. */
  readonly reason: string;
  /** For people, with the pod's name. Untrusted. */
  readonly text: string;
  /** `never`: only another release helps. `perhaps`: it may still pass, as long as it is new. `no`: it may well pass. */
  readonly isFinal: 'never' | 'perhaps' | 'no';
}

/** Reasons that a new attempt does not change. */
const FINAL = ['InvalidImageName', 'ErrImageNeverPull'];
const PERHAPS = ['ImagePullBackOff', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError', 'StartError'];
/** A container that was restarted so often crashes by itself, and does not just wait for another service. */
const CRASHES = 3;

/** Whether it gets traffic. */
export function isReady({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && conditionOf(status?.conditions, 'Ready')?.status === 'True';
}

/** How often each container of the pods was restarted so far. */
export function restartsOf(pods: readonly Pod[]): ReadonlyMap<string, number> {
  return new Map(pods.flatMap((pod) => containersOf(pod).map(({ name, restartCount = 0 }) => [containerId(pod, name), restartCount] as const)));
}

function containersOf({ status }: Pod): readonly ContainerStatus[] {
  return [...status?.initContainerStatuses ?? [], ...status?.containerStatuses ?? []];
}

function containerId({ metadata: { name, uid } }: Pod, container: string): string {
  return `${uid ?? name}/${container}`;
}

/**
 * Undefined where it is ready, or only new.
 *
 * @param before the restarts that do not count
 */
export function faultOf(pod: Pod, before: ReadonlyMap<string, number> = new Map()): PodFault | undefined {
  const { metadata: { deletionTimestamp, name }, status } = pod;
  if (deletionTimestamp !== undefined || isReady(pod) || status?.phase === 'Succeeded') return undefined;
  const scheduled = conditionOf(status?.conditions, 'PodScheduled');
  if (scheduled?.status === 'False') {
    const { message = '', reason = 'Unschedulable' } = scheduled;
    // a cluster that scales adds a node
    return { reason, text: `${name} is not scheduled: ${reason}: ${message}`, isFinal: 'no' };
  }
  for (const container of containersOf(pod)) {
    const fault = containerFault(name, container, before.get(containerId(pod, container.name)));
    if (fault) return fault;
  }
  const waiting = (status?.containerStatuses ?? []).filter(({ ready, state }) => ready === false && !state?.waiting);
  if (waiting.length === 0) return undefined;
  return { reason: 'NotReady', text: `${name}: ${waiting.map((one) => one.name).join(', ')} runs and is not ready`, isFinal: 'no' };
}

function containerFault(pod: string, { lastState, name, restartCount = 0, state }: ContainerStatus, before = 0): PodFault | undefined {
  const end = state?.terminated ?? lastState?.terminated;
  const how = end === undefined ? '' : `, ended with ${end.reason === 'OOMKilled' ? 'OOMKilled' : `exit code ${end.exitCode ?? '?'}`}`;
  const reason = state?.waiting?.reason;
  if (reason === 'CrashLoopBackOff' || (state?.terminated && state.terminated.exitCode !== 0)) {
    const isFinal = restartCount - before >= CRASHES ? 'never' : 'no';
    return { reason: 'CrashLoopBackOff', text: `${pod}: the container ${name} crashes: CrashLoopBackOff, ${restartCount} restart${restartCount === 1 ? '' : 's'}${how}`, isFinal };
  }
  if (reason === undefined || ['ContainerCreating', 'PodInitializing'].includes(reason)) return undefined;
  // kubelet says both in turn
  if (reason === 'ErrImagePull') return { reason: 'ImagePullBackOff', text: `${pod}: the container ${name} waits: ${reason}: ${state?.waiting?.message ?? ''}`, isFinal: 'perhaps' };
  const isFinal = FINAL.includes(reason) ? 'never' : PERHAPS.includes(reason) ? 'perhaps' : 'no';
  return { reason, text: `${pod}: the container ${name} waits: ${reason}: ${state?.waiting?.message ?? ''}`, isFinal };
}

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((one) => one.type === type);
}

/** A fault that may pass by itself, such as a registry that does not respond, is final after this time. */
export const STUCK_MS = 30_000;
/** Faults in one message. */
const SHOWN_FAULTS = 3;

export function withFaults(why: string, faults: readonly Pick<PodFault, 'text'>[]): string {
  return [why, ...faults.slice(0, SHOWN_FAULTS).map(({ text }) => text)].join('; ');
}
