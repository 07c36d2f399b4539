/**
 * The ids and names of the jobs. The runtime finds jobs by name, because GitHub's API returns no job ids.
 */

/** The four jobs of an environment in the workflow that deploys. */
export type EnvironmentJob = 'environment' | 'deploy' | 'monitor' | 'rollback';

/**
 * Returns the id of one of an environment's four jobs: `deploy_staging`.
 *
 * @param environment the environment as a part of an id
 */
export function environmentJobId(job: EnvironmentJob, environment: string): string {
  return `${job}_${environment}`;
}

/** The jobs that appear once in a workflow. */
export const JOB = {
  /** Builds the release's files. */
  BUILD: 'build',
  /** Keeps the release's files, in a workflow that has other jobs. */
  RELEASE: 'delivery_release',
  /** rollback.yml: prevents deployments by runs that began earlier. */
  HOLD: 'hold',
  /** rollback.yml: restores a release. */
  ROLLBACK: 'rollback',
  /** rollback.yml, drill.yml: confirms from a fresh runner. */
  MONITOR: 'monitor',
  /** rollback.yml, drill.yml: finishes an open deployment. */
  RECOVER: 'recover',
  /** rollback.yml: records a person's decision. */
  DECISION: 'decision',
  /** drill.yml: starts a run for each environment. */
  START: 'start',
  /** drill.yml: tests the rollback. */
  DRILL: 'drill',
  /** monitor.yml: probes the live releases. */
  WATCH: 'watch',
  STATUS_PAGE: 'status_page',
  HEARTBEAT: 'heartbeat',
  /** plan.yml: plans what merging a pull request would do. */
  PLAN_MERGE: 'plan_merge',
  /** plan.yml: writes the plan into the pull request. */
  COMMENT: 'comment',
  /** preview.yml: records what is to be deployed, before the code of the pull request runs. */
  BEGIN_PREVIEW: 'begin_preview',
  /** preview.yml: verifies and records what the code of the pull request deployed. */
  FINISH_PREVIEW: 'finish_preview',
  /** preview.yml: runs the commands of the head commit of a pull request of the repository. */
  PREVIEW: 'preview',
  /** preview.yml: runs the commands of a commit of a fork, after its approval. */
  PREVIEW_FORK: 'preview_fork',
  /** preview.yml: removes a preview. */
  REMOVE_PREVIEW: 'remove_preview',
  /** preview.yml: starts the removal of each preview that is left over. */
  SWEEP: 'sweep',
} as const;

/**
 * Returns the id of the job in plan.yml that reads what a merge would change in the engine: `changes_staging`.
 *
 * @param environment the environment as a part of an id
 */
export function changesJobId(environment: string): string {
  return `changes_${environment}`;
}

/** The jobs of one environment. */
export type NamedJob = EnvironmentJob | typeof JOB.HOLD | typeof JOB.RECOVER | typeof JOB.DECISION | typeof JOB.DRILL;

/** The jobs that do something only if an earlier job left a deployment open. */
export type JobIfNeeded = typeof JOB.ROLLBACK | typeof JOB.RECOVER;

/**
 * Returns the name of a job of an environment: `deploy staging`.
 *
 * @param title the environment's title, with the subproject
 */
export function jobName(job: NamedJob, title: string): string {
  return `${job} ${title}`;
}

/** Returns the name of a job that finishes an open deployment: `rollback staging (if needed)`. */
export function jobNameIfNeeded(job: JobIfNeeded, title: string): string {
  return `${jobName(job, title)} (if needed)`;
}
