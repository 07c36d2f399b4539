/**
 * The jobs that synthesis writes: their ids and names. The runtime finds them by name, because GitHub's API does not tell a job's id.
 */

/** The four jobs of an environment in the workflow that deploys. */
export type EnvironmentJob = 'environment' | 'deploy' | 'monitor' | 'rollback';

/**
 * The id of one of an environment's four jobs: `deploy_staging`.
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
  /** rollback.yml: lets runs that began earlier deploy nothing any more. */
  HOLD: 'hold',
  /** rollback.yml: restores a release. */
  ROLLBACK: 'rollback',
  /** rollback.yml, drill.yml: confirms from a fresh runner. */
  MONITOR: 'monitor',
  /** rollback.yml, drill.yml: finishes what is open. */
  RECOVER: 'recover',
  /** rollback.yml: records what a person decided. */
  DECISION: 'decision',
  /** drill.yml: starts a run for each environment. */
  START: 'start',
  /** drill.yml: tries the way back. */
  DRILL: 'drill',
  /** monitor.yml: probes what is live. */
  WATCH: 'watch',
  STATUS_PAGE: 'status_page',
  HEARTBEAT: 'heartbeat',
} as const;

/** The jobs that are about one environment. */
export type NamedJob = EnvironmentJob | typeof JOB.HOLD | typeof JOB.RECOVER | typeof JOB.DECISION | typeof JOB.DRILL;

/** The jobs that only do something when a job before them left something open. */
export type JobIfNeeded = typeof JOB.ROLLBACK | typeof JOB.RECOVER;

/**
 * The name of a job that is about an environment: `deploy staging`.
 *
 * @param title the environment as people read it, with the subproject where there is one
 */
export function jobName(job: NamedJob, title: string): string {
  return `${job} ${title}`;
}

/** The name of a job that finishes what is open: `rollback staging (if needed)`. */
export function jobNameIfNeeded(job: JobIfNeeded, title: string): string {
  return `${jobName(job, title)} (if needed)`;
}
