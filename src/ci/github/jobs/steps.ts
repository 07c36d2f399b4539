import { github } from 'projen';
import { ArtifactJob, expression } from './conditions';
import { JobEnvironment } from './job-environment';
import { Alert } from '../../../alerts/alert';
import { runtimeLine } from '../../../contract/command-line';
import { JOB_VARIABLE } from '../../../contract/environment-variables';
import { ARTIFACT_ID, DIGEST, RELEASE } from '../../../contract/outputs';
import { Compatibility } from '../../../delivery/delivery-options';
import { Scope } from '../../../delivery/scope';
import { pinned } from '../pins';

type Step = github.workflows.JobStep;

/** Of what a run's build keeps; each attempt adds its number. */
export const ARTIFACT_NAME = 'delivery-release';

/** Signs in to the cloud. */
export const LOGIN_STEP = 'aws-login';

/** Ids of our own steps where the user's set up: a step of the same id would break the conditions that name them. */
export const COMMAND_STEPS = ['checkout', 'deploy', 'recover', 'rollback', 'drill', 'pack', 'upload', 'make', LOGIN_STEP];
/** Those of jobs in which the user sets up nothing, too. */
export const OUR_STEPS = [...COMMAND_STEPS, 'download', 'permissions', 'plan', 'monitor', 'hold', 'unblock', 'adopt', 'resolve', 'unfreeze', 'watch', 'heartbeat', 'start', 'checkout-project', 'page-before', 'page-keep'];

/** What the jobs of a workflow share. */
export interface WorkflowContext {
  readonly hub: github.GitHub;
  /** Which project of the repository it is. */
  readonly scope: Scope;
  /** Whether files are built once and deployed many times. */
  readonly artifact: boolean;
  /** What the project's tasks need: in every job that runs one. */
  readonly toolchainSteps: Step[];
  /** What the jobs that deploy or roll back set up beside it: only they have the environment, its secrets and the id token. */
  readonly setupSteps: Step[];
  /** Whether the jobs that carry a deployment hold a lock that is a git ref. */
  readonly writesRefs: boolean;
  readonly compatibility: Compatibility;
  /** Who is told what becomes of deployments. */
  readonly alerts: Alert[];
}

/** Only `.projen`: the runtime needs nothing else. With the history it also knows the commits by their names. */
export function checkoutRuntime(history = false): Step {
  return {
    id: 'checkout',
    name: 'check out the delivery runtime',
    uses: pinned('actions/checkout'),
    with: { 'sparse-checkout': '.projen', ...(history ? { 'fetch-depth': 0 } : {}), 'persist-credentials': false },
  };
}

/**
 * The whole work tree. Without an artifact the history comes along: a rollback may need an older commit, and must not depend
 * on the network then.
 */
export function checkoutAll({ hub }: WorkflowContext, history: boolean): Step {
  const submodules = hub.checkoutSubmodules;
  return {
    id: 'checkout',
    name: 'check out the repository',
    uses: pinned('actions/checkout'),
    with: {
      ...(history ? { 'fetch-depth': 0 } : {}),
      ...(hub.downloadLfs ? { lfs: true } : {}),
      ...(submodules === github.CheckoutSubmodules.DISABLED ? {} : { submodules }),
      'persist-credentials': false,
    },
  };
}

/**
 * What a job that only looks needs. A health check that is a command needs the project and its toolchain, too.
 *
 * @param history whether it also knows the commits by their names
 */
export function probeSteps(workflowContext: WorkflowContext, subject: JobEnvironment, history = false): Step[] {
  if (!subject.some(({ probesWithCommands }) => probesWithCommands)) return [checkoutRuntime(history)];
  const only = subject.only(({ probesWithCommands }) => probesWithCommands);
  return [checkoutAll(workflowContext, history), ...workflowContext.toolchainSteps.map((step) => (only === '' ? step : { ...step, if: andAlso(only, step.if) }))];
}

/** @param only what must hold first, with `&&` behind it */
export function andAlso(only: string, condition: string | undefined): string {
  const own = condition?.replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1').trim();
  return expression(own ? `${only}(${own})` : only.replace(/ && $/, ''));
}

/** One command of the runtime. `secrets` are what this step gets, and no other does. */
export function runtime(id: string, name: string, command: string, env: Record<string, string>, secrets: Record<string, string>): Step {
  return {
    id,
    name,
    env: { GITHUB_TOKEN: '${{ github.token }}', ...env, ...secrets },
    run: runtimeLine(command),
  };
}

/** What the note in the lock says of the job, where the lock is a ref. */
export function lockEnv({ writesRefs }: WorkflowContext): Record<string, string> {
  return writesRefs ? { [JOB_VARIABLE.JOB]: expression('job.check_run_id') } : {};
}

/** The files that this run's own maker gives. */
export function artifactEnv({ artifact }: WorkflowContext, maker?: ArtifactJob): Record<string, string> {
  if (!artifact || maker === undefined) return {};
  return {
    [JOB_VARIABLE.ARTIFACT_ID]: expression(`needs.${maker.id}.outputs.${ARTIFACT_ID}`),
    [JOB_VARIABLE.ARTIFACT_DIGEST]: expression(`needs.${maker.id}.outputs.${DIGEST}`),
    ...(maker.namesRelease ? { [JOB_VARIABLE.RELEASE]: expression(`needs.${maker.id}.outputs.${RELEASE}`) } : {}),
  };
}

/** Secrets that the commands and the probes of an environment need. */
export function allSecrets(subject: JobEnvironment): Record<string, string> {
  return subject.secrets((environment) => [...environment.secrets, ...environment.probeSecrets]);
}

/** Secrets that its probes need. */
export function probeSecrets(subject: JobEnvironment): Record<string, string> {
  return subject.secrets((environment) => environment.probeSecrets);
}

/** Secrets of the repository, or of the job's own environment. */
export function plainSecrets(names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, expression(`secrets.${name}`)]));
}
