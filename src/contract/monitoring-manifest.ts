/**
 * The number of environments that the watch probes concurrently. A service that does not respond takes a place for
 * `(retries + 1) x timeout`. Twice as many would take 8 MB more, and would not be faster if all are healthy.
 */
export const WATCHED_AT_ONCE = 25;

/** The settings of the watch. */
export interface MonitoringManifest {
  /** The names of the watched environments; never empty. */
  readonly environments: string[];
  readonly intervalMs: number;
  /** How often a run repeats an unhealthy probe, at the check's interval. */
  readonly retries: number;
  /** The number of consecutive unhealthy runs after which an alert fires. */
  readonly firesAfter: number;
  /** The number of consecutive healthy runs after which it resolves. */
  readonly resolvesAfter: number;
  /** The time between reminders; absent: none. */
  readonly remindEveryMs?: number;
  /** Requested after each run that found everything healthy. */
  readonly heartbeat?: HeartbeatManifest;
  /** A firing alert rolls back a release that became Stable within this time. */
  readonly rollback?: { readonly withinMs: number };
  /** The file of the watch's workflow: `monitor.yml`. */
  readonly workflow: string;
  /** The workflows that deploy or roll back. */
  readonly deploymentWorkflows: DeploymentWorkflowManifest[];
  /** The status page, if there is one. */
  readonly statusPage?: StatusPageManifest;
}

/**
 * A workflow with jobs that may wait for an approval. The names are those of the workflow's file, because GitHub's API returns no job ids.
 */
export interface DeploymentWorkflowManifest {
  /** `deploy.yml` */
  readonly file: string;
  /** The name of a job that deploys -> the environment. */
  readonly deployments: Record<string, string>;
  /** The name of a job that rolls back -> the environment. */
  readonly rollbacks: Record<string, string>;
}

export type StatusPageManifest =
  | { readonly kind: 'branch'; readonly branch: string }
  /** The artifact's name. */
  | { readonly kind: 'artifact'; readonly name: string };

/** One of the two. */
export interface HeartbeatManifest {
  readonly url?: string;
  /** The name of the variable in the process environment that holds the URL. */
  readonly secret?: string;
}
