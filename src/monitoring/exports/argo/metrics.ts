import { HttpCheckManifest, PrometheusCheckManifest } from '../../../contract/manifest';
import { show } from '../../../validation/validation-error';
import { Difference, Json, leftOut, Mapped } from '../engine';
import { goDuration, isAnySuccess, jsonSteps, showStatusCodes, statusCodes, vectorQuery } from '../notation';
import { portablePattern } from '../portable-pattern';

/** A measurement of Argo Rollouts for one health check. */
export interface Metric {
  readonly provider: Json;
  /** Undefined if every measurement is a success. */
  readonly condition?: string;
  /** Set if a measurement can be neither a success nor a failure. */
  readonly failureCondition?: string;
  /** Whether the condition uses the arguments `version` and `sha`. */
  readonly usesRelease: boolean;
  /** Arguments whose values are secrets. */
  readonly secrets: string[];
}

/** @see https://argo-rollouts.readthedocs.io/en/stable/analysis/prometheus/ */
export function prometheusMetric({ url, query, operator, value, timeoutMs, secretRequestHeaders }: PrometheusCheckManifest): Mapped<Metric> {
  if (query.includes('{{')) return leftOut('prometheus', 'Argo would replace the braces in the query');
  const headers = secretHeaders(secretRequestHeaders);
  const vector = vectorQuery(query).vector ?? query;
  const config: Metric = {
    provider: { prometheus: { address: url, query: vector, timeout: Math.ceil(timeoutMs / 1000), ...(headers.length > 0 ? { headers } : {}) } },
    // NaN is ignored; if all series are NaN, the measurement is inconclusive
    condition: `any(result, !isNaN(#)) && all(result, isNaN(#) || # ${operator} ${value})`,
    failureCondition: `any(result, !isNaN(#) && !(# ${operator} ${value}))`,
    usesRelease: false,
    secrets: Object.values(secretRequestHeaders),
  };
  return { config, differences: [] };
}

/** @see https://argo-rollouts.readthedocs.io/en/stable/analysis/web/ */
export function httpMetric(check: HttpCheckManifest): Mapped<Metric> {
  const codes = statusCodes(check.status);
  if (!codes.some((code) => code >= 200 && code <= 299)) {
    return leftOut(`status ${showStatusCodes(codes)}`, 'Argo treats every response other than 2xx as an error');
  }
  const { bodyPattern, name } = check;
  const pattern = bodyPattern === undefined ? undefined : portablePattern(`health check ${show(name)} bodyPattern`, bodyPattern, 'Argo Rollouts');
  const config: Metric = {
    provider: { web: web(check) },
    condition: bodyCondition(check, pattern),
    usesRelease: check.release?.kind === 'json',
    secrets: Object.values(check.secretRequestHeaders),
  };
  return { config, differences: httpDifferences(check, codes) };
}

function web({ url, timeoutMs, maxLatencyMs, requestHeaders, secretRequestHeaders }: HttpCheckManifest): Json {
  const plain = Object.entries(requestHeaders).filter(([, value]) => !isTemplate(value)).map(([key, value]) => ({ key, value }));
  const headers = [...plain, ...secretHeaders(secretRequestHeaders)];
  return {
    // Argo would read braces as a placeholder
    url: url.replaceAll('{', '%7B').replaceAll('}', '%7D'),
    timeoutSeconds: isWholeSeconds(maxLatencyMs) ? Math.min(maxLatencyMs / 1000, Math.ceil(timeoutMs / 1000)) : Math.ceil(timeoutMs / 1000),
    ...(headers.length > 0 ? { headers } : {}),
  };
}

function secretHeaders(headers: Record<string, string>): { key: string; value: string }[] {
  return Object.entries(headers).map(([key, secret]) => ({ key, value: `{{args.${secret}}}` }));
}

