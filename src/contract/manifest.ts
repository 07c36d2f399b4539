/**
 * The contract between the two halves: synthesis writes it to `.projen/delivery.json`,
 * the runtime reads it in every job. Everything is resolved here: no defaults, no lookups.
 * All times are milliseconds.
 */

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

/** An environment as the ledger, the lock and the queues know it: it is one project's, and no name of an environment holds a colon. */
export function keyOf(environment: string, project?: string): string {
  return project === undefined ? environment : `${project}:${environment}`;
}

/** A runtime never reads a manifest whose schema it does not know. */
export const MANIFEST_SCHEMA = 3;

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
  /** Files (relative to the project's directory) that are built once and deployed many times. */
  readonly artifact?: ArtifactManifest;
  /** What keeps two deployments of an environment apart, beside the jobs' concurrency groups and the claim in the ledger. */
  readonly lock?: LockManifest;
  /** Who is told what happens. */
  readonly alerts?: AlertManifest[];
  /** How the environments are watched on a schedule; absent where they are not. */
  readonly monitoring?: MonitoringManifest;
}

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
  /** The files of the workflows that deploy or roll back: a job of theirs may wait for an approval. */
  readonly deploymentWorkflows: string[];
  /** Where the page is that shows how the environments were; absent: nowhere. */
  readonly statusPage?: StatusPageManifest;
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
}

export interface EnvironmentManifest {
  readonly name: string;
  readonly url: string;
  readonly trigger: TriggerManifest;
  /** Set where a deployment may bring a lower version than Stable's. */
  readonly allowDowngrade?: true;
  readonly variables: Record<string, string>;
  /** Names of secrets; their values arrive in the process environment under the same names. */
  readonly secrets: string[];
  readonly strategy: StrategyManifest;
  readonly target: TargetManifest;
  /** Run before the target's `deploy`, never in a rollback. */
  readonly beforeDeploy?: CommandManifest;
  /** Run after whatever makes a release visible to users, also in a rollback. */
  readonly afterPromote?: CommandManifest;
  /** What a deployment is held against. Never empty. */
  readonly healthChecks: HealthCheckManifest[];
  /** What only the watch on a schedule asks. */
  readonly watchChecks?: HealthCheckManifest[];
  /** Asked when the service does not answer: if this does not answer either, the prober's own network is at fault. */
  readonly controlUrl?: string;
  /** When nothing is deployed here. Rollbacks are never frozen. */
  readonly freezes: FreezeManifest[];
}

/** Times are wall-clock times in an IANA time zone. */
export type FreezeManifest =
  | {
    readonly kind: 'weekly';
    readonly from: WeeklyTime;
    readonly until: WeeklyTime;
    readonly timeZone: string;
    readonly reason?: string;
  }
  | {
    readonly kind: 'between';
    /** `2026-12-24T00:00`, without an offset. */
    readonly from: string;
    readonly until: string;
    readonly timeZone: string;
    readonly reason?: string;
  };

export interface WeeklyTime {
  /** 1 is Monday, 7 is Sunday, as in ISO 8601. */
  readonly weekday: number;
  /** Minutes since midnight, on the clock on the wall. */
  readonly minute: number;
}

export type TriggerManifest =
  | { readonly kind: 'branch'; readonly branch: string }
  | { readonly kind: 'tag'; readonly pattern: string; readonly except?: string; readonly requires?: string }
  | { readonly kind: 'manual' }
  | { readonly kind: 'after'; readonly environment: string }
  /** `branches` is absent where the project is released from one branch only. */
  | { readonly kind: 'release'; readonly branches?: string[]; readonly prereleases?: true };

export type StrategyManifest =
  | { readonly kind: 'redeploy'; readonly bakeMs: number; readonly commandTimeoutMs: number }
  | {
    readonly kind: 'blueGreen';
    readonly bakeMs: number;
    readonly commandTimeoutMs: number;
    /** Where the idle slot answers; `{slot}` stands for the slot's name. */
    readonly candidateUrl?: string;
  };

/** A step of a target: ready to be executed, nothing is ever pasted in. */
export type CommandManifest =
  | { readonly kind: 'exec'; readonly argv: string[] }
  | { readonly kind: 'bash'; readonly line: string };

export interface TargetManifest {
  /** Run before `deploy`, never in a rollback. */
  readonly migrate?: CommandManifest;
  readonly deploy: CommandManifest;
  readonly promote?: CommandManifest;
  readonly rollback?: CommandManifest;
  /** Run before the first change, so that a registry outage cannot cost a rollback. */
  readonly warmUp?: CommandManifest;
}

/** What all health checks have. */
export interface CheckManifest {
  readonly name: string;
  /** Whether the watch leaves it out. */
  readonly gateOnly?: boolean;
  /** What is asked, for a person: a URL, or what stands for one. */
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  readonly deadlineMs: number;
  /** How long an answer of the release that is replaced is waited for; absent where no answer names a release. At most the deadline. */
  readonly propagationMs?: number;
  /** Set where it cannot be asked of a candidate: it is not asked before users see the release. */
  readonly liveOnly?: true;
}

export type HealthCheckManifest =
  | HttpCheckManifest
  | TcpCheckManifest
  | CommandCheckManifest
  | PrometheusCheckManifest
  | DnsCheckManifest
  | CertificateCheckManifest
  | GroupCheckManifest;

