import { github } from 'projen';
import { expression, monitorCondition, recoverCondition, unlessSucceeded } from './conditions';
import { JobEnvironment } from './job-environment';
import { carrierPermissions, outputsOf, jobEnvironment, jobEnvironmentIfAny, Queue, queue, registryPermissions, runsOnFor } from './job-settings';
import { loginPermissions, loginSteps } from './login-steps';
import { notificationPermissions, notificationSteps } from './notification-steps';
import { allSecrets, checkoutAll, lockEnv, probeSteps, probeSecrets, runtime, WorkflowContext } from './steps';
import { mergedPermissions, targetPermissions, targetSteps } from './target-steps';
import { timeoutsOf } from './timeouts';
import { commandWords, OPTION } from '../../../contract/command-line';
import { JOB_VARIABLE } from '../../../contract/environment-variables';
import { jobName, jobNameIfNeeded, JobIfNeeded } from '../../../contract/jobs';
import { COMPLETED_ATTEMPT, OUTPUTS, STATE, URL_OUTPUT } from '../../../contract/outputs';
import { needsOutputs } from '../../../validation/url';

type Job = github.workflows.Job;

/** The differences between the jobs that run the user's commands. */
interface Frame {
  readonly name: string;
  readonly needs?: string[];
  readonly condition: string;
  /** The GitHub environment, whose approval and secrets apply. */
  readonly place: string;
  readonly queue: Queue;
  readonly minutes: number;
  /** The files that this run built, or the result of the job before. */
  readonly env: Record<string, string>;
}

export interface CommandJobOptions extends Frame {
  /** The main step. `minutes` leaves time to recover. */
  readonly step: {
    readonly id: string;
    readonly name: string;
    readonly command: string;
    readonly env?: Record<string, string>;
    readonly minutes: number;
  };
}

/** Runs the user's commands. A later step of the same job recovers what a cancel or a time limit left open. */
export function commandJob(workflowContext: WorkflowContext, subject: JobEnvironment, options: CommandJobOptions): Job {
  const { id, name, command, env, minutes } = options.step;
  const secrets = allSecrets(subject);
  return {
    ...frame(workflowContext, subject, options, id),
    outputs: outputsOf(id, [STATE, ...(subject.some(({ target }) => target.hasOutputs) ? [URL_OUTPUT, OUTPUTS] : [])]),
    steps: [
      ...preparation(workflowContext, subject),
      { ...runtime(id, name, command, { ...lockEnv(workflowContext), ...options.env, ...env }, secrets), timeoutMinutes: minutes },
      { ...recoverStep('recover', subject, lockEnv(workflowContext)), if: unlessSucceeded(id) },
      ...notificationSteps(workflowContext, subject, true),
    ],
  };
}

/**
 * Confirms a change from a fresh runner without the environment's secrets. Its outputs report whether a deployment is open, so that no one
 * has to approve a job that has nothing to do.
 *
 * @param tried the id of the job that changes something
 */
export function monitorJob(workflowContext: WorkflowContext, subject: JobEnvironment, tried: string): Job {
  const { name, title, words } = subject;
  return {
    name: jobName('monitor', title),
    needs: [tried],
    if: monitorCondition(tried),
    ...runsOnFor(workflowContext, subject),
    timeoutMinutes: timeoutsOf(subject).monitor,
    permissions: { ...carrierPermissions(workflowContext), ...notificationPermissions(workflowContext, subject), ...loginPermissions(subject, 'read') },
    ...jobEnvironmentIfAny(workflowContext, subject.text(({ monitorEnvironment }) => monitorEnvironment)),
    outputs: outputsOf('monitor', [COMPLETED_ATTEMPT, STATE]),
    steps: [
      ...probeSteps(workflowContext, subject),
      ...loginSteps(subject, 'read'),
      runtime('monitor', `monitor ${name}`, commandWords('monitor', { environment: words }), { ...lockEnv(workflowContext), ...resultOf(tried) }, probeSecrets(subject)),
      ...notificationSteps(workflowContext, subject, false),
    ],
  };
}

/**
 * Finishes a deployment that the ledger shows as open: the runner died, the run was cancelled, or the confirmation failed. It runs on
 * another runner, and needs no approval if the environment has a `rollbackEnvironment`.
 */
export function recoverJob(workflowContext: WorkflowContext, subject: JobEnvironment, { job, tried, confirmation }: RecoverNeeds): Job {
  const { title } = subject;
  const whole: Frame = {
    name: jobNameIfNeeded(job, title),
    needs: [tried, confirmation],
    condition: recoverCondition(tried, confirmation),
    place: subject.text(({ name, rollbackEnvironment }) => rollbackEnvironment ?? name)!,
    queue: 'rollback',
    minutes: timeoutsOf(subject).recover,
    env: resultOf(tried),
  };
  return {
    ...frame(workflowContext, subject, whole, job),
    steps: [
      ...preparation(workflowContext, subject),
      recoverStep(job, subject, { ...lockEnv(workflowContext), ...whole.env }),
      ...notificationSteps(workflowContext, subject, true),
    ],
  };
}

/** The job, and the jobs before it in the same run. */
export interface RecoverNeeds {
  /** The name of the job and of its main step. */
  readonly job: JobIfNeeded;
  /** The job that changes something. */
  readonly tried: string;
  /** The job that confirms. */
  readonly confirmation: string;
}

/** Passes on a job's result and state, because GitHub does not guarantee that a record can be read at once. */
function resultOf(tried: string): Record<string, string> {
  return {
    [JOB_VARIABLE.DEPLOYED]: expression(`needs.${tried}.result`),
    [JOB_VARIABLE.STATE]: expression(`needs.${tried}.outputs.${STATE}`),
  };
}

function frame(
  workflowContext: WorkflowContext, subject: JobEnvironment, { name, needs, condition, place: where, queue: kind, minutes }: Frame, stepId: string,
): Omit<Job, 'steps'> {
  return {
    name,
    needs,
    if: condition,
    ...runsOnFor(workflowContext, subject),
    timeoutMinutes: minutes,
    permissions: mergedPermissions([
      carrierPermissions(workflowContext), registryPermissions(workflowContext), notificationPermissions(workflowContext, subject),
      loginPermissions(subject, 'deploy'), ...targetPermissions(subject),
    ]),
    environment: jobEnvironment(workflowContext, where, urlOf(subject, stepId)),
    concurrency: queue(workflowContext, kind, subject),
  };
}

/** Where only the deployment knows the URL, its step sets it. GitHub reads it after the steps. */
function urlOf(subject: JobEnvironment, stepId: string): string | undefined {
  const known = subject.text(({ url }) => (needsOutputs(url) ? undefined : url));
  if (!subject.some(({ url }) => needsOutputs(url))) return known;
  const ofStep = `steps.${stepId}.outputs.${URL_OUTPUT}`;
  return expression(known === undefined ? ofStep : `${ofStep} || ${known.slice('${{ '.length, -' }}'.length)}`);
}

/** Sets up what the commands need. The runtime fetches the files of releases. */
function preparation(workflowContext: WorkflowContext, subject: JobEnvironment) {
  const { artifact, setupSteps, toolchainSteps } = workflowContext;
  return [checkoutAll(workflowContext, !artifact), ...toolchainSteps, ...loginSteps(subject, 'deploy'), ...targetSteps(subject), ...setupSteps];
}

function recoverStep(id: string, subject: JobEnvironment, env: Record<string, string>) {
  return runtime(id, `recover ${subject.name}`, commandWords('rollback', { environment: subject.words, options: { [OPTION.RECOVER]: true } }), env, allSecrets(subject));
}
