import { github } from 'projen';
import { ArtifactJob, expression, unwrapped } from './conditions';
import { JobEnvironment } from './job-environment';
import { Alert } from '../../../alerts/alert';
import { runtimeLine } from '../../../contract/command-line';
import { JOB_VARIABLE } from '../../../contract/environment-variables';
import { ARTIFACT_ID, DIGEST, IMAGE_DIGEST, RELEASE } from '../../../contract/outputs';
import { Compatibility } from '../../../delivery/delivery-options';
import { ImageArtifact } from '../../../delivery/image-artifact';
import { Scope } from '../../../delivery/scope';
import { pinned } from '../pins';

type Step = github.workflows.JobStep;

/** The name of a run's artifact, to which each attempt adds its number. */
export const ARTIFACT_NAME = 'delivery-release';

/** Signs in to the cloud. */
export const LOGIN_STEP = 'aws-login';

/** Sign in to the registry of the image, and out of it. */
export const REGISTRY_LOGIN_STEP = 'registry-login';
export const REGISTRY_LOGOUT_STEP = 'registry-logout';

/** The ids of our steps in jobs with the user's set-up steps: a step with the same id would break conditions. */
export const COMMAND_STEPS = ['checkout', 'deploy', 'recover', 'rollback', 'drill', 'pack', 'upload', 'make', 'image', 'files', REGISTRY_LOGIN_STEP, REGISTRY_LOGOUT_STEP, LOGIN_STEP];
/** The ids of our steps in all jobs. */
export const OUR_STEPS = [...COMMAND_STEPS, 'download', 'permissions', 'plan', 'monitor', 'hold', 'unblock', 'adopt', 'resolve', 'unfreeze', 'watch', 'heartbeat', 'start', 'checkout-project', 'page-before', 'page-keep', 'comment', 'changes', 'begin', 'preview', 'finish', 'remove', 'sweep', 'checkout-runtime', 'use-runtime'];

/** What the jobs of all workflows share. */
export interface WorkflowContext {
  readonly hub: github.GitHub;
  /** The project of the repository. */
  readonly scope: Scope;
  /** Whether releases have files or an image that are built once. */
  readonly artifact: boolean;
  /** Whether they have files. */
  readonly hasFiles: boolean;
  /** The image, if they have one. */
  readonly image?: ImageArtifact;
  /** What the project's tasks need: in every job that runs one. */
  readonly toolchainSteps: Step[];
  /** What the commands of a deployment need in addition: only in jobs with the environment, its secrets and the id token. */
  readonly setupSteps: Step[];
  /** Whether the lock is a git ref. */
  readonly writesRefs: boolean;
  readonly compatibility: Compatibility;
  readonly alerts: Alert[];
}

/** Checks out only `.projen`, which is all that the runtime needs; with the history it can also resolve the names of commits. */
export function checkoutRuntime(history = false): Step {
  return {
    id: 'checkout',
    name: 'check out the delivery runtime',
    uses: pinned('actions/checkout'),
    with: { 'sparse-checkout': '.projen', ...(history ? { 'fetch-depth': 0 } : {}), 'persist-credentials': false },
  };
}

/**
 * Checks out the whole work tree. Without an artifact a rollback needs the history, because it must not depend on the network.
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
 * Sets up a job that only probes. A health check that is a command also needs the project and its toolchain.
 *
 * @param history whether it resolves the names of commits
 */
export function probeSteps(workflowContext: WorkflowContext, subject: JobEnvironment, history = false): Step[] {
  if (!subject.some(({ probesWithCommands }) => probesWithCommands)) return [checkoutRuntime(history)];
  const only = subject.only(({ probesWithCommands }) => probesWithCommands);
  return [checkoutAll(workflowContext, history), ...workflowContext.toolchainSteps.map((step) => (only === '' ? step : { ...step, if: andAlso(only, step.if) }))];
}

/** Sets up a job that plans with the project's own programs. */
export function projectSteps(workflowContext: WorkflowContext): Step[] {
  return [checkoutAll(workflowContext, false), ...workflowContext.toolchainSteps];
}

/** @param only the first condition, followed by `&&` */
export function andAlso(only: string, condition: string | undefined): string {
  const own = condition && unwrapped(condition).trim();
  return expression(own ? `${only}(${own})` : only.replace(/ && $/, ''));
}

/** Runs one command of the runtime. Only this step gets `secrets`. */
export function runtime(id: string, name: string, command: string, env: Record<string, string>, secrets: Record<string, string>): Step {
  return {
    id,
    name,
    env: { GITHUB_TOKEN: '${{ github.token }}', ...env, ...secrets },
    run: runtimeLine(command),
  };
}

/** The job's id for the note in a lock that is a ref. */
export function lockEnv({ writesRefs }: WorkflowContext): Record<string, string> {
  return writesRefs ? { [JOB_VARIABLE.JOB]: expression('job.check_run_id') } : {};
}

/** The files that a job of this run provides. */
export function artifactEnv({ artifact, hasFiles, image }: WorkflowContext, artifactJob?: ArtifactJob): Record<string, string> {
  if (!artifact || artifactJob === undefined) return {};
  return {
    ...(hasFiles ? { [JOB_VARIABLE.ARTIFACT_ID]: expression(`needs.${artifactJob.id}.outputs.${ARTIFACT_ID}`) } : {}),
    [JOB_VARIABLE.ARTIFACT_DIGEST]: expression(`needs.${artifactJob.id}.outputs.${DIGEST}`),
    ...(hasFiles && image ? { [JOB_VARIABLE.IMAGE_DIGEST]: expression(`needs.${artifactJob.id}.outputs.${IMAGE_DIGEST}`) } : {}),
    ...(artifactJob.namesRelease ? { [JOB_VARIABLE.RELEASE]: expression(`needs.${artifactJob.id}.outputs.${RELEASE}`) } : {}),
  };
}

/** The secrets of the commands and probes of an environment. */
export function allSecrets(subject: JobEnvironment): Record<string, string> {
  return subject.secrets((environment) => [...environment.secrets, ...environment.probeSecrets]);
}

/** The secrets of its probes, and of what reads its live release. */
export function probeSecrets(subject: JobEnvironment): Record<string, string> {
  return subject.secrets((environment) => [...environment.probeSecrets, ...environment.readSecrets]);
}

/** Secrets of the repository or of the job's environment. */
export function plainSecrets(names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, expression(`secrets.${name}`)]));
}