export interface HttpCheckManifest extends CheckManifest {
  readonly kind: 'http';
  /** Inclusive ranges. */
  readonly status: StatusRange[];
  /** Source of a regular expression the body must match. */
  readonly bodyPattern?: string;
  readonly json: JsonConditionManifest[];
  readonly headers: HeaderConditionManifest[];
  readonly maxLatencyMs?: number;
  /** The certificate must be valid for longer than this. */
  readonly certificateExpiryMs?: number;
  readonly requestHeaders: Record<string, string>;
  /** Header name -> name of the variable in the process environment that holds its value. */
  readonly secretRequestHeaders: Record<string, string>;
  readonly maxRedirects: number;
  /** Set where the environment's proxy is not used, or used on loopback, too. */
  readonly useProxy?: boolean;
  readonly release?: ReleaseIdentityManifest;
}

export interface AddressManifest {
  readonly host: string;
  readonly port: number;
}

export interface TcpCheckManifest extends CheckManifest {
  readonly kind: 'tcp';
  readonly address: AddressManifest;
  /** Where a candidate is asked; `{slot}` in its host stands for the slot's name. */
  readonly candidate?: AddressManifest;
  /** Text that is sent once the connection stands. */
  readonly send?: string;
  /** Source of a regular expression that what comes back must match. */
  readonly expect?: string;
}

export interface CommandCheckManifest extends CheckManifest {
  readonly kind: 'command';
  readonly command: CommandManifest;
  /** Source of a regular expression that the output must match. */
  readonly output?: string;
  /** Names of the secrets it gets, and no others. */
  readonly secrets: string[];
}

export interface PrometheusCheckManifest extends CheckManifest {
  readonly kind: 'prometheus';
  readonly query: string;
  /** Each series of the answer stands left of it. */
  readonly operator: '<' | '<=' | '>' | '>=';
  readonly value: number;
  /** Set where the environment's proxy is not used, or used on loopback, too. */
  readonly useProxy?: boolean;
  /** Header name -> name of the variable in the process environment that holds its value. */
  readonly secretRequestHeaders: Record<string, string>;
}

export interface DnsCheckManifest extends CheckManifest {
  readonly kind: 'dns';
  readonly host: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'TXT';
  /** All of them must be in the answer; empty: any answer will do. */
  readonly records: string[];
  /** `address:port`; absent: the machine's own resolvers. */
  readonly resolver?: string;
}

export interface CertificateCheckManifest extends CheckManifest {
  readonly kind: 'certificate';
  readonly address: AddressManifest;
  /** The certificates must be valid for longer than this. */
  readonly validForMs: number;
}

/** Its members' own intervals, thresholds and deadlines do not count. */
export interface GroupCheckManifest extends CheckManifest {
  readonly kind: 'allOf' | 'anyOf';
  /** Never empty. */
  readonly checks: HealthCheckManifest[];
}

/** Names of the secrets that a probe of a check needs. */
export function secretsOf(check: HealthCheckManifest): string[] {
  if ('checks' in check) return check.checks.flatMap(secretsOf);
  return 'secretRequestHeaders' in check ? Object.values(check.secretRequestHeaders) : 'secrets' in check ? check.secrets : [];
}

/** Names of all secrets of a delivery: its environments', its checks', its channels'. */
export function secretNames({ alerts = [], environments, monitoring }: Pick<Manifest, 'alerts' | 'environments' | 'monitoring'>): string[] {
  return [
    ...environments.flatMap(({ secrets, healthChecks, watchChecks = [] }) => [...secrets, ...[...healthChecks, ...watchChecks].flatMap(secretsOf)]),
    ...alerts.flatMap(({ secrets }) => secrets),
    ...(monitoring?.heartbeat?.secret === undefined ? [] : [monitoring.heartbeat.secret]),
  ];
}

/** A gate is prolonged by no more than this for a process that gets no turn: a runner that is starved for longer halts the deployment. */
export const STARVED_MOST_MS = 30_000;

/**
 * How long the gate of these checks may take at most, a bake not counted: a check that was healthy and wavers while others are at work
 * gets another deadline, one that was healthy too late gets time for one more row, and a probe under way ends by itself.
 */
export function longestVerdictMs(checks: readonly HealthCheckManifest[]): number {
  const deadlines = checks.length > 1 ? 2 : 1;
  return STARVED_MOST_MS + Math.max(...checks.map(({ deadlineMs, intervalMs, successThreshold, timeoutMs }) => (
    deadlines * deadlineMs + successThreshold * intervalMs + 2 * timeoutMs
  )));
}

/** How long an asynchronous deployment may take to show, as far as the checks know. */
export function longestPropagationMs(checks: readonly HealthCheckManifest[]): number {
  return Math.max(0, ...checks.map(({ propagationMs = 0 }) => propagationMs));
}

/** Whether a healthy answer says which release gave it. */
export function knowsRelease(check: HealthCheckManifest): boolean {
  if (check.kind === 'allOf') return check.checks.some(knowsRelease);
  if (check.kind === 'anyOf') return check.checks.every(knowsRelease);
  return check.kind === 'http' && check.release !== undefined;
}

export interface StatusRange {
  readonly first: number;
  readonly last: number;
}

export interface JsonConditionManifest {
  /** Dotted path into the answer's JSON body, e.g. `checks.database`. */
  readonly path: string;
  readonly equals: string | number | boolean;
}

export interface HeaderConditionManifest {
  readonly name: string;
  /** Source of a regular expression the header's value must match. */
  readonly pattern: string;
}

export type ReleaseIdentityManifest =
  | { readonly kind: 'json'; readonly path: string }
  | { readonly kind: 'header'; readonly name: string };

/** Who is told what happens, and how. */
export type AlertManifest = AlertCommon & (
  | { readonly kind: 'webhook'; readonly address: string; readonly signingSecret?: string }
  | { readonly kind: 'slack' | 'teams' | 'discord'; readonly address: string }
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
