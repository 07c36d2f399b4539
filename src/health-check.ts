import { Duration, millisecondsOf, showDuration } from './duration';
import { inKeyOrder } from './key-order';
import { HeaderConditionManifest, HealthCheckManifest, JsonConditionManifest, StatusRange as StatusRangeManifest } from './manifest';
import { refuse, show } from './refusal';
import { ReleaseIdentity, headerName, jsonPath } from './release-identity';
import { environmentVariableName, secretName } from './variable-names';
import { webAddress } from './web-address';

/** A value that an answer's JSON body must hold. */
export interface JsonCondition {
  /** Dotted path into the body, for example `checks.database`. */
  readonly path: string;
  /** What must be there: a string, a number or a boolean. Types count: `1` is not `'1'`. */
  readonly value: string | number | boolean;
}

/** What a header of the answer must look like. */
export interface HeaderCondition {
  /** The header's name; case does not matter. */
  readonly name: string;
  /** A regular expression (JavaScript) that the header's value must match somewhere. Write `^...$` for the whole value. */
  readonly pattern: string;
}

/** A range of HTTP status codes, both ends included. */
export interface StatusRange {
  /** The first status of the range, 100 to 599. */
  readonly first: number;
  /** The last status of the range, 100 to 599. */
  readonly last: number;
}

/**
 * When an HTTP health check is satisfied, and how often it looks.
 */
export interface HttpHealthCheckOptions {
  /**
   * What the check is called in logs and summaries; unique in its environment.
   *
   * @default - host and path of the URL
   */
  readonly name?: string;

  /**
   * Time from the start of one probe to the start of the next, 1 s at least. Probes never overlap: a slow one delays the next.
   *
   * @default Duration.seconds(2)
   */
  readonly interval?: Duration;

  /**
   * How long one probe may take, redirects and body included.
   *
   * @default Duration.seconds(5)
   */
  readonly timeout?: Duration;

  /**
   * So many healthy answers in a row make the check healthy.
   *
   * @default 3
   */
  readonly successThreshold?: number;

  /**
   * So many bad answers in a row make the check unhealthy, and undo the release.
   *
   * @default 3
   */
  readonly failureThreshold?: number;

  /**
   * How long a release may take until the check is healthy, `successThreshold` times `interval` at least. While it starts,
   * refused connections don't count.
   *
   * @default Duration.seconds(120)
   */
  readonly deadline?: Duration;

  /**
   * Status codes that are healthy.
   *
   * @default - 200 to 299, or what `statusRanges` says
   */
  readonly status?: number[];

  /**
   * Ranges of status codes that are healthy, beside those of `status`.
   *
   * @default - 200 to 299, or what `status` says
   */
  readonly statusRanges?: StatusRange[];

  /**
   * A regular expression (JavaScript) that the body must match somewhere.
   *
   * @default - any body
   */
  readonly bodyPattern?: string;

  /**
   * Values that the JSON body must hold, all of them.
   *
   * @default - none; the body need not be JSON
   */
  readonly json?: JsonCondition[];

  /**
   * Headers that the answer must carry, all of them.
   *
   * @default - none
   */
  readonly headers?: HeaderCondition[];

  /**
   * An answer that takes longer is unhealthy.
   *
   * @default - as long as `timeout` allows
   */
  readonly maxLatency?: Duration;

  /**
   * The certificate must stay valid for longer than this. Think before you set it: rolling back renews no certificate.
   *
   * @default - the certificate must be valid now
   */
  readonly certificateExpiry?: Duration;

  /**
   * Headers that every probe sends, as plain text in the repository.
   *
   * @default - none of yours
   */
  readonly requestHeaders?: Record<string, string>;

  /**
   * Headers whose values are secrets: header name to the name of the secret in the CI system.
   * The secret must be readable by the plan and the watch as well, so the environment needs a `monitorEnvironment`.
   *
   * @default - none
   */
  readonly secretRequestHeaders?: Record<string, string>;

  /**
   * How many redirects a probe follows; 0 takes the redirect itself as the answer.
   *
   * @default 5
   */
  readonly maxRedirects?: number;

  /**
   * Allows plain http outside loopback: anybody on the way can then answer for the service.
   *
   * @default false
   */
  readonly allowInsecure?: boolean;

  /**
   * Where the answer says which release it comes from. Without it, the old release may answer for the new one unnoticed.
   *
   * @default - not known, and synthesis warns
   */
  readonly release?: ReleaseIdentity;
}

/**
 * A probe and its conditions. Probes run from the CI system's runner, as a user would ask.
 */
export class HealthCheck {
  /**
   * Asks a URL with GET.
   *
   * @param url what to ask; with blue/green, the candidate is asked for the same path and query on its own host
   * @param options when the answer is healthy
   */
  public static http(url: string, options: HttpHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(httpManifest(url, options));
  }

  /** @internal */
  public readonly _manifest: HealthCheckManifest;

  private constructor(manifest: HealthCheckManifest) {
    this._manifest = manifest;
  }
}

