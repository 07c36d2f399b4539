import { github } from 'projen';
import { JobEnvironment } from './job-environment';
import { WorkflowContext } from './steps';

type Job = github.workflows.Job;

const { READ, WRITE } = github.workflows.JobPermission;

/** What the jobs of all our workflows are made of. */

export function runsOn({ hub }: WorkflowContext, { runsOn: labels }: { runsOn?: string[] }): Pick<Job, 'runsOn' | 'runsOnGroup'> {
  return hub.runsOnConfig({ runsOn: labels });
}

/** Of a job that is about an environment. */
export function runsOnFor(workflowContext: WorkflowContext, subject: JobEnvironment): Pick<Job, 'runsOn' | 'runsOnGroup'> {
  const common = subject.common((environment) => environment.runsOn ?? null);
  if (common) return runsOn(workflowContext, { runsOn: common.value ?? undefined });
  return {
    runsOn: [subject.pick((environment) => {
      const { runsOn: labels, runsOnGroup: group } = runsOn(workflowContext, environment);
      return group ?? (labels?.length === 1 ? labels[0] : labels);
    })],
  };
}

/** GitHub's secrets, reviewers and wait timers apply, but the record is ours: GitHub's would be the job's result. */
export function jobEnvironment({ compatibility }: WorkflowContext, name: string, url?: string): Record<string, unknown> {
  return { name, ...(url === undefined ? {} : { url }), ...(compatibility.withoutDeploymentFalse ? {} : { deployment: false }) };
}

/** Where a job that only looks reads the headers' secrets from, if it sends any. */
export function probeEnvironment(workflowContext: WorkflowContext, subject: JobEnvironment): Pick<Job, 'environment'> {
  const name = subject.text(({ looksFromEnvironment, monitorEnvironment }) => (looksFromEnvironment ? monitorEnvironment : undefined));
  return jobEnvironmentIfAny(workflowContext, name);
}

/** None for a job that needs none. A name that is empty in the end is none, too, as GitHub reads it. */
export function jobEnvironmentIfAny(workflowContext: WorkflowContext, name: string | undefined): Pick<Job, 'environment'> {
  return name === undefined ? {} : { environment: jobEnvironment(workflowContext, name) };
}

export type Queue = 'deploy' | 'rollback';

/** All wait, none is cancelled: a rollback in the queue would vanish. */
export function queue({ compatibility }: WorkflowContext, kind: Queue, { key }: JobEnvironment): Record<string, unknown> {
  return { 'group': `delivery-${kind}-${key}`, 'cancel-in-progress': false, ...(compatibility.withoutQueueMax ? {} : { queue: 'max' }) };
}

/** What reads the ledger, and an artifact that may be another run's. */
export function readerPermissions({ artifact }: WorkflowContext): github.workflows.JobPermissions {
  return { contents: READ, deployments: READ, ...(artifact ? { actions: READ } : {}) };
}

/** What writes a decision into the ledger and carries no deployment. */
export const DECISION_PERMISSIONS: github.workflows.JobPermissions = { contents: READ, deployments: WRITE };

/** What carries a deployment: it also asks whether the run that left one open is still at work, and holds the lock. */
export function carrierPermissions({ writesRefs }: WorkflowContext): github.workflows.JobPermissions {
  return { contents: writesRefs ? WRITE : READ, deployments: WRITE, actions: READ };
}

/** A job's outputs, which are outputs of one step. */
export function outputsOf(stepId: string, names: readonly string[]): Record<string, github.workflows.JobStepOutput> {
  return Object.fromEntries(names.map((outputName) => [outputName, { stepId, outputName }]));
}
