import { Condition, textCondition, unsupported } from './conditions';
import { CertificateCheckManifest, DnsCheckManifest, HttpCheckManifest, JsonConditionManifest, TcpCheckManifest } from '../../../contract/manifest';
import { showAddress } from '../../../validation/host-and-port';
import { show } from '../../../validation/validation-error';
import { Json, leftOut, Mapped } from '../engine';
import { goDuration, jsonSteps, statusCodes } from '../notation';

/** The properties of an endpoint that depend on the kind of check. */
export type Endpoint = { readonly [key: string]: Json };

/** Private-use characters that enclose a secret's name until `withVariables` replaces them. */
const SECRET = ['\ue000', '\ue001'];

/** A line with a secret, as projen writes it: the value of a map. */
const SECRET_LINE = new RegExp(`^( *)(.*): "${SECRET.join('(\\w+)')}"$`, 'gm');

/**
 * Replaces secrets by references to environment variables and escapes all other dollars. Gatus substitutes `$NAME` in the whole text,
 * comments included, before it parses the YAML. A block keeps any value intact, except for line breaks at its end. When Gatus merges
 * several files it keeps a block only if it has two lines, so the second line is a variable that no environment has.
 *
 * @see https://github.com/TwiN/gatus/blob/v5.36.0/config/config.go
 */
export function withVariables(text: string): string {
  return text.replaceAll('$', '$$$$').replace(SECRET_LINE, '$1$2: |-\n$1  $${$3}\n$1  $$*');
}

/** Completes an endpoint with conditions that always apply and conditions that Gatus may not support. */
function mapped(endpoint: Endpoint, fixed: string[], conditions: Condition[]): Mapped<Endpoint> {
  return {
    config: { ...endpoint, conditions: [...fixed, ...conditions.flatMap(({ text }) => text ?? [])] },
    differences: conditions.flatMap(({ difference }) => difference ?? []),
  };
}

/** @see https://github.com/TwiN/gatus#monitoring-a-tcp-endpoint */
export function tcpEndpoint({ address, timeoutMs, send, expect }: TcpCheckManifest): Mapped<Endpoint> {
  const endpoint = { url: `tcp://${showAddress(address)}`, ...(send === undefined ? {} : { body: send }), client: { timeout: goDuration(timeoutMs) } };
  return mapped(endpoint, ['[CONNECTED] == true'], expect === undefined ? [] : [receivedCondition(send, expect)]);
}

function receivedCondition(send: string | undefined, expect: string): Condition {
  const condition = `expect ${show(expect)}`;
  if (send === undefined) return unsupported(condition, 'Gatus reads a response only after it has sent data');
  return textCondition(condition, expect, ['only the first data that arrives counts, at most 1 KiB']);
}

/** @see https://github.com/TwiN/gatus#monitoring-an-endpoint-using-starttls */
export function certificateEndpoint({ address, timeoutMs, validForMs }: CertificateCheckManifest): Mapped<Endpoint> {
  const difference = { condition: 'validFor', why: 'only the server\'s own certificate counts, not the intermediates', isRemark: true };
  return mapped({ url: `tls://${showAddress(address)}`, client: { timeout: goDuration(timeoutMs) } },
    ['[CONNECTED] == true', `[CERTIFICATE_EXPIRATION] > ${goDuration(validForMs)}`], [{ difference }]);
}

/** @see https://github.com/TwiN/gatus#monitoring-an-endpoint-using-dns-queries */
export function dnsEndpoint({ host, type, records, resolver, timeoutMs }: DnsCheckManifest): Mapped<Endpoint> {
  if (resolver === undefined) return leftOut('dns', 'Gatus needs the address of a DNS server, and the check sets no resolver');
  const endpoint = { url: resolver, dns: { 'query-type': type, 'query-name': host }, client: { timeout: goDuration(timeoutMs) } };
  return mapped(endpoint, ['[DNS_RCODE] == NOERROR', 'has([BODY]) == true'], records.length === 0 ? [] : [recordCondition(type, records)]);
}

