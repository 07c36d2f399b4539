import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, checkName, optionalMilliseconds, pattern, secretRequestHeaders, times, wholeNumber, optionNamesOf } from './health-check-options';
import { ReleaseIdentity, headerName, jsonPath, propagationWithin, releaseIdentity } from './release-identity';
import { HeaderConditionManifest, HttpCheckManifest, JsonConditionManifest, StatusRange as StatusRangeManifest } from '../contract/manifest';
import { Duration, showDuration } from '../validation/duration';
import { inKeyOrder } from '../validation/key-order';
import { listOf, objectOf, OptionNames, optionsOf } from '../validation/option-types';
import { webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/** A value that an answer's JSON body must hold. */
export interface JsonCondition {
  /** Dotted path into the body, for example `checks.database`. */
  readonly path: string;
  /** What must be there: a string, a number or a boolean. Types count: `1` is not `'1'`. */
  readonly value: string | number | boolean;
}

const JSON_CONDITION: OptionNames<JsonCondition> = { path: true, value: true };

/** What a header of the answer must look like. */
export interface HeaderCondition {
  /** The header's name; case does not matter. */
  readonly name: string;
  /** A regular expression (JavaScript) that the header's value must match somewhere. Write `^...$` for the whole value. */
  readonly pattern: string;
}

const HEADER_CONDITION: OptionNames<HeaderCondition> = { name: true, pattern: true };

/** A range of HTTP status codes, both ends included. */
export interface StatusRange {
  /** The first status of the range, 100 to 599. */
  readonly first: number;
  /** The last status of the range, 100 to 599. */
  readonly last: number;
}

const STATUS_RANGE: OptionNames<StatusRange> = { first: true, last: true };

/**
 * When an HTTP health check is satisfied, and how often it looks.
 */
export interface HttpHealthCheckOptions extends HealthCheckOptions {
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
   * An answer that takes longer is unhealthy; `timeout` at most.
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
   * Whether a probe goes through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name in the job. `true` also sends requests to
   * loopback addresses through it.
   *
   * @default - through the proxy, where there is one, unless the address is on loopback
   */
  readonly useProxy?: boolean;

  /**
   * Where the answer says which release it comes from. Without it, the old release may answer for the new one unnoticed.
   *
   * @default - not known, and synthesis warns
   */
  readonly release?: ReleaseIdentity;
}

export const HTTP_OPTIONS: OptionNames<HttpHealthCheckOptions> = {
  ...HEALTH_CHECK_OPTIONS,
  status: true,
  statusRanges: true,
  bodyPattern: true,
  json: true,
  headers: true,
  maxLatency: true,
  certificateExpiry: true,
  requestHeaders: true,
  secretRequestHeaders: true,
  maxRedirects: true,
  allowInsecure: 'boolean',
  useProxy: 'boolean',
  release: true,
};

export function httpCheck(url: string, options: HttpHealthCheckOptions): HttpCheckManifest {
  const option = optionNamesOf(`HealthCheck.http(${show(url)})`);
  checkUrl('HealthCheck.http url', url);
  const address = webAddress('HealthCheck.http url', url, options.allowInsecure ?? false);
  const manifest: HttpCheckManifest = {
    kind: 'http',
    name: options.name ?? `${address.host}${address.pathname === '/' ? '' : address.pathname}`,
    url,
    ...times(options, option),
    status: statusRanges(options, option),
    bodyPattern: options.bodyPattern === undefined ? undefined : pattern(option('bodyPattern'), options.bodyPattern),
    json: listOf(option('json'), options.json ?? [], CONDITION).map((condition) => jsonCondition(option('json'), condition)),
    headers: listOf(option('headers'), options.headers ?? [], HEADER).map((condition) => headerCondition(option('headers'), condition)),
    maxLatencyMs: optionalMilliseconds(option('maxLatency'), options.maxLatency, Duration.seconds(1)),
    certificateExpiryMs: optionalMilliseconds(option('certificateExpiry'), options.certificateExpiry, Duration.days(14)),
    requestHeaders: inKeyOrder(requestHeaders(option('requestHeaders'), options.requestHeaders ?? {})),
    secretRequestHeaders: inKeyOrder(secretRequestHeaders(option('secretRequestHeaders'), options.secretRequestHeaders ?? {})),
    maxRedirects: wholeNumber(option('maxRedirects'), options.maxRedirects ?? 5, 0, 20),
    useProxy: options.useProxy,
    release: options.release === undefined ? undefined : releaseIdentity(option('release'), options.release),
  };
  checkName(option('name'), manifest.name);
  const propagationMs = options.release && propagationWithin(option('release'), options.release._propagationMs, manifest.deadlineMs);
  if (manifest.certificateExpiryMs !== undefined && address.protocol !== 'https:') {
    invalid(option('certificateExpiry'), 'a plain http URL has no certificate', 'Leave it out, or ask an https URL');
  }
  if (manifest.maxLatencyMs !== undefined && manifest.maxLatencyMs > manifest.timeoutMs) {
    invalid(option('maxLatency'), `${showDuration(manifest.maxLatencyMs)} is longer than timeout, so every answer would have come before (${showDuration(manifest.timeoutMs)})`,
      'Give less than that, or a longer timeout');
  }
  return { ...manifest, propagationMs };
}

/** For messages. */
const CONDITION = '{ path: \'status\', value: \'ok\' }';
const HEADER = '{ name: \'x-release\', pattern: \'^v\' }';

/** What somebody may hope that it is filled in is asked as it stands. */
function checkUrl(option: string, url: unknown): void {
  if (typeof url !== 'string') return;
  if (url.startsWith('$')) {
    invalid(option, `${show(url)} is no address: $DELIVERY_URL is what commands get`, 'Write where users\' release is, for example \'https://www.example.com/health\'; a candidate is asked for the same path');
  }
  if (url.includes('{slot}') || /^[^:]*:\/\/[^/]*[{}]/.test(url)) {
    invalid(option, `${show(url)} holds a placeholder, which nobody fills in here`, 'Say where users\' release is; {slot} belongs into Strategy.blueGreen({ candidateUrl }), where a candidate is asked for the same path');
  }
}

function statusRanges(options: HttpHealthCheckOptions, option: (name: string) => string): StatusRangeManifest[] {
  const code = (name: string, value: number) => wholeNumber(option(name), value, 100, 599);
  const ranges = [
    ...listOf(option('status'), options.status ?? [], '200').map((status) => ({ first: code('status', status), last: status })),
    ...listOf(option('statusRanges'), options.statusRanges ?? [], '{ first: 200, last: 299 }').map((range) => {
      const [low, high] = Array.isArray(range) ? range as unknown[] : [];
      const { first, last } = optionsOf(option('statusRanges'), range, STATUS_RANGE, `{ first: ${show(low ?? 200)}, last: ${show(high ?? 299)} }`, option('statusRanges'));
      return { first: code('statusRanges', first), last: code('statusRanges', last) };
    }),
  ];
  for (const { first, last } of ranges) {
    if (first > last) invalid(option('statusRanges'), `${first} to ${last} holds no status`, `Write { first: ${last}, last: ${first} }`);
  }
  return ranges.length > 0 ? ranges : [{ first: 200, last: 299 }];
}

function jsonCondition(option: string, condition: JsonCondition): JsonConditionManifest {
  const { path, value } = optionsOf(option, condition, JSON_CONDITION, CONDITION, option);
  jsonPath(option, path);
  if (!['string', 'number', 'boolean'].includes(typeof value)) {
    invalid(option, `${show(value)} cannot be compared with the value at ${show(path)}`, 'Give a string, a number or a boolean');
  }
  return { path, equals: value };
}

function headerCondition(option: string, condition: HeaderCondition): HeaderConditionManifest {
  headerName(option, optionsOf(option, condition, HEADER_CONDITION, HEADER, option).name);
  return { name: condition.name.toLowerCase(), pattern: pattern(option, condition.pattern) };
}

function requestHeaders(option: string, headers: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(objectOf(option, headers, '{ accept: \'application/json\' }'))) {
    headerName(option, name);
    if (typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      invalid(option, `the value of ${show(name)} cannot be sent`, 'Give one line of plain text');
    }
    if (value.includes('${{')) {
      invalid(option, `the value of ${show(name)} is an expression, which nobody would evaluate`, 'For a secret use secretRequestHeaders: { name: \'SECRET\' }');
    }
  }
  return headers;
}
