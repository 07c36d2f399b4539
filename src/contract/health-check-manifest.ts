import { CommandManifest } from './target-manifest';

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
