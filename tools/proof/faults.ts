import { Before } from './before';
import { Cone, ConeJob } from './cone';
import { EnvironmentState, isOpen } from './environment-state';
import { End } from './job-end';

/** What must not happen on any path. */
export type Fault =
  /** An environment is left on a release that is neither verified nor rolled back. */
  | 'leftUnverified'
  | 'pastUnverified'
  | 'unprepared'
  | 'startedInCancelled'
  | 'needless'
  | 'secondApproval';

/** Where a run stands. */
export interface Situation {
  readonly before: Before;
  /** By place; those of the environment's own jobs. */
  readonly ends: readonly End[];
  readonly state: EnvironmentState;
  readonly isCancelled: boolean;
  /** The job that a person asked for again. */
  readonly requested: number;
}

/** A job is decided about. */
export function faultOnDecision(cone: Cone, job: ConeJob, situation: Situation, runs: boolean): Fault | undefined {
  if (job.kind === 'other') return runs && job.needsApproval && isOver(situation.ends[cone.main.deploy.place]) ? 'secondApproval' : undefined;
  if (job.of !== undefined) return undefined;
  switch (job.kind) {
    case 'plan': return undefined;
    case 'deploy': return runs ? onDeploy(cone, situation) : undefined;
    case 'monitor': return onMonitor(cone, situation, runs);
    case 'rollback': return runs ? onRollback(cone, situation) : undefined;
  }
}

function onDeploy({ main, own, environment, awaited: [{ required, wanted }] }: Cone, { before, ends, isCancelled }: Situation): Fault | undefined {
  if (isCancelled) return 'startedInCancelled';
  const plan = ends[main.plan.place];
  const isBad = own.some(({ place }) => (required.includes(place) && ends[place].result !== 'success') || (wanted.includes(place) && !['success', 'skipped'].includes(ends[place].result)));
  if (plan.result !== 'success' || plan.outputs.go !== 'true' || before.bad[0] || isBad) return 'unprepared';
  if (environment.after !== undefined && !before.isVerified) return 'pastUnverified';
  return own.some((job) => job.kind === 'other' && job.needsApproval && isOver(ends[job.place])) ? 'secondApproval' : undefined;
}

function onMonitor({ main }: Cone, { ends }: Situation, runs: boolean): Fault | undefined {
  const isTried = ends[main.deploy.place].result !== 'skipped';
  if (runs === isTried) return undefined;
  return runs ? 'needless' : 'leftUnverified';
}

function onRollback({ main }: Cone, { ends, state, requested }: Situation): Fault | undefined {
  if (ends[main.deploy.place].result === 'skipped') return 'needless';
  const isUnknown = ends[main.monitor.place].how === 'stopped';
  return requested === main.rollback.place || isUnknown || isOpen(state) ? undefined : 'secondApproval';
}

/** When every job of an attempt has ended. */
export function faultAtEnd({ main, own }: Cone, { ends, state, isCancelled, before }: Situation): Fault | undefined {
  if (!isOpen(state)) return undefined;
  const [plan, deploy, monitor, rollback] = [main.plan, main.deploy, main.monitor, main.rollback].map(({ place }) => ends[place]);
  const worked = [deploy, monitor, rollback].some(isOver);
  // the job that finishes was itself lost or rejected: the run is red, and the next command on the environment finishes
  if (worked && rollback.how !== 'stopped' && rollback.how !== 'rejected') return 'leftUnverified';
  const wasRejected = isOver(plan) && plan.outputs.go !== 'true';
  const isRed = isCancelled || before.bad[0] || own.some(({ place }) => ends[place].result === 'failure' || ends[place].result === 'cancelled');
  return !isRed && (worked || wasRejected) ? 'leftUnverified' : undefined;
}

/** In this attempt, not skipped. */
function isOver({ how }: End): boolean {
  return how === 'done' || how === 'stopped' || how === 'rejected';
}
