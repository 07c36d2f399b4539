import { HTTP_REQUEST_OPTIONS, HttpRequestOptions, nameOf, pattern, secretRequestHeaders, times, optionNamesOf } from './health-check-options';
import { ReleaseIdentity, headerName, jsonPath, propagationWithin, releaseIdentity } from './release-identity';
import { hasExpression } from '../ci/ci-rules';
import { replaceOutputs } from '../contract/deployment-outputs';
import { formatDuration } from '../contract/duration-text';
import { HeaderConditionManifest, HttpCheckManifest, JsonConditionManifest, StatusRange as StatusRangeManifest } from '../contract/manifest';
import { Duration, positiveMilliseconds } from '../validation/duration';
import { inKeyOrder, listOf, objectOf, OptionNames, optionsOf, wholeNumber } from '../validation/option-types';
import { withoutPreviewNumber } from '../validation/preview-number';
import { webAddress, withoutOutputs } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/** A value that the JSON body of a response must contain. */
export interface JsonCondition {
  /** Dotted path into the body, for example `checks.database`. */
  readonly path: string;
  /** The value that is expected: a string, a number or a boolean. Types are compared too: `1` is not `'1'`. */
  readonly value: string | number | boolean;
}

const JSON_CONDITION: OptionNames<JsonCondition> = { path: true, value: true };

/** A condition on a header of a response. */
export interface HeaderCondition {
  /** The name of the header. Case is ignored. */
  readonly name: string;
  /** A regular expression (JavaScript) that the value must match. It may match anywhere: write `^...$` for the whole value. */
  readonly pattern: string;
}

const HEADER_CONDITION: OptionNames<HeaderCondition> = { name: true, pattern: true };

/** An inclusive range of HTTP status codes. */
export interface StatusRange {
  /** The first status of the range, 100 to 599. */
  readonly first: number;
  /** The last status of the range, 100 to 599. */
  readonly last: number;
}

const STATUS_RANGE: OptionNames<StatusRange> = { first: true, last: true };

/**
 * Options for an HTTP health check: the conditions of a healthy response, and how often it is requested.
 */
export interface HttpHealthCheckOptions extends HttpRequestOptions {
  /**
   * Status codes that are healthy.
   *
   * @default - 200 to 299, or the ranges in `statusRanges`
   */
  readonly status?: number[];

  /**
   * Ranges of status codes that are healthy, in addition to `status`.
   *
   * @default - 200 to 299, or the codes in `status`
   */
  readonly statusRanges?: StatusRange[];

  /**
   * A regular expression (JavaScript) that the body must match. It may match anywhere.
   *
   * @default - any body
   */
  readonly bodyPattern?: string;

  /**
   * Values that the JSON body must contain. All must match.
   *
   * @default - none; the body need not be JSON
   */
  readonly json?: JsonCondition[];

  /**
   * Conditions on headers of the response. All must match.
   *
   * @default - none
   */
  readonly headers?: HeaderCondition[];

  /**
   * The longest time that a healthy response may take; at most `timeout`.
   *
   * @default - the `timeout`
   */
  readonly maxLatency?: Duration;

  /**
   * The remaining validity that the certificate must have. A rollback does not renew a certificate: consider `HealthCheck.certificate`
   * instead.
   *
   * @default - the certificate must be valid now
   */
  readonly certificateExpiry?: Duration;

  /**
   * Headers that every probe sends. The values are stored as plain text in the repository.
   *
   * @default - none
   */
  readonly requestHeaders?: Record<string, string>;

  /**
   * The number of redirects that a probe follows. With 0, the redirect itself is the response.
   *
   * @default 5
   */
  readonly maxRedirects?: number;

  /**
   * The part of the response that identifies the release. Without it, the old release may respond in place of the new one unnoticed.
   *
   * @default - the release is not identified, and synthesis warns
   */
  readonly release?: ReleaseIdentity;
}

export const HTTP_OPTIONS: OptionNames<HttpHealthCheckOptions> = {
  ...HTTP_REQUEST_OPTIONS,
  status: true,
  statusRanges: true,
  bodyPattern: true,
  json: true,
  headers: true,
  maxLatency: true,
  certificateExpiry: true,
  requestHeaders: true,
  maxRedirects: true,
  release: true,
};

