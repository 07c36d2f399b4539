import { github } from 'projen';

/** A step of a job, as users write it in options. */
export type JobStep = github.workflows.JobStep;

/** The permissions of a job's token. */
export type JobPermissions = github.workflows.JobPermissions;

/** Read or write access. */
export const { JobPermission } = github.workflows;

/** A workflow that users extend. */
export type GithubWorkflow = github.GithubWorkflow;

export function isGithubWorkflow(value: unknown): value is GithubWorkflow {
  return value instanceof github.GithubWorkflow;
}
