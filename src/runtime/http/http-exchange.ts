import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { urlToHttpOptions } from 'node:url';
import { NamedError } from '../errors';
import { onDemand } from '../lazily';
import { optionsThrough, proxyFor, ProxyUse, rejectedWith } from './proxy';

/** The limit of a body. A longer one is cut, and the connection is closed. */
export const BODY_LIMIT_BYTES = 1024 * 1024;

export interface HttpRequest {
  /** @default 'GET' */
  readonly method?: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  /** What is sent. @default - nothing */
  readonly body?: string;
  /** Whether to read the body of a response with this status. */
  readonly wantsBody: (status: number) => boolean;
  /** @default BODY_LIMIT_BYTES */
  readonly bodyLimitBytes?: number;
  /** Whether to reuse connections: for a server that gets many requests and is not the one under test. @default false */
  readonly reuses?: boolean;
  /** Whether to use the proxy that the environment names. @default - unless the URL is on loopback */
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
  /** Whether the body was longer than the limit. */
  readonly cut: boolean;
  /** When the server's certificate expires, in milliseconds since the epoch; absent over plain HTTP. */
  readonly certificateExpiresAt?: number;
}

/** The response began and broke off. */
export class BrokenResponseError extends NamedError {
  constructor(public readonly status: number, cause: unknown) {
    super('the response broke off', { cause });
  }
}

/**
 * Sends a request, by default over a new connection, so that each probe resolves the name and sees a traffic switch. Not Node's `fetch`:
 * its first use compiles a parser, which takes 40 MB and 0.14 s.
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
      if (proxy && isRejection(response, question)) return fail(rejectedWith(proxy, 407));
      status = response.statusCode ?? 0;
      const head = { status, headers: response.headers, certificateExpiresAt: certificateExpiry(response) };
      const body = question.wantsBody(status) ? read(response, question.bodyLimitBytes) : Promise.resolve(NO_BODY);
      body.then((bytes) => resolve({ ...head, ...bytes }), fail);
    });
    request.end(question.body);
  }).finally(() => {
    // the signal of a timeout lives longer and would keep all of this
    signal.removeEventListener('abort', stop);
    request.destroy();
  });
}

/**
 * Sends a request, and passes the body to `take` as a stream of any length. Rejects with the error of `take`, `ProxyError`, Node's error
 * or the signal's reason.
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
        // the reader of the body gets the error
        begun.on('error', () => undefined);
        resolve(begun);
      });
      request.end(question.body);
    });
    if (proxy && isRejection(response, question)) throw rejectedWith(proxy, 407);
    return await take({ status: response.statusCode ?? 0, headers: response.headers }, response);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', stop);
    request.destroy();
  }
}

/** Whether the proxy itself requires other credentials. In a tunnel the response is the service's. */
function isRejection({ statusCode }: IncomingMessage, { url }: Pick<HttpRequest, 'url'>): boolean {
  return statusCode === 407 && url.protocol === 'http:';
}

type Body = Pick<HttpResponse, 'body' | 'cut'>;
const NO_BODY: Body = { body: Buffer.alloc(0), cut: false };

function open({ method, url, headers, addressAttemptMs, ca, reuses, signal }: Omit<HttpRequest, 'wantsBody'>, proxy: URL | undefined): ClientRequest {
  const options = {
    ...urlToHttpOptions(url),
    method,
    // not from the URL: credentials in it would appear in logs
    auth: undefined,
    headers,
    // probes share no connections or TLS sessions; Node's agent keeps them for some seconds
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
