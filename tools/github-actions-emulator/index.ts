export { findPython } from './actions/set-up-python';
export { pullRequestEvent, type WorkflowEvent } from './event';
export { type EnvironmentSettings, GithubActions, type GithubActionsOptions, type StartedRun, type StepReplacement } from './github-actions';
export { WorkflowRejected } from './unsupported';
export { type Annotation, JobRecord, type LegRecord, type Result, type RunEvent, type RunRecord, type StepRecord } from './run-event';
export { GITHUB_TIMES, shortened, type Times } from './times';
export type { Step, Workflow } from './workflow';
export { WorkflowRun } from './workflow-run';
export { atRequest } from './request-watch';
