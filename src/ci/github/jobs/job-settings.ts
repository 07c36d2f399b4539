import { github } from 'projen';
import { JobEnvironment } from './job-environment';
import { WorkflowContext } from './steps';

type Job = github.workflows.Job;

const { READ, WRITE } = github.workflows.JobPermission;

export function runsOn({ hub }: WorkflowContext, { runsOn: labels }: { runsOn?: string[] }): Pick<Job, 'runsOn' | 'runsOnGroup'> {
  return hub.runsOnConfig({ runsOn: labels });
}

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

/** Secrets, reviewers and wait timers apply, but GitHub records no deployment: it would record the job's result. */
export function jobEnvironment({ compatibility }: WorkflowContext, name: string, url?: string): Record<string, unknown> {
  return { name, ...(url === undefined ? {} : { url }), ...(compatibility.withoutDeploymentFalse ? {} : { deployment: false }) };
}

/** The GitHub environment from which a job that only probes reads its secrets, if it needs any. */
export function probeEnvironment(workflowContext: WorkflowContext, subject: JobEnvironment): Pick<Job, 'environment'> {
  const name = subject.text(({ looksFromEnvironment, monitorEnvironment }) => (looksFromEnvironment ? monitorEnvironment : undefined));
  return jobEnvironmentIfAny(workflowContext, name);
}

/** GitHub takes an empty name for no environment. */
export function jobEnvironmentIfAny(workflowContext: WorkflowContext, name: string | undefined): Pick<Job, 'environment'> {
  return name === undefined ? {} : { environment: jobEnvironment(workflowContext, name) };
}

export type Queue = 'deploy' | 'rollback';

/** All jobs of the group wait and none is cancelled; otherwise a waiting rollback would be lost. */
export function queue({ compatibility }: WorkflowContext, kind: Queue, { key }: JobEnvironment): Record<string, unknown> {
  return { 'group': `delivery-${kind}-${key}`, 'cancel-in-progress': false, ...(compatibility.withoutQueueMax ? {} : { queue: 'max' }) };
}

/** For jobs that read the ledger, and an artifact of another run. */
export function readerPermissions(workflowContext: WorkflowContext): github.workflows.JobPermissions {
  return { contents: READ, deployments: READ, ...(workflowContext.hasFiles ? { actions: READ } : {}), ...registryPermissions(workflowContext) };
}

/** For jobs that look whether an image still exists. Only the job that builds may push. */
export function registryPermissions({ image }: WorkflowContext): github.workflows.JobPermissions {
  return image?.registryLogin?.kind === 'jobToken' ? { packages: READ } : {};
}

/** For jobs that record a decision in the ledger and deploy nothing. */
export const DECISION_PERMISSIONS: github.workflows.JobPermissions = { contents: READ, deployments: WRITE };

/** For the job that holds: it records a decision, and looks whether what a rollback needs is still there. */
export function holdPermissions(workflowContext: WorkflowContext): github.workflows.JobPermissions {
  return { ...readerPermissions(workflowContext), ...DECISION_PERMISSIONS };
}

/** For jobs that deploy: they also hold the lock, and read whether the run of an open deployment is still in progress. */
export function carrierPermissions({ writesRefs }: WorkflowContext): github.workflows.JobPermissions {
  return { contents: writesRefs ? WRITE : READ, deployments: WRITE, actions: READ };
}

/** Passes on outputs of one step. */
export function outputsOf(stepId: string, names: readonly string[]): Record<string, github.workflows.JobStepOutput> {
  return Object.fromEntries(names.map((outputName) => [outputName, { stepId, outputName }]));
}
