/**
 * So many environments a run of the watch has in hand side by side; of more, the next begins when one is done. A service that is silent
 * keeps its place for `(retries + 1) x timeout`. Twice as many would take 8 MB more, and be no faster where all is well.
 */
export const WATCHED_AT_ONCE = 25;

/** What the watch does, and how often. */
export interface MonitoringManifest {
  /** The names of those that are watched; never empty. */
  readonly environments: string[];
  readonly intervalMs: number;
  /** How often a check is asked again within one run, at its own interval. */
  readonly retries: number;
  /** So many bad results in a row, over runs, make an alert fire. */
  readonly firesAfter: number;
  /** So many healthy results in a row, over runs, resolve it. */
  readonly resolvesAfter: number;
  /** How often people are told again; absent: once. */
  readonly remindEveryMs?: number;
  /** What is asked for after each run that found everything healthy. */
  readonly heartbeat?: HeartbeatManifest;
  /** A release that became Stable no longer ago than this is taken back when a check fires. */
  readonly rollback?: { readonly withinMs: number };
  /** The file of the watch's workflow: `monitor.yml`. */
  readonly workflow: string;
  /** The workflows that deploy or roll back. */
  readonly deploymentWorkflows: DeploymentWorkflowManifest[];
  /** Where the page is that shows how the environments were; absent: nowhere. */
  readonly statusPage?: StatusPageManifest;
}

/**
 * A workflow with jobs that may wait for an approval. GitHub's API tells a job's name and not its id: these are the names that stand in
 * the workflow's file, whoever gave them.
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
