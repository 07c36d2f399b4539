import { JobProcess } from './job-process';
import { WorkflowJob } from '../workflow-run';

/** A process that holds a lock or wants it. */
export interface Claimant {
  readonly run: { readonly id: number; readonly attempt: number };
  /** Absent where it did not say. */
  readonly process?: JobProcess;
}

/**
 * Who can tell whether a holder is over:
 *
 * - `nobody`: nobody need be asked. It has this process's id on this machine, so it is this process or an earlier one.
 * - `machine`: the processes of this machine.
 * - `job`: GitHub, about the job: the run is this process's own and still runs.
 * - `run`: GitHub, about the run.
 */
export type LivenessSource = 'nobody' | 'machine' | 'job' | 'run';

/** @param machineKnows whether this machine can tell that process from another one of its id */
export function livenessSource(holder: Claimant, own: Required<Claimant>, machineKnows: boolean): LivenessSource {
  const isHere = holder.process?.machine === own.process.machine;
  if (isHere && holder.process.pid === own.process.pid) return 'nobody';
  if (isHere && machineKnows) return 'machine';
  return holder.run.id === own.run.id && holder.run.attempt === own.run.attempt ? 'job' : 'run';
}

/** Whether GitHub says that the job of a process is over. It may be late with its list: a job that is not in it counts as at work. */
export function isJobOver(jobs: readonly WorkflowJob[], { job, runner }: Partial<JobProcess>): boolean {
  const own = jobs.filter((one) => (job === undefined ? runner !== undefined && one.runner === runner : one.id === job));
  return own.length > 0 && own.every(({ status }) => status === 'completed');
}