/**
 * Returns the condition on the body in Argo's expression language. `result` is the body, parsed if it is JSON.
 *
 * @param pattern for the text of the body, as an RE2 expression
 * @see https://expr-lang.org/docs/language-definition
 */
function bodyCondition({ json, release }: HttpCheckManifest, pattern: string | undefined): string | undefined {
  if (json.length === 0 && release?.kind !== 'json') {
    return pattern === undefined ? undefined : `type(result) != "string" || string(result) matches ${literal(pattern)}`;
  }
  const conditions = json.map(({ path, equals }) => `${valueAt(path)} == ${literal(equals)}`);
  if (release?.kind !== 'json') return conditions.join(' && ');
  return `let found = ${valueAt(release.path)}; let said = type(found) == "string" ? trim(found) : toJSON(found); ${[...conditions, IDENTIFIES].join(' && ')}`;
}

/** Matches the version, without a leading `v`, or at least 7 digits of the sha. The Rollout passes the version as the service reports it. */
const IDENTIFIES = '(said == "{{args.version}}" || "v" + said == "{{args.version}}" || said == "v" + "{{args.version}}" '
  + '|| said matches "^[0-9a-fA-F]{7,40}$" && hasPrefix(lower("{{args.sha}}"), lower(said)))';

/** A missing value is `nil`, not an error. */
function valueAt(path: string): string {
  return jsonSteps(path).reduce<string>((inner, step) => `get(${inner}, ${literal(step)})`, 'result');
}

/** Escapes double braces, which would begin an argument. */
function literal(value: string | number | boolean): string {
  return JSON.stringify(value).replace(/\{(?=\{)/g, '\\u007b').replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
}

function httpDifferences(check: HttpCheckManifest, codes: number[]): Difference[] {
  const { bodyPattern, headers, json, requestHeaders, release, maxLatencyMs, timeoutMs, certificateExpiryMs, maxRedirects } = check;
  const isJson = json.length > 0 || release?.kind === 'json';
  return [
    ...(isAnySuccess(codes) ? [] : [{ condition: `status ${showStatusCodes(codes)}`, why: 'Argo accepts exactly 200 to 299' }]),
    ...(bodyPattern === undefined ? [] : [{
      condition: `bodyPattern ${show(bodyPattern)}`,
      why: `Argo does not keep the text of a JSON body: the pattern is ${isJson ? 'ignored' : 'used only if the body is not JSON'}`,
    }]),
    ...headers.map(({ name }) => ({ condition: `headers ${name}`, why: 'Argo does not read response headers' })),
    ...Object.entries(requestHeaders).filter(([, value]) => isTemplate(value)).map(([name]) => (
      { condition: `requestHeaders ${name}`, why: 'it is not sent: Argo would replace the braces in its value' }
    )),
    ...(release?.kind === 'header' ? [{ condition: `release ${release.name}`, why: 'Argo does not read response headers: the old release passes for the new one' }] : []),
    ...(maxLatencyMs === undefined || isWholeSeconds(maxLatencyMs) ? [] : [
      { condition: `maxLatency ${goDuration(maxLatencyMs)}`, why: 'Argo supports whole seconds only' },
    ]),
    ...(timeoutMs % 1000 === 0 ? [] : [
      { condition: `timeout ${goDuration(timeoutMs)}`, why: `Argo supports whole seconds only: ${Math.ceil(timeoutMs / 1000)}`, isRemark: true },
    ]),
    ...(certificateExpiryMs === undefined ? [] : [{ condition: 'certificateExpiry', why: 'Argo only checks that the certificate is valid now' }]),
    ...(maxRedirects === 5 ? [] : [{ condition: `maxRedirects ${maxRedirects}`, why: 'Argo follows up to 10 redirects', isRemark: maxRedirects > 5 }]),
  ];
}

function isWholeSeconds(ms: number | undefined): ms is number {
  return ms !== undefined && ms % 1000 === 0;
}

function isTemplate(value: string): boolean {
  return value.includes('{{');
}
