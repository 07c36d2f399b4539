import { github } from 'projen';
import { expression, monitorCondition, recoverCondition, unlessSucceeded } from './conditions';
import { JobEnvironment } from './job-environment';
import { carrierPermissions, outputsOf, jobEnvironment, jobEnvironmentIfAny, Queue, queue, runsOnFor } from './job-settings';
import { notificationPermissions, notificationSteps } from './notification-steps';
import { allSecrets, checkoutAll, lockEnv, probeSteps, probeSecrets, runtime, WorkflowContext } from './steps';
import { timeoutsOf } from './timeouts';

type Job = github.workflows.Job;

/** A job that runs the user's commands, as far as such jobs differ. */
interface Frame {
  readonly name: string;
  readonly needs?: string[];
  readonly condition: string;
  /** The GitHub environment, whose approval and secrets apply. */
  readonly place: string;
  readonly queue: Queue;
  readonly minutes: number;
  /** Which files this run's own build made, or what became of the job before. */
  readonly env: Record<string, string>;
}

export interface CommandJobOptions extends Frame {
  /** What the job does. `minutes` leaves time for settling. */
  readonly step: {
    readonly id: string;
    readonly name: string;
    readonly command: string;
    readonly env?: Record<string, string>;
    readonly minutes: number;
  };
}

/** Does something with the user's commands, and settles in the same job what a cancel or a time limit left open. */
export function commandJob(workflowContext: WorkflowContext, subject: JobEnvironment, options: CommandJobOptions): Job {
  const { id, name, command, env, minutes } = options.step;
  const secrets = allSecrets(subject);
  return {
    ...frame(workflowContext, subject, options),
    outputs: outputsOf(id, ['state']),
    steps: [
      ...preparation(workflowContext),
      { ...runtime(id, name, command, { ...lockEnv(workflowContext), ...options.env, ...env }, secrets), timeoutMinutes: minutes },
      { ...settleStep('settle', subject, lockEnv(workflowContext)), if: unlessSucceeded(id) },
      ...notificationSteps(workflowContext, subject, true),
    ],
  };
}

/**
 * After every job that changes something, a fresh runner without the environment's secrets: the judge. It says whether nothing is
 * open, so that nobody is asked to approve what has nothing to do.
 *
 * @param tried the id of the job that was to change something
 */
export function monitorJob(workflowContext: WorkflowContext, subject: JobEnvironment, tried: string): Job {
  const { name, title, words } = subject;
  return {
    name: `confirm ${title}`,
    needs: [tried],
    if: monitorCondition(tried),
    ...runsOnFor(workflowContext, subject),
    timeoutMinutes: timeoutsOf(subject).monitor,
    permissions: { ...carrierPermissions(workflowContext), ...notificationPermissions(workflowContext, subject) },
    ...jobEnvironmentIfAny(workflowContext, subject.text(({ monitorEnvironment }) => monitorEnvironment)),
    outputs: outputsOf('monitor', ['settled', 'state']),
    steps: [
      ...probeSteps(workflowContext, subject),
      runtime('monitor', `confirm ${name}`, `monitor ${words}`, { ...lockEnv(workflowContext), ...toldOf(tried) }, probeSecrets(subject)),
      ...notificationSteps(workflowContext, subject, false),
    ],
  };
}

/**
 * Finishes what the ledger shows open: the runner died, the run was cancelled, the judge said no. Its runner is another one, and
 * nobody approves it again where there is a twin.
 */
export function recoverJob(workflowContext: WorkflowContext, subject: JobEnvironment, { tried, judge, stepId }: RecoverNeeds): Job {
  const { title } = subject;
  const whole: Frame = {
    name: `settle ${title}`,
    needs: [tried, judge],
    condition: recoverCondition(tried, judge),
    place: subject.text(({ name, rollbackEnvironment }) => rollbackEnvironment ?? name)!,
    queue: 'rollback',
    minutes: timeoutsOf(subject).settle,
    env: toldOf(tried),
  };
  return {
    ...frame(workflowContext, subject, whole),
    steps: [...preparation(workflowContext), settleStep(stepId, subject, { ...lockEnv(workflowContext), ...whole.env }), ...notificationSteps(workflowContext, subject, true)],
  };
}

/** The jobs of the same run that come before. */
export interface RecoverNeeds {
  /** The one that was to change something. */
  readonly tried: string;
  /** The one that confirms. */
  readonly judge: string;
  readonly stepId: 'rollback' | 'settle';
}

/** Nothing promises that the ledger reads back at once what a job wrote: its result and output say how far the release came. */
function toldOf(tried: string): Record<string, string> {
  return {
    DELIVERY_DEPLOYED: expression(`needs.${tried}.result`),
    DELIVERY_STATE: expression(`needs.${tried}.outputs.state`),
  };
}

function frame(workflowContext: WorkflowContext, subject: JobEnvironment, { name, needs, condition, place: where, queue: kind, minutes }: Frame): Omit<Job, 'steps'> {
  return {
    name,
    needs,
    if: condition,
    ...runsOnFor(workflowContext, subject),
    timeoutMinutes: minutes,
    permissions: {
      ...carrierPermissions(workflowContext),
      ...notificationPermissions(workflowContext, subject),
      ...(subject.some(({ target }) => target._idToken) ? { idToken: github.workflows.JobPermission.WRITE } : {}),
    },
    environment: jobEnvironment(workflowContext, where, subject.text(({ url }) => url)),
    concurrency: queue(workflowContext, kind, subject),
  };
}

/** What the commands need. The runtime fetches the files of releases itself, before anything is changed. */
function preparation(workflowContext: WorkflowContext) {
  return [checkoutAll(workflowContext, !workflowContext.artifact), ...workflowContext.toolchainSteps, ...workflowContext.setupSteps];
}

function settleStep(id: string, subject: JobEnvironment, env: Record<string, string>) {
  return runtime(id, `settle ${subject.name}`, `rollback ${subject.words} --settle`, env, allSecrets(subject));
}
