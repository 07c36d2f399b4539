import { HttpResponse, sendRequest, HttpRequest } from '../../http/http-exchange';
import { onDemand } from '../../lazily';

/** The options that octokit passes to `fetch`. */
interface OctokitRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** @default 'follow' */
  readonly redirect?: 'follow' | 'manual';
  readonly signal: AbortSignal;
}

/** The parts of a response that octokit reads. */
interface OctokitResponse {
  readonly status: number;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  text(): Promise<string>;
  json(): Promise<unknown>;
  arrayBuffer(): Promise<Uint8Array>;
}

/** One of several IP addresses may be slow. */
const ADDRESS_MS = 1_000;
const MAX_REDIRECTS = 5;
/** The request is repeated unchanged: GitHub redirects like this after a repository was renamed. */
const REPEATED = [301, 302, 307, 308];

/** The subset of `fetch` that octokit needs, without undici's start-up cost. Rejects with Node's error or the signal's reason. */
export async function octokitFetch(address: string, { method, headers, body, redirect, signal }: OctokitRequest): Promise<OctokitResponse> {
  let url = new URL(address);
  let sent: Record<string, string> = { ...headers, 'accept-encoding': 'gzip' };
  for (let redirects = 0; ; redirects++) {
    const response = await exchange({ method, url, headers: sent, body, signal });
    const { location } = response.headers;
    const mayRepeat = redirect !== 'manual' && REPEATED.includes(response.status) && (method === 'GET' || response.status > 302);
    if (!mayRepeat || location === undefined || redirects === MAX_REDIRECTS) return responseOf(url, response);
    const to = new URL(location, url);
    // the token is for GitHub
    if (to.origin !== url.origin) sent = Object.fromEntries(Object.entries(sent).filter(([name]) => name !== 'authorization'));
    url = to;
  }
}

async function exchange(request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body' | 'signal'>): Promise<HttpResponse> {
  try {
    return await sendRequest({ ...request, wantsBody: () => true, bodyLimitBytes: Infinity, reuses: true, addressAttemptMs: ADDRESS_MS });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // if several addresses were tried, only the code has the reason
    throw message ? error : new Error(code);
  }
}

function responseOf(url: URL, { body, headers, status }: HttpResponse): OctokitResponse {
  const isPacked = headers['content-encoding'] === 'gzip' && body.length > 0;
  const bytes = isPacked ? onDemand.zlib().gunzipSync(body) : body;
  const text = bytes.toString('utf8');
  return {
    status,
    url: url.href,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    text: async () => text,
    json: async () => JSON.parse(text) as unknown,
    arrayBuffer: async () => bytes,
  };
}
