import { github } from 'projen';
import { commandJob } from './command-job';
import { ArtifactJob, deployCondition, deployNeeds, DeployNeeds, expression, notInFork } from './conditions';
import { JobEnvironment } from './job-environment';
import { probeEnvironment, outputsOf, readerPermissions, runsOnFor } from './job-settings';
import { loginPermissions, loginSteps } from './login-steps';
import { artifactEnv, probeSteps, probeSecrets, projectSteps, runtime, WorkflowContext } from './steps';
import { timeouts } from './timeouts';
import { commandWords } from '../../../contract/command-line';
import { JOB_VARIABLE } from '../../../contract/environment-variables';
import { environmentJobId, jobName } from '../../../contract/jobs';
import { PLAN_OUTPUTS, REVIEW } from '../../../contract/outputs';
import { Environment } from '../../../delivery/environment';

type Job = github.workflows.Job;

export interface PlanNeeds {
  /** The condition of the trigger at the beginning of its chain. */
  readonly requested: string;
  /** The job that must succeed before the plan. */
  readonly artifactJob?: ArtifactJob;
}

/** Shows the plan before the approval, without privileges. */
export function environmentJob(workflowContext: WorkflowContext, environment: Environment, { requested, artifactJob }: PlanNeeds): Job {
  const { name, title, words } = environment;
  const subject = JobEnvironment.of(environment);
  return {
    name: jobName('environment', title),
    ...(artifactJob === undefined ? {} : { needs: [artifactJob.id] }),
    if: notInFork(requested),
    ...runsOnFor(workflowContext, subject),
    timeoutMinutes: timeouts(environment).plan,
    permissions: { ...readerPermissions(workflowContext), ...loginPermissions(subject, 'plan') },
    ...probeEnvironment(workflowContext, subject),
    outputs: outputsOf('plan', [...PLAN_OUTPUTS, ...(environment.reviewsChanges ? [REVIEW] : [])]),
    steps: [
      ...(environment.reviewsChanges ? projectSteps(workflowContext) : probeSteps(workflowContext, subject)),
      ...loginSteps(subject, 'plan'),
      runtime('plan', `plan ${name}`, commandWords('plan', { environment: words }), artifactEnv(workflowContext, artifactJob), probeSecrets(subject)),
    ],
  };
}

/** Deploys, verifies, promotes and bakes in the GitHub environment, after its approval; rolls back at once on failure. */
export function deployJob(workflowContext: WorkflowContext, environment: Environment, needs: DeployNeeds): Job {
  const { name, title, words } = environment;
  const limits = timeouts(environment);
  return commandJob(workflowContext, JobEnvironment.of(environment), {
    name: jobName('deploy', title),
    needs: deployNeeds(environment, needs),
    condition: deployCondition(environment, needs),
    place: name,
    queue: 'deploy',
    minutes: limits.deploy,
    env: { ...artifactEnv(workflowContext, needs.artifactJob), ...reviewEnv(environment) },
    step: { id: 'deploy', name: `deploy ${name}`, command: commandWords('deploy', { environment: words }), minutes: limits.deployStep },
  });
}

/** What was approved. A job that is run again alone gets it from the attempt that planned. */
function reviewEnv({ id, reviewsChanges }: Environment): Record<string, string> {
  return reviewsChanges ? { [JOB_VARIABLE.REVIEW]: expression(`needs.${environmentJobId('environment', id)}.outputs.${REVIEW}`) } : {};
}
