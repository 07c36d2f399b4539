import type { HttpCheckManifest, ReleaseIdentityManifest } from '../../../contract/manifest';
import type { HttpResponse } from '../../http/http-exchange';
import { parseJson } from '../../json-value';
import type { Named } from '../../release';
import { decodedBody } from '../response-conditions';

/** What goes wrong with a response, in the order of the report. */
export const FAULTS = ['stale', 'another release', 'slow', 'status 500', 'truncated', 'error page'] as const;

export type Fault = typeof FAULTS[number];

/** The release that the live one replaced, in a rehearsal. */
export const REPLACED: Named = { version: 'v0.0.0-replaced', sha: '' };
/** A release that is neither live nor replaced. */
const ANOTHER = 'v0.0.0-another';

/** A response as it is sent again. */
export interface Replayed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
  /** `late`: nothing is sent. `broken`: the connection ends in the middle of the body. */
  readonly arrives: 'whole' | 'late' | 'broken';
}

/** Belongs to one connection, or says how the body was sent. */
const NOT_REPLAYED = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'content-length', 'content-encoding', 'trailer', 'upgrade', 'date'];

/** Returns the response as it came. */
export function replayed(response: HttpResponse): Replayed {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(response.headers)) if (value !== undefined && !NOT_REPLAYED.includes(name)) headers[name] = value;
  const isEncoded = !['identity', ''].includes((response.headers['content-encoding'] ?? '').trim().toLowerCase());
  const text = isEncoded ? decodedBody(response) : undefined;
  return { status: response.status, headers, body: typeof text === 'string' ? Buffer.from(text) : response.body, arrives: 'whole' };
}

/** Returns the same response with a fault. */
export function withFault(fault: Fault, response: Replayed, check: HttpCheckManifest): Replayed {
  switch (fault) {
    case 'stale': return ofRelease(REPLACED.version, response, check.release);
    case 'another release': return ofRelease(ANOTHER, response, check.release);
    case 'slow': return { ...response, arrives: 'late' };
    case 'status 500': return { ...response, status: 500 };
    case 'truncated': return { ...response, arrives: 'broken' };
    case 'error page': return { status: response.status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: Buffer.from(errorPage(check)), arrives: 'whole' };
  }
}

/** A response that names no release is the same for each. */
function ofRelease(version: string, response: Replayed, identity: ReleaseIdentityManifest | undefined): Replayed {
  if (identity === undefined) return response;
  if (identity.kind === 'header') return { ...response, headers: { ...response.headers, [identity.name.toLowerCase()]: version } };
  const document = parseJson(response.body.toString());
  put(document, identity.path.replace(/\[(\d+)\]/g, '.$1').split('.').filter((step, index) => step !== '' || index > 0), version);
  return { ...response, body: Buffer.from(JSON.stringify(document)) };
}

/** The path is there: the live response named its release. */
function put(document: unknown, [step, ...rest]: readonly string[], value: string): void {
  const within = document as Record<string, unknown>;
  if (rest.length === 0) within[step] = value;
  else put(within[step], rest, value);
}

/** As gateways and content delivery networks write it: with the address that was requested. */
function errorPage({ url }: HttpCheckManifest): string {
  const { host, pathname } = new URL(url);
  return '<!DOCTYPE html>\n<html lang="en">\n<head><title>503 Service Temporarily Unavailable</title></head>\n<body>\n<h1>503 Service Temporarily Unavailable</h1>\n'
    + `<p>An error occurred while processing the request for ${pathname} on ${host}. The server is not healthy. Please try again later, or look at the status page. `
    + 'Request id: 4bf92f3577b34da6</p>\n</body>\n</html>\n';
}
