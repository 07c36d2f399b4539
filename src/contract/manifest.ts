import { EnvironmentManifest, LoginManifest } from './environment-manifest';
import { secretsOf } from './health-check-manifest';
import { MonitoringManifest } from './monitoring-manifest';
import { PreviewsManifest } from './preview-manifest';
import { CommandManifest } from './target-manifest';

/**
 * The contract between the two halves: synthesis writes it to `.projen/delivery.json`,
 * the runtime reads it in every job. Everything is resolved here: no defaults, no lookups.
 * All times are milliseconds.
 */
export * from './environment-manifest';
export * from './health-check-manifest';
export * from './monitoring-manifest';
export * from './preview-manifest';
export * from './strategy-manifest';
export * from './target-manifest';

/** The files of the runtime and its manifest, relative to the repository's root. */
export const MANIFEST_FILE = '.projen/delivery.json';
export const RUNTIME_FILE = '.projen/delivery.cjs';

/** Synthesis replaces this text in an ejected project, so that no message names projen. */
export const WRITER: string = 'this file is written by projen';

/** Returns the manifest of the root project, or of a subproject. */
export function manifestFile(project?: string): string {
  return project === undefined ? MANIFEST_FILE : `.projen/delivery-${project}.json`;
}

/** Returns the name of a workflow or an artifact, with the subproject's. */
export function nameOf(base: string, project?: string): string {
  return project === undefined ? base : `${base}_${project}`;
}

/** The workflows that a delivery writes. */
export type WorkflowKind = 'deploy' | 'rollback' | 'monitor' | 'drill' | 'plan' | 'preview';

/** Returns the file of the workflow that a command starts: `rollback.yml`. */
export function workflowFileOf(kind: 'rollback' | 'drill' | 'preview', { project, workflowNames }: Pick<Manifest, 'project' | 'workflowNames'>): string {
  return `${workflowNames?.[kind] ?? nameOf(kind, project?.name)}.yml`;
}

/** Returns the environment's key in the ledger, the lock and concurrency groups. No environment's name contains a colon. */
export function keyOf(environment: string, project?: string): string {
  return project === undefined ? environment : `${project}:${environment}`;
}

/** A runtime never reads a manifest whose schema it does not know. */
export const MANIFEST_SCHEMA = 1;

/** The time limit for fetching the files of one release, which is part of the jobs' time limits. */
export const ARTIFACT_FETCH_MS = 5 * 60_000;

export interface Manifest {
  readonly schema: number;
  /** The runtime this manifest was synthesized with. */
  readonly runtime: {
    readonly version: string;
    readonly sha256: string;
  };
  /** Absent for the root project. */
  readonly project?: ProjectManifest;
  readonly environments: EnvironmentManifest[];
  /** The chosen names of workflows that commands start; absent for the default names. */
  readonly workflowNames?: { readonly rollback?: string; readonly drill?: string; readonly preview?: string };
  /** Files (relative to the project's directory) that are built once and deployed many times. */
  readonly artifact?: ArtifactManifest;
  /** A container image that is built once and deployed by digest, instead of files or beside them. */
  readonly image?: ImageManifest;
  /** The lock in addition to the jobs' concurrency groups and the claim in the ledger. */
  readonly lock?: LockManifest;
  /** The channels of notifications. */
  readonly alerts?: AlertManifest[];
  /** The watch on a schedule, if there is one. */
  readonly monitoring?: MonitoringManifest;
  /** What pull requests show; absent for nothing. */
  readonly pullRequests?: PullRequestsManifest;
  /** The environments of pull requests; absent for none. */
  readonly previews?: PreviewsManifest;
}

export interface PullRequestsManifest {
  /** Whether a workflow plans them. */
  readonly plan: true;
  /** The files of which a push to a branch must change one to deploy. @default - each push deploys */
  readonly onlyIfChanged?: string[];
  /** The environments whose jobs read what the merge would change in the engine. @default - none */
  readonly changes?: string[];
}

/** A subproject. */
export interface ProjectManifest {
  /** Unique in the repository: what `--project` names. */
  readonly name: string;
  /** The directory of its commands, relative to the repository's root, with forward slashes. */
  readonly directory: string;
}

/** A compare-and-swap on the repository's refs: needs `contents: write`. */
export interface LockManifest {
  readonly kind: 'gitRef';
}

export interface ArtifactManifest {
  readonly paths: string[];
  /** The command that builds it, for messages; absent if the options define none. */
  readonly buildLine?: string;
}

export interface ImageManifest {
  /** With the registry's host, without a tag: `ghcr.io/acme/shop`. */
  readonly repository: string;
  readonly build: ImageBuildManifest;
  /** The command that builds what the image contains; absent if the options define none. */
  readonly buildLine?: string;
  /** The role that pushes. */
  readonly login?: LoginManifest;
}

/** The parts of the name of a private registry of AWS. */
export interface EcrRegistry {
  readonly account: string;
  readonly region: string;
}

/** The registry of an image's repository, if AWS has it: `111122223333.dkr.ecr.eu-central-1.amazonaws.com`. */
export function ecrOf(registry: string): EcrRegistry | undefined {
  const [, account, region] = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/.exec(registry) ?? [];
  return account === undefined ? undefined : { account, region: region! };
}

/** How `build` makes and pushes it. `context` and `file` are relative to the project's directory. */
export type ImageBuildManifest =
  | {
    readonly kind: 'docker';
    readonly context: string;
    readonly file?: string;
    readonly stage?: string;
    readonly args?: Record<string, string>;
    readonly platform?: string;
  }
  | { readonly kind: 'command'; readonly command: CommandManifest };

/** The time limit of each command that builds or pushes an image. */
export const IMAGE_BUILD_MS = 50 * 60_000;

/** Returns the names of all secrets of environments, checks and channels. */
export function secretNames({ alerts = [], environments, monitoring, previews }: Pick<Manifest, 'alerts' | 'environments' | 'monitoring' | 'previews'>): string[] {
  return [
    ...[...environments, ...previews ? [previews.environment] : []].flatMap(({ secrets, healthChecks, watchChecks = [] }) => (
      [...secrets, ...[...healthChecks, ...watchChecks].flatMap(secretsOf)]
    )),
    ...alerts.flatMap(({ secrets }) => secrets),
    ...(monitoring?.heartbeat?.secret === undefined ? [] : [monitoring.heartbeat.secret]),
  ];
}

/** A channel of notifications. */
export type AlertManifest = AlertCommon & (
  | { readonly kind: 'webhook'; readonly address: string; readonly signingSecret?: string }
  | { readonly kind: 'chat'; readonly service: string; readonly address: string }
  | { readonly kind: 'pagerduty'; readonly routingKey: string; readonly url: string }
  | { readonly kind: 'githubIssue'; readonly labels: string[]; readonly assignees: string[] }
  | { readonly kind: 'command'; readonly command: CommandManifest }
);

/** `address`, `signingSecret` and `routingKey` are also names of secrets. */
export interface AlertCommon {
  /** A unique name for messages: `Slack (SLACK_WEBHOOK)`. */
  readonly name: string;
  readonly on: AlertEventName[];
  /** Absent for all environments. */
  readonly environments?: string[];
  /** The names of its secrets, whose values are in the process environment. */
  readonly secrets: string[];
}

export type AlertEventName = 'deployed' | 'rolledBack' | 'halted' | 'firing' | 'resolved';