export function httpCheck(url: string, options: HttpHealthCheckOptions): HttpCheckManifest {
  const option = optionNamesOf(`HealthCheck.http(${show(url)})`);
  const checked = withoutOutputs('HealthCheck.http url', url);
  checkUrl('HealthCheck.http url', checked);
  const address = webAddress('HealthCheck.http url', checked, options.allowInsecure ?? false);
  const manifest: HttpCheckManifest = {
    kind: 'http',
    name: nameOf(options, option, checked === url ? `${address.host}${address.pathname === '/' ? '' : address.pathname}` : nameWithOutputs(url)),
    url,
    allowInsecure: checked !== url && options.allowInsecure ? true : undefined,
    ...times(options, option),
    status: statusRanges(options, option),
    bodyPattern: options.bodyPattern === undefined ? undefined : pattern(option('bodyPattern'), options.bodyPattern),
    json: listOf(option('json'), options.json ?? [], CONDITION).map((condition) => jsonCondition(option('json'), condition)),
    headers: listOf(option('headers'), options.headers ?? [], HEADER).map((condition) => headerCondition(option('headers'), condition)),
    maxLatencyMs: options.maxLatency === undefined ? undefined : positiveMilliseconds(option('maxLatency'), options.maxLatency, Duration.seconds(1)),
    certificateExpiryMs: options.certificateExpiry === undefined ? undefined : positiveMilliseconds(option('certificateExpiry'), options.certificateExpiry, Duration.days(14)),
    requestHeaders: inKeyOrder(requestHeaders(option('requestHeaders'), options.requestHeaders ?? {})),
    secretRequestHeaders: inKeyOrder(secretRequestHeaders(option('secretRequestHeaders'), options.secretRequestHeaders ?? {})),
    maxRedirects: wholeNumber(option('maxRedirects'), options.maxRedirects ?? 5, 0, 20),
    useProxy: options.useProxy,
    release: options.release === undefined ? undefined : releaseIdentity(option('release'), options.release),
  };
  const propagationMs = options.release && propagationWithin(option('release'), options.release._propagationMs, manifest.deadlineMs);
  if (manifest.certificateExpiryMs !== undefined && address.protocol !== 'https:') {
    invalid(option('certificateExpiry'), 'a plain http URL has no certificate', 'Remove it, or use an https URL');
  }
  if (manifest.maxLatencyMs !== undefined && manifest.maxLatencyMs > manifest.timeoutMs) {
    invalid(option('maxLatency'), `${formatDuration(manifest.maxLatencyMs, 'exact')} is longer than timeout (${formatDuration(manifest.timeoutMs, 'exact')})`,
      'Reduce maxLatency, or increase timeout');
  }
  return { ...manifest, propagationMs };
}

/** \`Api.Url/health\`, because the host is not known. */
function nameWithOutputs(url: string): string {
  return replaceOutputs(url, (output) => output).replace(/^https?:\/\//i, '').replace(/[?#].*$/, '');
}

/** Examples for error messages. */
const CONDITION = '{ path: \'status\', value: \'ok\' }';
const HEADER = '{ name: \'x-release\', pattern: \'^v\' }';

/** Rejects placeholders that are not filled in here. */
function checkUrl(option: string, url: unknown): void {
  if (typeof url !== 'string') return;
  if (url.startsWith('$')) {
    invalid(option, `${show(url)} is not a URL: only commands get $DELIVERY_URL`, 'Write the URL that users request, for example \'https://www.example.com/health\'; a candidate is probed with the same path');
  }
  if (url.includes('{slot}') || /^[^:]*:\/\/[^/]*[{}]/.test(withoutPreviewNumber(url))) {
    invalid(option, `${show(url)} contains a placeholder, which is not replaced here`, 'Write the URL that users request. {slot} belongs into Strategy.blueGreen({ candidateUrl }); a candidate is probed with the same path');
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
    if (first > last) invalid(option('statusRanges'), `${first} to ${last} is empty`, `Write { first: ${last}, last: ${first} }`);
  }
  return ranges.length > 0 ? ranges : [{ first: 200, last: 299 }];
}

function jsonCondition(option: string, condition: JsonCondition): JsonConditionManifest {
  const { path, value } = optionsOf(option, condition, JSON_CONDITION, CONDITION, option);
  jsonPath(option, path);
  if (!['string', 'number', 'boolean'].includes(typeof value)) {
    invalid(option, `${show(value)} cannot be compared with the value at ${show(path)}`, 'Write a string, a number or a boolean');
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
      invalid(option, `the value of ${show(name)} cannot be sent`, 'Write one line of plain text');
    }
    if (hasExpression(value)) {
      invalid(option, `the value of ${show(name)} is an expression, which is never evaluated`, 'For a secret, use secretRequestHeaders: { name: \'SECRET\' }');
    }
  }
  return headers;
}
