import { Condition, lost } from './condition';
import { Endpoint, secretReference } from './endpoint';
import { textCondition } from './text-condition';
import { HttpCheckManifest, JsonConditionManifest } from '../../../contract/manifest';
import { show } from '../../../validation/validation-error';
import { Difference, Mapped } from '../engine';
import { goDuration } from '../go-duration';
import { jsonSteps } from '../json-steps';
import { statusCodes } from '../status-codes';

/** @see https://github.com/TwiN/gatus#conditions */
export function httpEndpoint(check: HttpCheckManifest): Mapped<Endpoint> {
  const conditions = [...bodyConditions(check), ...check.headers.map(({ name }) => lost(`headers ${name}`, 'Gatus has no conditions on headers of an answer'))];
  const differences = [...conditions.map(({ difference }) => difference), ...redirectDifferences(check)].filter((one) => one !== undefined);
  return { made: endpoint(check, conditions), differences };
}

function endpoint(check: HttpCheckManifest, conditions: Condition[]): Endpoint {
  const { maxLatencyMs, certificateExpiryMs, timeoutMs, maxRedirects } = check;
  const headers = {
    ...check.requestHeaders,
    ...Object.fromEntries(Object.entries(check.secretRequestHeaders).map(([name, secret]) => [name, secretReference(secret)])),
  };
  return {
    url: check.url,
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    client: { timeout: goDuration(timeoutMs), ...(maxRedirects === 0 ? { 'ignore-redirect': true } : {}) },
    conditions: [
      ...statusConditions(check),
      ...(maxLatencyMs === undefined ? [] : [`[RESPONSE_TIME] <= ${maxLatencyMs}`]),
      ...(certificateExpiryMs === undefined ? [] : [`[CERTIFICATE_EXPIRATION] > ${goDuration(certificateExpiryMs)}`]),
      ...conditions.map(({ text }) => text).filter((text) => text !== undefined),
    ],
  };
}

function statusConditions({ status }: HttpCheckManifest): string[] {
  const codes = statusCodes(status);
  const [first, last] = [codes[0], codes.at(-1)!];
  if (codes.length === 1) return [`[STATUS] == ${first}`];
  if (last - first === codes.length - 1) return [`[STATUS] >= ${first}`, `[STATUS] <= ${last}`];
  return [`[STATUS] == any(${codes.join(', ')})`];
}

function bodyConditions({ bodyPattern, json, release }: HttpCheckManifest): Condition[] {
  return [
    ...(bodyPattern === undefined ? [] : [textCondition(`bodyPattern ${show(bodyPattern)}`, bodyPattern)]),
    ...json.map(jsonCondition),
    ...(release === undefined ? [] : [
      ...(release.kind === 'json' ? [identityCondition(release.path)] : []),
      lost(`release ${release.kind === 'json' ? release.path : release.name}`,
        `Gatus does not know which release is live${release.kind === 'json' ? '; it only looks whether the answer names one' : ', and sees no headers'}`),
    ]),
  ];
}

function jsonCondition({ path, equals }: JsonConditionManifest): Condition {
  const placeholder = bodyPath(path);
  const condition = `json ${path}`;
  if (placeholder === undefined) return lost(condition, 'Gatus cannot name this path');
  const text = typeof equals === 'number' ? goNumber(equals) : String(equals);
  if (!isLiteral(text)) return lost(condition, `Gatus cannot compare with the text ${show(text)}`);
  const isText = typeof equals === 'string';
  return {
    text: `${placeholder} == ${text}`,
    difference: isText && !/^(?:true|false|null|<nil>|[-+.\d].*)$/.test(text) ? undefined
      : { condition, why: `Gatus compares text: ${isText ? 'the number or boolean' : 'the string'} ${show(isText ? text : String(equals))} passes too`, isRemark: true },
  };
}

function identityCondition(path: string): Condition {
  const placeholder = bodyPath(path);
  return placeholder === undefined ? {} : { text: `has(${placeholder}) == true` };
}

/** Undefined where a key has characters that Gatus takes for its own. */
function bodyPath(path: string): string | undefined {
  const steps = jsonSteps(path);
  if (steps.some((step) => typeof step === 'string' && !/^[^\s[\]()=<>!]+$/.test(step))) return undefined;
  return `[BODY]${steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')}`;
}

/** Nothing that Gatus would evaluate, trim or split. */
function isLiteral(text: string): boolean {
  return text !== '' && text.trim() === text && !/^\[|^(?:pat|any|len|has)\(|\p{Cc}| (?:==|!=|<=|>=|<|>) /u.test(text);
}

/** As Go prints a number: what Gatus compares with. */
function goNumber(value: number): string {
  const exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1]);
  if (exponent >= -4 && exponent < 6) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function redirectDifferences({ maxRedirects }: HttpCheckManifest): Difference[] {
  // the default's difference is said once, on top of the file
  if (maxRedirects === 0 || maxRedirects === 5) return [];
  return [{ condition: `maxRedirects ${maxRedirects}`, why: 'Gatus follows as many redirects as the timeout allows' }];
}
