import { Cone, ConeJob } from './cone';
import { isOpen } from './environment-state';
import { End } from './job-end';
import { Node } from './node';

/** What must not happen on any path. */
export type Fault =
  /** An environment is left on a release that is neither verified nor rolled back. */
  | 'leftUnverified'
  | 'pastUnverified'
  | 'unprepared'
  | 'startedInCancelled'
  | 'needless'
  | 'secondApproval';

/** A job is decided about. */
export function faultOnDecision(cone: Cone, job: ConeJob, node: Node, runs: boolean): Fault | undefined {
  if (job.kind === 'other') return runs && job.needsApproval && isOver(node.ends.at[cone.main.deploy.place]) ? 'secondApproval' : undefined;
  if (job.of !== undefined) return undefined;
  switch (job.kind) {
    case 'plan': return undefined;
    case 'deploy': return runs ? onDeploy(cone, node) : undefined;
    case 'monitor': return onMonitor(cone, node, runs);
    case 'rollback': return runs ? onRollback(cone, node) : undefined;
  }
}

function onDeploy({ main, own, environment, awaited: [{ required, wanted }] }: Cone, { before, ends: { at }, isCancelled }: Node): Fault | undefined {
  if (isCancelled) return 'startedInCancelled';
  const plan = at[main.plan.place];
  const isBad = own.some(({ place }) => (required.includes(place) && at[place].result !== 'success') || (wanted.includes(place) && !['success', 'skipped'].includes(at[place].result)));
  if (plan.result !== 'success' || plan.outputs.go !== 'true' || before.bad[0] || isBad) return 'unprepared';
  if (environment.after !== undefined && !before.isVerified) return 'pastUnverified';
  return own.some((job) => job.kind === 'other' && job.needsApproval && isOver(at[job.place])) ? 'secondApproval' : undefined;
}

function onMonitor({ main }: Cone, { ends: { at } }: Node, runs: boolean): Fault | undefined {
  const isTried = at[main.deploy.place].result !== 'skipped';
  if (runs === isTried) return undefined;
  return runs ? 'needless' : 'leftUnverified';
}

function onRollback({ main }: Cone, { ends: { at }, state, requested }: Node): Fault | undefined {
  if (at[main.deploy.place].result === 'skipped') return 'needless';
  const isUnknown = at[main.monitor.place].how === 'stopped';
  return requested === main.rollback.place || isUnknown || isOpen(state) ? undefined : 'secondApproval';
}

/** When every job of an attempt has ended. */
export function faultAtEnd({ main, own }: Cone, { ends: { at }, state, isCancelled, before }: Node): Fault | undefined {
  if (!isOpen(state)) return undefined;
  const [plan, deploy, monitor, rollback] = [main.plan, main.deploy, main.monitor, main.rollback].map(({ place }) => at[place]);
  const worked = [deploy, monitor, rollback].some(isOver);
  // the job that finishes was itself lost or rejected: the run is red, and the next command on the environment finishes
  if (worked && rollback.how !== 'stopped' && rollback.how !== 'rejected') return 'leftUnverified';
  const wasRejected = isOver(plan) && plan.outputs.go !== 'true';
  const isRed = isCancelled || before.bad[0] || own.some(({ place }) => at[place].result === 'failure' || at[place].result === 'cancelled');
  return !isRed && (worked || wasRejected) ? 'leftUnverified' : undefined;
}

/** In this attempt, not skipped. */
function isOver({ how }: End): boolean {
  return how === 'done' || how === 'stopped' || how === 'rejected';
}
