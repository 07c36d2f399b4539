import { github } from 'projen';

/** A step of a job, as users write it in options. */
export type JobStep = github.workflows.JobStep;

/** A workflow that users extend. */
export type GithubWorkflow = github.GithubWorkflow;

export function isGithubWorkflow(value: unknown): value is GithubWorkflow {
  return value instanceof github.GithubWorkflow;
}