/** Gatus keeps only the last record of a response; of an MX record, only the name. */
function recordCondition(type: DnsCheckManifest['type'], records: string[]): Condition {
  const condition = `records ${records.join(', ')}`;
  if (type === 'TXT') return unsupported(condition, 'Gatus does not read TXT records');
  if (records.length > 1) return unsupported(condition, 'Gatus compares only one record of a response');
  const value = records[0].toLowerCase().replace(/^\d+ /, '').replace(/\.$/, '');
  const text = type === 'A' || type === 'AAAA' ? value : `any(${value}, ${value}.)`;
  return { text: `[BODY] == ${text}`, difference: { condition, why: 'Gatus compares the last record of a response, with its letter case', isRemark: true } };
}

/** @see https://github.com/TwiN/gatus#conditions */
export function httpEndpoint(check: HttpCheckManifest): Mapped<Endpoint> {
  const { maxLatencyMs, certificateExpiryMs, timeoutMs, maxRedirects } = check;
  const secrets = Object.entries(check.secretRequestHeaders).map(([name, secret]) => [name, SECRET.join(secret)]);
  const headers = { ...check.requestHeaders, ...Object.fromEntries(secrets) };
  const endpoint = {
    url: check.url,
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    client: { timeout: goDuration(timeoutMs), ...(maxRedirects === 0 ? { 'ignore-redirect': true } : {}) },
  };
  const fixed = [
    ...statusConditions(check),
    ...(maxLatencyMs === undefined ? [] : [`[RESPONSE_TIME] <= ${maxLatencyMs}`]),
    ...(certificateExpiryMs === undefined ? [] : [`[CERTIFICATE_EXPIRATION] > ${goDuration(certificateExpiryMs)}`]),
  ];
  return mapped(endpoint, fixed, [
    ...bodyConditions(check),
    ...check.headers.map(({ name }) => unsupported(`headers ${name}`, 'Gatus has no conditions on response headers')),
    // the comment at the top of the file describes the default
    ...(maxRedirects === 0 || maxRedirects === 5 ? [] : [unsupported(`maxRedirects ${maxRedirects}`, 'Gatus follows as many redirects as the timeout allows')]),
  ]);
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
      unsupported(`release ${release.kind === 'json' ? release.path : release.name}`,
        `Gatus does not know which release is live${release.kind === 'json' ? '; the response only has to name one' : ', and does not read headers'}`),
    ]),
  ];
}

function jsonCondition({ path, equals }: JsonConditionManifest): Condition {
  const placeholder = bodyPath(path);
  const condition = `json ${path}`;
  if (placeholder === undefined) return unsupported(condition, 'Gatus cannot name this path');
  const text = typeof equals === 'number' ? goNumber(equals) : String(equals);
  if (!isLiteral(text)) return unsupported(condition, `Gatus cannot compare with the text ${show(text)}`);
  const isText = typeof equals === 'string';
  return {
    text: `${placeholder} == ${text}`,
    difference: isText && !/^(?:true|false|null|<nil>|[-+.\d].*)$/.test(text) ? undefined
      : { condition, why: `Gatus compares text: ${isText ? 'the number or boolean' : 'the string'} ${show(isText ? text : String(equals))} also passes`, isRemark: true },
  };
}

function identityCondition(path: string): Condition {
  const placeholder = bodyPath(path);
  return placeholder === undefined ? {} : { text: `has(${placeholder}) == true` };
}

/** Returns undefined if a key contains characters that have a meaning for Gatus. */
function bodyPath(path: string): string | undefined {
  const steps = jsonSteps(path);
  if (steps.some((step) => typeof step === 'string' && !/^[^\s[\]()=<>!]+$/.test(step))) return undefined;
  return `[BODY]${steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')}`;
}

/** Whether Gatus would neither evaluate, trim nor split the text. */
function isLiteral(text: string): boolean {
  return text !== '' && text.trim() === text && !/^\[|^(?:pat|any|len|has)\(|\p{Cc}| (?:==|!=|<=|>=|<|>) /u.test(text);
}

/** Formats a number as Go does, because Gatus compares text. */
function goNumber(value: number): string {
  const exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1]);
  if (exponent >= -4 && exponent < 6) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}
