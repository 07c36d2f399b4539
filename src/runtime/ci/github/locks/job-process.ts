import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { JOB_VARIABLE } from '../../../../contract/environment-variables';
import { isProcessAlive, processStat } from '../../../processes/process-state';
import { WorkflowJob } from '../workflow-run';

/** A process of a job: where it runs, and since when. Others can read it, so it contains no host name. */
export interface JobProcess {
  /** GitHub's id of the job; absent if the server does not know it (`job.check_run_id`). */
  readonly job?: number;
  /** The name of the runner, as in GitHub's job. */
  readonly runner?: string;
  /** The scope of a process id: a boot of a kernel, and a process id namespace in it. */
  readonly machine: string;
  readonly pid: number;
  /** When it started, in ticks of its machine. Absent if unknown: then another process may have the same id. */
  readonly began?: string;
}

/** `unknown`: a process has that id, but it may be another one. */
export type ProcessFate = 'running' | 'gone' | 'unknown';

/** This process. */
export function thisProcess(env: NodeJS.ProcessEnv): JobProcess {
  const job = /^[1-9]\d{0,14}$/.test(env[JOB_VARIABLE.JOB] ?? '') ? Number(env[JOB_VARIABLE.JOB]) : undefined;
  return { job, runner: env.RUNNER_NAME || undefined, machine: thisMachine(env), pid: process.pid, began: beganOf(processStat(process.pid)) };
}

/** The state of a process of this machine. */
export function fateOf({ pid, began }: JobProcess): ProcessFate {
  if (!isProcessAlive(pid)) return 'gone';
  const stat = processStat(pid);
  if (stat === undefined || began === undefined) return 'unknown';
  return beganOf(stat) === began ? 'running' : 'gone';
}

/** Machines made from the same image may have the same host name. */
function thisMachine(env: NodeJS.ProcessEnv): string {
  const kernel = readOrEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = readOrEmpty(() => readlinkSync('/proc/self/ns/pid'));
  const runner = kernel && namespace ? '' : env.RUNNER_NAME ?? '';
  return createHash('sha256').update(JSON.stringify([hostname(), kernel, namespace, runner])).digest('hex').slice(0, 16);
}

/** Field 22 of `/proc/<pid>/stat`; the state is the third. */
function beganOf(stat: string[] | undefined): string | undefined {
  return stat?.[19];
}

function readOrEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

/** A process that holds a lock or wants it. */
export interface Claimant {
  readonly run: { readonly id: number; readonly attempt: number };
  /** Absent if it did not record one. */
  readonly process?: JobProcess;
}

/**
 * The source that knows whether a holder still runs:
 *
 * - `none`: no lookup is needed. The holder has this process's id on this machine, so it is this process or an earlier one.
 * - `machine`: the processes of this machine.
 * - `job`: GitHub, about the job: the run is this process's own and still runs.
 * - `run`: GitHub, about the run.
 */
export type LivenessSource = 'none' | 'machine' | 'job' | 'run';

/** @param machineKnows whether this machine can distinguish that process from a later one with the same id */
export function livenessSource(holder: Claimant, own: Required<Claimant>, machineKnows: boolean): LivenessSource {
  const isHere = holder.process?.machine === own.process.machine;
  if (isHere && holder.process.pid === own.process.pid) return 'none';
  if (isHere && machineKnows) return 'machine';
  return holder.run.id === own.run.id && holder.run.attempt === own.run.attempt ? 'job' : 'run';
}

/** Whether GitHub reports that the job of a process is over. Its list may be late: a job that is missing counts as at work. */
export function isJobOver(jobs: readonly WorkflowJob[], { job, runner }: Partial<JobProcess>): boolean {
  const own = jobs.filter((one) => (job === undefined ? runner !== undefined && one.runner === runner : one.id === job));
  return own.length > 0 && own.every(({ status }) => status === 'completed');
}
