import { posix } from 'node:path';
import { BlackboxSettings, EXPORTER, Module } from './modules';
import { HttpCheckManifest } from '../../../contract/manifest';
import { show } from '../../../validation/validation-error';
import { Difference, Json, Mapped } from '../engine';
import { goDuration, isAnySuccess, jsonSteps, statusCodes } from '../notation';
import { portablePattern } from '../portable-pattern';

/** The minor versions 0.x of the exporter that introduced these features. */
const HEADERS_FROM_FILES = 26;
const JSON_CONDITIONS = 27;

/** Headers that Prometheus' HTTP client does not read from a file. `authorization` has an option of its own. */
const RESERVED_HEADERS = new Set(['authorization', 'host', 'content-encoding', 'content-length', 'content-type', 'user-agent', 'connection', 'keep-alive',
  'proxy-authenticate', 'proxy-authorization', 'www-authenticate', 'accept-encoding', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256']);

/** Part of the configuration of the exporter's HTTP prober. */
interface Options {
  readonly [key: string]: Json;
}

/** @see https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md#http_probe */
export function httpModule(check: HttpCheckManifest, settings: BlackboxSettings): Mapped<Module> {
  const differences: Difference[] = [];
  const http = {
    preferred_ip_protocol: 'ip4',
    ...statuses(check),
    ...(check.maxRedirects === 0 ? { follow_redirects: false } : {}),
    ...requestHeaders(check, settings, differences),
    ...bodyPattern(check),
    ...headers(check),
    ...json(check, settings, differences),
  };
  differences.push(...otherDifferences(check));
  const { maxLatencyMs, certificateExpiryMs } = check;
  const module = { prober: 'http', timeout: goDuration(check.timeoutMs), http };
  return { config: { module, target: check.url, maxLatencyMs, certificateExpiryMs }, differences };
}

function statuses({ status }: HttpCheckManifest): Options {
  const codes = statusCodes(status);
  return isAnySuccess(codes) ? {} : { valid_status_codes: codes };
}

function requestHeaders(check: HttpCheckManifest, { exporterVersion, secretsDirectory }: BlackboxSettings, differences: Difference[]): Options {
  const files: [string, Json][] = [];
  let authorization: Json | undefined;
  for (const [name, secret] of Object.entries(check.secretRequestHeaders)) {
    const condition = `secretRequestHeaders ${name}`;
    const file = posix.join(secretsDirectory, secret);
    if (name.toLowerCase() === 'authorization') {
      authorization = { credentials_file: file };
      differences.push({ condition, why: `the exporter always writes 'Bearer ' before the content of the file ${file}` });
    } else if (RESERVED_HEADERS.has(name.toLowerCase())) {
      differences.push({ condition, why: 'it is not sent: the exporter cannot read this header from a file' });
    } else if (!isSince(HEADERS_FROM_FILES, exporterVersion)) {
      differences.push({ condition, why: `it is not sent: the exporter reads headers from files only since 0.${HEADERS_FROM_FILES}` });
    } else {
      files.push([name, { files: [file] }]);
    }
  }
  return {
    ...(Object.keys(check.requestHeaders).length > 0 ? { headers: check.requestHeaders } : {}),
    ...(authorization === undefined ? {} : { authorization }),
    ...(files.length > 0 ? { http_headers: Object.fromEntries(files) } : {}),
  };
}

function isSince(minor: number, [major, actual]: BlackboxSettings['exporterVersion']): boolean {
  return major > 0 || actual >= minor;
}

function bodyPattern({ bodyPattern: source, name }: HttpCheckManifest): Options {
  if (source === undefined) return {};
  return { fail_if_body_not_matches_regexp: [portablePattern(`health check ${show(name)} bodyPattern`, source, EXPORTER)] };
}

function headers({ headers: conditions, name: check }: HttpCheckManifest): Options {
  const specs = conditions.map(({ name, pattern }): Json => (
    // the exporter ignores an empty pattern
    { header: name, regexp: portablePattern(`health check ${show(check)} headers ${name}`, pattern, EXPORTER) || '^', allow_missing: false }
  ));
  return specs.length > 0 ? { fail_if_header_not_matches: specs } : {};
}

function json(check: HttpCheckManifest, { exporterVersion }: BlackboxSettings, differences: Difference[]): Options {
  const expression = jsonExpression(check);
  if (expression === '') return {};
  if (isSince(JSON_CONDITIONS, exporterVersion)) return { fail_if_body_json_not_matches_cel: expression };
  differences.push(...check.json.map(({ path }) => ({ condition: `json ${path}`, why: `the exporter reads JSON only since 0.${JSON_CONDITIONS}` })));
  return {};
}

/**
 * Returns all conditions on a JSON body as one expression in CEL, in which `body` is the body. A missing value is an error, which fails
 * the probe.
 *
 * @see https://github.com/google/cel-spec/blob/master/doc/langdef.md
 */
function jsonExpression({ json: conditions, release }: HttpCheckManifest): string {
  return [
    ...conditions.map(({ path, equals }) => `${valueAt(path)} == ${literal(equals)}`),
    ...(release?.kind === 'json' ? [`${valueAt(release.path)} != null`, `${valueAt(release.path)} != ""`] : []),
  ].join(' && ');
}

function valueAt(path: string): string {
  const isName = (step: string | number) => typeof step === 'string' && /^[A-Za-z_]\w*$/.test(step) && !RESERVED_WORDS.has(step);
  return `body${jsonSteps(path).map((step) => (isName(step) ? `.${step}` : `[${JSON.stringify(step)}]`)).join('')}`;
}

/** Reserved words of CEL, also after a dot. */
const RESERVED_WORDS = new Set(['as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop', 'namespace',
  'null', 'package', 'return', 'true', 'var', 'void', 'while']);

/** Numbers in JSON are doubles in CEL. */
function literal(value: string | number | boolean): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}

function otherDifferences({ release, maxRedirects, certificateExpiryMs }: HttpCheckManifest): Difference[] {
  return [
    ...(release ? [{
      condition: `release ${release.kind === 'json' ? release.path : release.name}`,
      why: 'the exporter does not know which release is live: the old one passes for the new one',
    }] : []),
    ...(maxRedirects === 0 || maxRedirects === 5 ? [] : [{
      condition: `maxRedirects ${maxRedirects}`, why: 'the exporter follows up to 10 redirects', isRemark: maxRedirects > 5,
    }]),
    ...(certificateExpiryMs === undefined ? [] : [{
      condition: 'certificateExpiry', why: 'the whole chain up to a trusted authority counts, not only the server\'s own certificate', isRemark: true,
    }]),
  ];
}
