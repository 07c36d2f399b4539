import { NamedError } from '../errors';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { urlToHttpOptions } from 'node:url';
import { onDemand } from '../lazily';
import { optionsThrough, proxyFor, ProxyUse, refusedWith } from './proxy';

/** More of a service's body is never read: the connection is cut, and what was read is judged. */
export const BODY_LIMIT_BYTES = 1024 * 1024;

export interface HttpRequest {
  /** @default 'GET' */
  readonly method?: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  /** What is sent. @default - nothing */
  readonly body?: string;
  /** Whether the body of an answer with this status is wanted. */
  readonly wantsBody: (status: number) => boolean;
  /** @default BODY_LIMIT_BYTES */
  readonly bodyLimitBytes?: number;
  /** Whether the next question may go over the same connection: for one who is asked often, and is not what is examined. @default false */
  readonly reuses?: boolean;
  /** Whether it goes through the proxy that the process's environment names. @default - unless the URL is on loopback */
  readonly useProxy?: ProxyUse;
  /** How long one of several addresses may take to connect before the next is tried. */
  readonly addressAttemptMs: number;
  /** Certificates (PEM) to trust instead of Node's own. */
  readonly ca?: string;
  /** Rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body was longer than was wanted. */
  readonly cut: boolean;
  /** When the server's certificate expires, in milliseconds since the epoch; absent over plain HTTP. */
  readonly certificateExpiresAt?: number;
}

/** The answer began, and broke off before its end. */
export class BrokenResponseError extends NamedError {
  constructor(public readonly status: number, cause: unknown) {
    super('the answer broke off', { cause });
  }
}

/**
 * One request, over a connection of its own unless it says otherwise: then nothing is pooled, so the resolver and the switch of traffic
 * are seen afresh. Not Node's `fetch`: that compiles a parser when it is first used, which takes 40 MB and a seventh of a second.
 * Rejects with `BrokenResponseError` once a status has come, else with `ProxyError`, Node's error or the signal's reason.
 */
export async function sendRequest(question: HttpRequest): Promise<HttpResponse> {
  const { signal } = question;
  signal.throwIfAborted();
  const proxy = proxyFor(question.url, question.useProxy);
  const request = open(question, proxy);
  let status: number | undefined;
  let stop = () => {};
  return new Promise<HttpResponse>((resolve, reject) => {
    const fail = (error: unknown) => reject(status === undefined ? error : new BrokenResponseError(status, error));
    stop = () => fail(signal.reason);
    signal.addEventListener('abort', stop);
    request.on('error', fail);
    request.on('response', (response) => {
      response.on('error', fail);
      if (proxy && isRefusal(response, question)) return fail(refusedWith(proxy, 407));
      status = response.statusCode ?? 0;
      const head = { status, headers: response.headers, certificateExpiresAt: certificateExpiry(response) };
      const body = question.wantsBody(status) ? read(response, question.bodyLimitBytes) : Promise.resolve(NO_BODY);
      body.then((bytes) => resolve({ ...head, ...bytes }), fail);
    });
    request.end(question.body);
  }).finally(() => {
    // a signal of a timeout lives until then, and would keep all of this
    signal.removeEventListener('abort', stop);
    request.destroy();
  });
}

/**
 * As `sendRequest`, but `take` reads the body as it comes, whatever its length. Rejects with what `take` rejects with, with `ProxyError`, Node's error or
 * the signal's reason.
 */
export async function streamRequest<T>(
  question: Omit<HttpRequest, 'wantsBody' | 'bodyLimitBytes'>, take: (head: Pick<HttpResponse, 'status' | 'headers'>, body: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const { signal } = question;
  signal.throwIfAborted();
  const proxy = proxyFor(question.url, question.useProxy);
  const request = open(question, proxy);
  const stop = () => request.destroy();
  signal.addEventListener('abort', stop);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (begun) => {
        // whoever reads it is told of it there
        begun.on('error', () => undefined);
        resolve(begun);
      });
      request.end(question.body);
    });
    if (proxy && isRefusal(response, question)) throw refusedWith(proxy, 407);
    return await take({ status: response.statusCode ?? 0, headers: response.headers }, response);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', stop);
    request.destroy();
  }
}

/** Whether the proxy itself answered, which wants other credentials; in a tunnel it is the service. */
function isRefusal({ statusCode }: IncomingMessage, { url }: Pick<HttpRequest, 'url'>): boolean {
  return statusCode === 407 && url.protocol === 'http:';
}

type Body = Pick<HttpResponse, 'body' | 'cut'>;
const NO_BODY: Body = { body: Buffer.alloc(0), cut: false };

function open({ method, url, headers, addressAttemptMs, ca, reuses, signal }: Omit<HttpRequest, 'wantsBody'>, proxy: URL | undefined): ClientRequest {
  const options = {
    ...urlToHttpOptions(url),
    method,
    // Not from a URL: credentials in one would end up in logs.
    auth: undefined,
    headers,
    // A probe shares neither connections nor TLS sessions with the one before; Node's own agent keeps them for some seconds.
    agent: reuses ? undefined : false as const,
    autoSelectFamilyAttemptTimeout: addressAttemptMs,
    ...(proxy && optionsThrough(proxy, { url, headers, signal })),
  };
  return url.protocol === 'https:' ? onDemand.https().request({ ...options, ca }) : onDemand.http().request(options);
}

function read(response: IncomingMessage, limit = BODY_LIMIT_BYTES): Promise<Body> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= limit) return;
      response.destroy();
      resolve({ body: Buffer.concat(chunks, limit), cut: true });
    });
    response.on('end', () => resolve({ body: Buffer.concat(chunks), cut: false }));
    response.on('error', reject);
  });
}

function certificateExpiry({ socket }: IncomingMessage): number | undefined {
  if (!('getPeerCertificate' in socket)) return undefined;
  return Date.parse((socket as TLSSocket).getPeerCertificate().valid_to);
}
