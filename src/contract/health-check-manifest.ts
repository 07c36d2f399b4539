import { CommandManifest } from './target-manifest';

/** What all health checks have. */
export interface CheckManifest {
  readonly name: string;
  /** Whether only deployments run it. */
  readonly gateOnly?: boolean;
  /** The address in messages: a URL or a similar text. */
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  readonly deadlineMs: number;
  /** How long the previous state (the replaced release, or an alarm) does not count, at most the deadline. Absent if the check cannot distinguish it from the new one. */
  readonly propagationMs?: number;
  /** Set if it cannot probe a candidate: it runs only after users see the release. */
  readonly liveOnly?: true;
}

export type HealthCheckManifest =
  | HttpCheckManifest
  | TcpCheckManifest
  | CommandCheckManifest
  | PrometheusCheckManifest
  | DnsCheckManifest
  | CertificateCheckManifest
  | CloudWatchAlarmCheckManifest
  | GroupCheckManifest;

export interface HttpCheckManifest extends CheckManifest {
  readonly kind: 'http';
  /** Set if an output in the URL may lead to plain http. */
  readonly allowInsecure?: true;
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
  /** False: the proxy of the process environment is not used. True: it is also used for loopback addresses. */
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
  /** The address of a candidate; `{slot}` in its host stands for the slot's name. */
  readonly candidate?: AddressManifest;
  /** The text that is sent after connecting. */
  readonly send?: string;
  /** Source of a regular expression that the response must match. */
  readonly expect?: string;
}

export interface CommandCheckManifest extends CheckManifest {
  readonly kind: 'command';
  readonly command: CommandManifest;
  /** Source of a regular expression that the output must match. */
  readonly output?: string;
  /** The names of its secrets. */
  readonly secrets: string[];
}

export interface PrometheusCheckManifest extends CheckManifest {
  readonly kind: 'prometheus';
  readonly query: string;
  /** Compares each series of the response with `value`. */
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
  /** The records that the response must contain; empty: any response is healthy. */
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

export interface CloudWatchAlarmCheckManifest extends CheckManifest {
  readonly kind: 'cloudWatchAlarm';
  readonly alarm: string;
  /** Absent: the region of the job's sign-in. */
  readonly region?: string;
  /** What an alarm without enough data says. */
  readonly insufficientData: 'inconclusive' | 'ok';
  /** Whether the alarm may be missing before the first change. */
  readonly createdByDeployment?: true;
}

/** The intervals, thresholds and deadlines of its members are ignored. */
export interface GroupCheckManifest extends CheckManifest {
  readonly kind: 'allOf' | 'anyOf';
  /** Never empty. */
  readonly checks: HealthCheckManifest[];
}

/** Returns the names of a check's secrets. */
export function secretsOf(check: HealthCheckManifest): string[] {
  if ('checks' in check) return check.checks.flatMap(secretsOf);
  return 'secretRequestHeaders' in check ? Object.values(check.secretRequestHeaders) : 'secrets' in check ? check.secrets : [];
}

/** Returns the alarms of a check, those of its members included. */
export function alarmsOf(check: HealthCheckManifest): CloudWatchAlarmCheckManifest[] {
  if ('checks' in check) return check.checks.flatMap(alarmsOf);
  return check.kind === 'cloudWatchAlarm' ? [check] : [];
}

/** The longest extension of a gate for a process without CPU time. After it the deployment halts. */
export const STARVED_MOST_MS = 30_000;

/**
 * Returns the longest time that a gate of these checks can take, without a bake. A check that becomes unhealthy while others are pending gets
 * a second deadline, a check that becomes healthy late gets time for its threshold, and a running probe is not interrupted.
 */
export function longestVerdictMs(checks: readonly HealthCheckManifest[]): number {
  const deadlines = checks.length > 1 ? 2 : 1;
  return STARVED_MOST_MS + Math.max(...checks.map(({ deadlineMs, intervalMs, successThreshold, timeoutMs }) => (
    deadlines * deadlineMs + successThreshold * intervalMs + 2 * timeoutMs
  )));
}

/**
 * Returns the longest time until the checks find a service bad that they watch, and that worked until then: the slowest check decides,
 * because a fault may be one that no other check sees. Probes never overlap, so a slow one delays the next.
 */
export function longestDetectionMs(checks: readonly Pick<HealthCheckManifest, 'intervalMs' | 'timeoutMs' | 'failureThreshold'>[]): number {
  return Math.max(...checks.map(({ failureThreshold, intervalMs, timeoutMs }) => (
    // it may break as soon as a probe is over
    intervalMs + (failureThreshold - 1) * Math.max(intervalMs, timeoutMs) + timeoutMs
  )));
}

/** Returns the longest propagation of the checks. */
export function longestPropagationMs(checks: readonly HealthCheckManifest[]): number {
  return Math.max(0, ...checks.map(({ propagationMs = 0 }) => propagationMs));
}

/** Returns whether a healthy response identifies the release. */
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
  /** Dotted path into the response's JSON body, for example `checks.database`. */
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
