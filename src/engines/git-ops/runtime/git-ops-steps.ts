import { ControllerState } from './controller-state';
import { FolderState } from './git-ops-record';
import { Pod, PodFault, STUCK_MS, faultOf, withFaults } from '../../cluster/runtime/pod-state';

export interface CommitSituation {
  /** What the branch has now. */
  readonly folder: FolderState | undefined;
  /** The tree of the folder with the release. */
  readonly wanted: string;
  /** What the branch had at first; undefined if that does not matter, as in a rollback. */
  readonly from: { readonly tree: string | undefined } | undefined;
  /** Whether no push of a process that was killed can be taken any more: the commit that it follows is not the newest one. */
  readonly isFenced: boolean;
}

/** `fence`: a commit that changes nothing. `elsewhere`: someone else changed the folder meanwhile. */
export type CommitStep = 'done' | 'commit' | 'elsewhere' | 'fence';

/** The next step to a branch whose newest commit has the release. */
export function commitStep({ folder, from, isFenced, wanted }: CommitSituation): CommitStep {
  if (folder?.tree === wanted) return isFenced ? 'done' : 'fence';
  return from === undefined || from.tree === folder?.tree ? 'commit' : 'elsewhere';
}

export interface ServingSituation {
  readonly state: ControllerState;
  /** Whether the commit that the controller is at has the release. */
  readonly isOurs: boolean;
  readonly pods: readonly Pod[];
  /** The pods that were there before the commit. */
  readonly podsBefore: ReadonlySet<string>;
  readonly isRestore: boolean;
  readonly now: number;
  /** Since when each reason is seen, milliseconds since the epoch. */
  readonly since: ReadonlyMap<string, number>;
}

export type ServingStep =
  | { readonly step: 'done' }
  | { readonly step: 'wait'; readonly why: string; readonly reasons: readonly string[] }
  | { readonly step: 'fail'; readonly why: string };

/** The next step to a cluster that serves the release. A rollback waits as long as there is time: the controller tries again. */
export function servingStep({ isOurs, isRestore, now, pods, podsBefore, since, state }: ServingSituation): ServingStep {
  if (state.is === 'served' && isOurs) return { step: 'done' };
  const faults = faultsOf(pods.filter((pod) => !podsBefore.has(podId(pod))));
  const why = isOurs || state.is === 'failing' ? state.why : `the controller has not applied the commit yet (${state.why})`;
  if (isRestore || !isOurs) return { step: 'wait', why: withFaults(why, isOurs ? faults.slice(0, 1) : []), reasons: [] };
  const reasons = [...state.is === 'failing' ? ['failing'] : [], ...faults.flatMap(({ isFinal, reason }) => (isFinal === 'perhaps' ? [reason] : []))];
  const isStuck = reasons.some((reason) => now - (since.get(reason) ?? now) >= STUCK_MS);
  const isFinal = (state.is === 'failing' && state.isFinal === true) || faults.some((fault) => fault.isFinal === 'never');
  if (isStuck || isFinal) return { step: 'fail', why: withFaults(why, faults) };
  return { step: 'wait', why: withFaults(why, faults.slice(0, 1)), reasons };
}

/** The faults of pods, the worst first, each reason once. */
function faultsOf(pods: readonly Pod[]): PodFault[] {
  const rank = ({ isFinal }: PodFault) => ['never', 'perhaps', 'no'].indexOf(isFinal);
  const faults = pods.flatMap((pod) => faultOf(pod) ?? []);
  return faults.filter(({ reason }, i) => faults.findIndex((other) => other.reason === reason) === i).sort((one, other) => rank(one) - rank(other));
}

/** A pod of a StatefulSet that was replaced has the same name. */
export function podId({ metadata: { name, uid } }: Pod): string {
  return uid ?? name;
}