function httpManifest(url: string, options: HttpHealthCheckOptions): HealthCheckManifest {
  const option = (name: string) => `HealthCheck.http(${show(url)}) ${name}`;
  const address = webAddress('HealthCheck.http url', url, options.allowInsecure ?? false);
  const manifest: HealthCheckManifest = {
    kind: 'http',
    name: options.name ?? `${address.host}${address.pathname === '/' ? '' : address.pathname}`,
    url,
    ...timing(options, option),
    status: statusRanges(options, option),
    bodyPattern: options.bodyPattern === undefined ? undefined : pattern(option('bodyPattern'), options.bodyPattern),
    json: (options.json ?? []).map((condition) => jsonCondition(option('json'), condition)),
    headers: (options.headers ?? []).map((condition) => headerCondition(option('headers'), condition)),
    maxLatencyMs: optionalMilliseconds(option('maxLatency'), options.maxLatency),
    certificateExpiryMs: optionalMilliseconds(option('certificateExpiry'), options.certificateExpiry),
    requestHeaders: inKeyOrder(requestHeaders(option('requestHeaders'), options.requestHeaders ?? {})),
    secretRequestHeaders: inKeyOrder(secretRequestHeaders(option('secretRequestHeaders'), options.secretRequestHeaders ?? {})),
    maxRedirects: wholeNumber(option('maxRedirects'), options.maxRedirects ?? 5, 0, 20),
    release: options.release?._manifest,
  };
  checkName(option('name'), manifest.name);
  if (manifest.certificateExpiryMs !== undefined && address.protocol !== 'https:') {
    refuse(option('certificateExpiry'), 'a plain http URL has no certificate', 'Leave it out, or ask an https URL');
  }
  return manifest;
}

function timing(options: HttpHealthCheckOptions, option: (name: string) => string) {
  const intervalMs = millisecondsOf(option('interval'), options.interval, Duration.seconds(2));
  if (intervalMs < 1000) {
    refuse(option('interval'), `${showDuration(intervalMs)} is shorter than a second`, 'Give Duration.seconds(1) or more');
  }
  const timeoutMs = atLeast(option('timeout'), millisecondsOf(option('timeout'), options.timeout, Duration.seconds(5)), 1);
  const successThreshold = wholeNumber(option('successThreshold'), options.successThreshold ?? 3, 1, 1000);
  const failureThreshold = wholeNumber(option('failureThreshold'), options.failureThreshold ?? 3, 1, 1000);
  const deadlineMs = millisecondsOf(option('deadline'), options.deadline, Duration.seconds(120));
  if (deadlineMs < successThreshold * intervalMs) {
    refuse(option('deadline'),
      `${showDuration(deadlineMs)} is shorter than ${successThreshold} healthy answers at an interval of ${showDuration(intervalMs)} take`,
      `Give ${showDuration(successThreshold * intervalMs)} or more, or lower successThreshold or interval`);
  }
  return { intervalMs, timeoutMs, successThreshold, failureThreshold, deadlineMs };
}

function statusRanges(options: HttpHealthCheckOptions, option: (name: string) => string): StatusRangeManifest[] {
  const code = (name: string, value: number) => wholeNumber(option(name), value, 100, 599);
  const ranges = [
    ...(options.status ?? []).map((status) => ({ first: code('status', status), last: status })),
    ...(options.statusRanges ?? []).map(({ first, last }) => ({ first: code('statusRanges', first), last: code('statusRanges', last) })),
  ];
  for (const { first, last } of ranges) {
    if (first > last) refuse(option('statusRanges'), `${first} to ${last} holds no status`, `Write { first: ${last}, last: ${first} }`);
  }
  return ranges.length > 0 ? ranges : [{ first: 200, last: 299 }];
}

function jsonCondition(option: string, { path, value }: JsonCondition): JsonConditionManifest {
  jsonPath(option, path);
  if (!['string', 'number', 'boolean'].includes(typeof value)) {
    refuse(option, `${show(value)} cannot be compared with the value at ${show(path)}`, 'Give a string, a number or a boolean');
  }
  return { path, equals: value };
}

function headerCondition(option: string, condition: HeaderCondition): HeaderConditionManifest {
  headerName(option, condition.name);
  return { name: condition.name.toLowerCase(), pattern: pattern(option, condition.pattern) };
}

function pattern(option: string, source: string): string {
  try {
    new RegExp(source);
    return source;
  } catch (error) {
    refuse(option, `${show(source)} is not a regular expression (${(error as Error).message})`, 'Escape special characters with a backslash');
  }
}

function requestHeaders(option: string, headers: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    headerName(option, name);
    if (typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      refuse(option, `the value of ${show(name)} cannot be sent`, 'Give one line of plain text');
    }
    if (value.includes('${{')) {
      refuse(option, `the value of ${show(name)} is an expression, which nobody would evaluate`, 'For a secret use secretRequestHeaders: { name: \'SECRET\' }');
    }
  }
  return headers;
}

function secretRequestHeaders(option: string, headers: Record<string, string>): Record<string, string> {
  for (const [name, secret] of Object.entries(headers)) {
    headerName(option, name);
    secretName(option, secret);
    environmentVariableName(option, secret);
  }
  return headers;
}

function checkName(option: string, name: string): void {
  // it is printed in logs and tables, and names the check in every record
  if (/^[^\p{Cc}|<>`]{1,100}$/u.test(name)) return;
  refuse(option, `${show(name)} cannot be shown in a table`, 'Give 1 to 100 characters on one line, without | < > `');
}

function optionalMilliseconds(option: string, value: Duration | undefined): number | undefined {
  return value === undefined ? undefined : atLeast(option, millisecondsOf(option, value, value), 1);
}

function atLeast(option: string, millis: number, least: number): number {
  if (millis < least) refuse(option, `${showDuration(millis)} leaves no time at all`, 'Give more than 0');
  return millis;
}

function wholeNumber(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  refuse(option, `${show(value)} is out of range`, `Give a whole number from ${least} to ${most}`);
}
