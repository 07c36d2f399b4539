import { CheckManifest, WeightManifest } from '../../contract/manifest';
import { AnalysisReport } from '../analysis/analysis-report';
import { Event, State } from '../deployment/state-machine';
import { RecordKind } from '../ledger/record';
import { OutsideFault } from '../outside-fault';
import { ProbeStatistics } from '../probing/observation';
import { Release } from '../release';
import { PlannedChanges } from '../targets/planned-changes';

/** What a job has to say when it is over. */
export type Report = DeploymentReport | PlanReport;

export interface DeploymentReport {
  readonly kind: 'deployment';
  readonly environment: string;
  /** The subproject's name, where it is one. */
  readonly project?: string;
  readonly url: string;
  /** The request. */
  readonly requested: RecordKind;
  readonly release: Release;
  /** Stable when the deployment began: what a rollback goes back to. */
  readonly replaced?: Release;
  /** Its kind. */
  readonly strategy: string;
  readonly slot?: string;
  /** Where it stands now. */
  readonly state: State;
  /** States before this process continued it, oldest first. */
  readonly passed?: readonly State[];
  /** Why it was rolled back or halted, if that was before this process. */
  readonly cause?: string;
  /** The release got no verdict: its process was gone, or another release was wanted. */
  readonly isAbandoned: boolean;
  /** Whether it is blocked on the environment. */
  readonly isBlocked: boolean;
  /** What in the world made it fail: the release is not to blame. */
  readonly fault?: OutsideFault;
  /** What happened in this process, oldest first. */
  readonly phases: readonly PhaseReport[];
  /** Entries that the ledger did not record. */
  readonly unwritten?: readonly State[];
  /** The ledger did not record the current state: the last recorded one, and why. */
  readonly unrecorded?: { readonly recorded: State; readonly why: string };
  /** Its migration cannot be undone: there is no rollback. */
  readonly irreversible?: boolean;
  /** What a person does about a bad release, because the target cannot take it back. */
  readonly noRollback?: string;
  /** In a drill whose verdict was forced: how long the rollback took. */
  readonly drill?: { readonly rollbackMs?: number };
  readonly by?: string;
  readonly reason?: string;
  readonly inCi: boolean;
  /** The page of the CI's run. */
  readonly runUrl?: string;
  /** @default - what follows from the state */
  readonly next?: readonly NextStep[];
}

/** One state and what came of it. */
export interface PhaseReport {
  readonly state: State;
  readonly durationMs: number;
  readonly result: {
    readonly event: Event;
    readonly note: string;
    readonly probes?: readonly ProbeStatistics[];
    readonly analysis?: AnalysisReport;
  };
}

export interface PlanReport {
  readonly kind: 'plan';
  readonly environment: string;
  /** The subproject's name, where it is one. */
  readonly project?: string;
  readonly url: string;
  /** In words: `a push to main`. */
  readonly trigger: string;
  readonly release: Release;
  readonly stable?: { readonly release: Release; readonly since: string };
  /** Its kind. */
  readonly strategy: string;
  /** Whether the target has a migration to run first. */
  readonly migrates: boolean;
  readonly bakeMs: number;
  readonly slot?: string;
  /** The shares of the traffic that it would get one after the other, the last one 100 %. */
  readonly weights?: readonly WeightManifest[];
  /** What the analysis of the weights can see, and how soon. */
  readonly detections?: readonly string[];
  readonly alreadyLive: boolean;
  /** It is Stable, and what the engine serves could not be read: why. */
  readonly unread?: string;
  /** How a bad release would be rolled back. */
  readonly rollbackPoint: string;
  readonly notNow?: string;
  /** A freeze is on: until when, and why. */
  readonly frozen?: string;
  /** Who lifted the freeze that is on, and why. */
  readonly override?: string;
  /** What was left open, or is at work, and what is done first. */
  readonly unfinished?: { readonly sentence: string; readonly first: string };
  readonly faults: readonly string[];
  /** Absent if the target's engine does not report it. */
  readonly changes?: PlannedChanges;
  /** What a person should know of the files on this machine, with the fix. */
  readonly warnings: readonly string[];
  /** Whether the baseline reached the service, per health check. */
  readonly baseline: Readonly<Record<string, boolean>>;
  readonly healthChecks: readonly Pick<CheckManifest, 'name' | 'url' | 'intervalMs' | 'successThreshold' | 'liveOnly'>[];
  readonly variables: Readonly<Record<string, string>>;
  /** Names, never values. */
  readonly secrets: readonly string[];
  readonly inCi: boolean;
  /** @default - what follows from the plan */
  readonly next?: readonly NextStep[];
}

/** What a person may do, and the exact line to run where there is one. */
export interface NextStep {
  readonly text: string;
  readonly run?: string;
}

/** Whether a health check found a release bad, and there was no release before it. */
export function isBadFirst({ requested, phases, replaced, state }: DeploymentReport): boolean {
  return state === 'halted' && requested === 'deploy' && replaced === undefined && phases.some(({ result }) => result.event === 'unhealthy');
}

/** Whether it was halted so that nothing was restored over what someone else changed. */
export function isLeftAlone({ fault, passed = [], phases, state }: DeploymentReport): boolean {
  const states = [...passed, ...phases.map((phase) => phase.state)];
  return state === 'halted' && fault !== undefined && fault !== 'unavailable' && !states.includes('rollingBack');
}
