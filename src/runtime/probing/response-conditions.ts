import type { IncomingHttpHeaders } from 'node:http';
import { matches, PATTERN_LIMIT_MS } from './bounded-pattern';
import { formatDuration } from '../../contract/duration-text';
import { HttpCheckManifest, ReleaseIdentityManifest } from '../../contract/manifest';
import { HttpResponse, BODY_LIMIT_BYTES } from '../http/http-exchange';
import { parseJson } from '../json-value';
import { onDemand } from '../lazily';

/** The result of checking a response against the conditions of a health check. */
export interface CheckedResponse {
  /** The first failed condition, in a few words; may contain text of the response. */
  readonly complaint?: string;
  /** The release that the response names, if the check identifies releases. */
  readonly release?: string;
}

/**
 * Checks a whole response, whose status is accepted, against the other conditions of a check, the cheap ones first. Whether it is the
 * expected release is not decided here.
 */
export function checkResponse(check: HttpCheckManifest, response: HttpResponse, latencyMs: number, now: number): CheckedResponse {
  const complaint = latencyComplaint(check, latencyMs)
    ?? certificateComplaint(check, response, now)
    ?? headerComplaint(check, response.headers);
  if (complaint !== undefined) return { complaint };
  return needsBody(check) ? checkBody(check, response) : identity(check.release, response.headers, undefined);
}

/** Returns the release that a response names, even if other conditions fail. */
export function releaseOf({ release }: HttpCheckManifest, response: HttpResponse): string | undefined {
  if (release?.kind !== 'json') return identity(release, response.headers, undefined).release;
  const text = decodedBody(response);
  return typeof text === 'string' ? identity(release, response.headers, parseJson(text)).release : undefined;
}

export function accepts(check: HttpCheckManifest, status: number): boolean {
  return check.status.some(({ first, last }) => first <= status && status <= last);
}

function latencyComplaint({ maxLatencyMs }: HttpCheckManifest, latencyMs: number): string | undefined {
  return maxLatencyMs !== undefined && latencyMs > maxLatencyMs ? `slower than ${formatDuration(maxLatencyMs)}` : undefined;
}

function certificateComplaint({ certificateExpiryMs }: HttpCheckManifest, { certificateExpiresAt }: HttpResponse, now: number): string | undefined {
  if (certificateExpiryMs === undefined || certificateExpiresAt === undefined || certificateExpiresAt - now > certificateExpiryMs) return undefined;
  return `the certificate expires ${new Date(certificateExpiresAt).toISOString().slice(0, 10)}`;
}

function headerComplaint({ headers: conditions }: HttpCheckManifest, headers: IncomingHttpHeaders): string | undefined {
  for (const { name, pattern } of conditions) {
    const value = headerValue(headers, name);
    if (value === undefined) return `no header ${name}`;
    const fits = matches(pattern, value);
    if (fits === undefined) return `the pattern for header ${name} took longer than ${PATTERN_LIMIT_MS} ms`;
    if (!fits) return `header ${name} is "${value}", which does not match /${pattern}/`;
  }
  return undefined;
}

function headerValue(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}

function needsBody({ bodyPattern, json, release }: HttpCheckManifest): boolean {
  return bodyPattern !== undefined || json.length > 0 || release?.kind === 'json';
}

function checkBody(check: HttpCheckManifest, response: HttpResponse): CheckedResponse {
  const text = decodedBody(response);
  if (typeof text !== 'string') return text;
  if (check.bodyPattern !== undefined) {
    const fits = matches(check.bodyPattern, text);
    if (fits === undefined) return { complaint: `the body pattern took longer than ${PATTERN_LIMIT_MS} ms` };
    if (!fits) return { complaint: `the body does not match /${check.bodyPattern}/` };
  }
  const document = check.json.length > 0 || check.release?.kind === 'json' ? parseJson(text) : null;
  if (document === undefined) return { complaint: 'the body is not JSON' };
  for (const { path, equals } of check.json) {
    const value = atPath(document, path);
    if (value !== equals) return { complaint: value === undefined ? `the body has no ${path}` : `${path} is ${show(value)}, not ${show(equals)}` };
  }
  return identity(check.release, response.headers, document);
}

function identity(wanted: ReleaseIdentityManifest | undefined, headers: IncomingHttpHeaders, document: unknown): CheckedResponse {
  if (wanted === undefined) return {};
  const said = wanted.kind === 'header' ? headerValue(headers, wanted.name) : atPath(document, wanted.path);
  // A number is a valid version: {"version": 7}.
  if ((typeof said === 'string' && said.trim() !== '') || typeof said === 'number') return { release: String(said) };
  const where = wanted.kind === 'header' ? `header ${wanted.name}` : `${wanted.path} in the body`;
  return { complaint: `the response does not name its release: no ${where}` };
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}

/** Decodes the body as text. Some servers compress despite `accept-encoding: identity`. */
export function decodedBody(response: HttpResponse): string | CheckedResponse {
  const tooLong = { complaint: `the body is longer than ${BODY_LIMIT_BYTES / 1024 / 1024} MiB, too long for a condition on it` };
  if (response.cut) return tooLong;
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return new TextDecoder().decode(response.body);
  const { brotliDecompressSync, gunzipSync, inflateSync } = onDemand.zlib();
  const unpack = { 'gzip': gunzipSync, 'x-gzip': gunzipSync, 'deflate': inflateSync, 'br': brotliDecompressSync }[encoding];
  if (unpack === undefined) return { complaint: `the body is encoded as "${encoding}"` };
  try {
    return new TextDecoder().decode(unpack(response.body, { maxOutputLength: BODY_LIMIT_BYTES }));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLong : { complaint: `the body is not ${encoding}, as its header says` };
  }
}

/**
 * Returns the value at a dotted path: `checks.database`, `nodes.0.state` or `nodes[0].state`.
 * Finds only values of the document, never built-in properties (`length`, `constructor`).
 */
function atPath(document: unknown, path: string): unknown {
  const steps = path.replace(/\[(\d+)\]/g, '.$1').split('.').filter((step, index) => step !== '' || index > 0);
  return steps.reduce<unknown>((value, step) => within(value, step), document);
}

function within(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return /^\d+$/.test(step) ? value[Number(step)] : undefined;
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, step)) return (value as Record<string, unknown>)[step];
  return undefined;
}
