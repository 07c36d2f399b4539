import { EnvironmentManifest } from './environment-manifest';
import { secretsOf } from './health-check-manifest';
import { MonitoringManifest } from './monitoring-manifest';
import { CommandManifest } from './target-manifest';

/**
 * The contract between the two halves: synthesis writes it to `.projen/delivery.json`,
 * the runtime reads it in every job. Everything is resolved here: no defaults, no lookups.
 * All times are milliseconds.
 */
export * from './environment-manifest';
export * from './health-check-manifest';
export * from './monitoring-manifest';
export * from './target-manifest';

/** Where the two halves meet, relative to the repository's root. */
export const MANIFEST_FILE = '.projen/delivery.json';
export const RUNTIME_FILE = '.projen/delivery.cjs';

/** Who writes the runtime's file. In an ejected project synthesis puts another text in its place, and no message names projen. */
export const WRITER: string = 'this file is written by projen';

/** Of the root project, or of the subproject of that name. */
export function manifestFile(project?: string): string {
  return project === undefined ? MANIFEST_FILE : `.projen/delivery-${project}.json`;
}

/** Of a workflow or an artifact, as projen names those of subprojects. */
export function nameOf(base: string, project?: string): string {
  return project === undefined ? base : `${base}_${project}`;
}

/** The workflows that a delivery writes. */
export type WorkflowKind = 'deploy' | 'rollback' | 'monitor' | 'drill';

/** The file of the workflow that a command starts, as GitHub's API names it: `rollback.yml`. */
export function workflowFileOf(kind: 'rollback' | 'drill', { project, workflowNames }: Pick<Manifest, 'project' | 'workflowNames'>): string {
  return `${workflowNames?.[kind] ?? nameOf(kind, project?.name)}.yml`;
}

/** An environment as the ledger, the lock and the queues know it: it is one project's, and no name of an environment holds a colon. */
export function keyOf(environment: string, project?: string): string {
  return project === undefined ? environment : `${project}:${environment}`;
}

/** A runtime never reads a manifest whose schema it does not know. */
export const MANIFEST_SCHEMA = 1;

/** How long a job may take to fetch one release's files from the CI's artifacts: the jobs' time limits count on it. */
export const ARTIFACT_FETCH_MS = 5 * 60_000;

export interface Manifest {
  readonly schema: number;
  /** The runtime this manifest was synthesized with. */
  readonly runtime: {
    readonly version: string;
    readonly sha256: string;
  };
  /** Absent where it is the root project. */
  readonly project?: ProjectManifest;
  readonly environments: EnvironmentManifest[];
  /** The names that were chosen for the workflows which commands start; absent where they have their standard names. */
  readonly workflowNames?: { readonly rollback?: string; readonly drill?: string };
  /** Files (relative to the project's directory) that are built once and deployed many times. */
  readonly artifact?: ArtifactManifest;
  /** What keeps two deployments of an environment apart, beside the jobs' concurrency groups and the claim in the ledger. */
  readonly lock?: LockManifest;
  /** Who is told what happens. */
  readonly alerts?: AlertManifest[];
  /** How the environments are watched on a schedule; absent where they are not. */
  readonly monitoring?: MonitoringManifest;
}

/** A project further down in the repository. */
export interface ProjectManifest {
  /** Unique in the repository: what `--project` names. */
  readonly name: string;
  /** Where its commands run, relative to the repository's root, with forward slashes. */
  readonly directory: string;
}

/** A compare-and-swap on the repository's refs: needs `contents: write`. */
export interface LockManifest {
  readonly kind: 'gitRef';
}

export interface ArtifactManifest {
  readonly paths: string[];
  /** What a person runs to build it, where the options say; for messages. */
  readonly buildLine?: string;
}

/** Names of all secrets of a delivery: its environments', its checks', its channels'. */
export function secretNames({ alerts = [], environments, monitoring }: Pick<Manifest, 'alerts' | 'environments' | 'monitoring'>): string[] {
  return [
    ...environments.flatMap(({ secrets, healthChecks, watchChecks = [] }) => [...secrets, ...[...healthChecks, ...watchChecks].flatMap(secretsOf)]),
    ...alerts.flatMap(({ secrets }) => secrets),
    ...(monitoring?.heartbeat?.secret === undefined ? [] : [monitoring.heartbeat.secret]),
  ];
}

/** Who is told what happens, and how. */
export type AlertManifest = AlertCommon & (
  | { readonly kind: 'webhook'; readonly address: string; readonly signingSecret?: string }
  | { readonly kind: 'chat'; readonly service: string; readonly address: string }
  | { readonly kind: 'pagerduty'; readonly routingKey: string; readonly url: string }
  | { readonly kind: 'githubIssue'; readonly labels: string[]; readonly assignees: string[] }
  | { readonly kind: 'command'; readonly command: CommandManifest }
);

/** `address`, `signingSecret` and `routingKey` are names of secrets, too. */
export interface AlertCommon {
  /** For a person, unique: `Slack (SLACK_WEBHOOK)`. */
  readonly name: string;
  readonly on: AlertEventName[];
  /** Absent where it is all of them. */
  readonly environments?: string[];
  /** Names of the secrets it needs; their values arrive in the process environment under the same names. */
  readonly secrets: string[];
}

export type AlertEventName = 'deployed' | 'rolledBack' | 'halted' | 'firing' | 'resolved';
