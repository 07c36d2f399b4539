import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '../../../contract/deployment-outputs';
import { formatDuration } from '../../../contract/duration-text';
import { Clock } from '../../clock';
import { HttpResponse, sendRequest, BrokenResponseError } from '../../http/http-exchange';
import { isRejectedByProxy, ProxyError } from '../../http/proxy';
import { maskedLine, masker } from '../../reporting/masking';
import { ChannelError, faultOf } from '../notification';

/** The time that a channel has in total. */
export interface PostTimeouts {
  readonly clock: Clock;
  /** In milliseconds since the epoch. */
  readonly giveUpAt: number;
}

/** One request to a channel. It is built for each try, because a signature contains the time. */
export interface Post {
  readonly body: string;
  readonly headers?: Record<string, string>;
}

/** The timeout of one try; a receiver that only stores a notification needs far less. */
const TRY_MS = 5_000;
const FIRST_WAIT_MS = 1_000;
/** One of several IP addresses may be slow. */
const ADDRESS_MS = 1_000;
/** More of a response body is not read. */
const RESPONSE_LIMIT_BYTES = 2_000;

/** Why a try failed, and whether another one may succeed. */
interface Failure {
  readonly why: string;
  readonly isPassing: boolean;
  /** The receiver's `Retry-After`, in milliseconds. */
  readonly waitMs?: number;
}

/**
 * Posts JSON until the receiver accepts it. Retries after a timeout, a reset, 408, 429 (not before `Retry-After`) and 5xx. Never follows a
 * redirect, because the address is a secret. Rejects with `ChannelError`, which contains neither the address nor the body.
 */
export async function post(address: string, write: () => Post, { clock, giveUpAt }: PostTimeouts, secrets: readonly string[] = []): Promise<void> {
  const url = addressOf(address);
  const hide = masker([...secrets, ...partsOf(url)]);
  if (clock.now() >= giveUpAt) throw new ChannelError('no time was left for it');
  for (let tries = 1; ; tries++) {
    const failure = await once(url, write(), hide, Math.min(TRY_MS, giveUpAt - clock.now()));
    if (!failure) return;
    if (!failure.isPassing) throw new ChannelError(failure.why);
    const waitMs = Math.max(failure.waitMs ?? 0, FIRST_WAIT_MS * 2 ** (tries - 1));
    if (clock.now() + waitMs >= giveUpAt) throw new ChannelError(`${failure.why}; tried ${tries} time${tries === 1 ? '' : 's'}`);
    await clock.sleep(waitMs);
  }
}

/** Parses the URL in the secret. No part of it is ever shown. */
function addressOf(text: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (!url || url.hostname === '') throw new ChannelError('its secret holds no address: it must begin with https://');
  if (url.username !== '' || url.password !== '') throw new ChannelError('the address in its secret has a user name or a password, which is not supported');
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
  if (!isSafe) throw new ChannelError('the address in its secret must begin with https://, because anyone could read it in transit');
  return url;
}

/** Undefined if the receiver accepted it. */
async function once(url: URL, { body, headers }: Post, hide: Hide, timeoutMs: number): Promise<Failure | undefined> {
  const signal = AbortSignal.timeout(Math.max(1, timeoutMs));
  try {
    return failureOf(await sendRequest({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', 'user-agent': 'projen-delivery', ...headers },
      body,
      wantsBody: () => true,
      bodyLimitBytes: RESPONSE_LIMIT_BYTES,
      addressAttemptMs: ADDRESS_MS,
      signal,
    }), hide);
  } catch (error) {
    // the status was received before the response broke off
    if (error instanceof BrokenResponseError) return failureOf({ status: error.status, headers: {}, body: Buffer.alloc(0) }, hide);
    const why = signal.aborted ? `no response within ${formatDuration(timeoutMs, 'seconds')}` : `no connection (${codeOf(error)})`;
    return { why, isPassing: !isRejectedByProxy(error) };
  }
}

type Hide = (text: string) => string;

/** A response may repeat the request: every part of the URL is masked as a secret, before the text is cut. */
function partsOf({ href, pathname, search, searchParams }: URL): string[] {
  return [href, `${pathname}${search}`, pathname, ...[...pathname.split('/'), ...searchParams.values()].filter((part) => part.length >= 6)];
}

function failureOf({ body, headers, status }: Pick<HttpResponse, 'body' | 'headers' | 'status'>, hide: Hide): Failure | undefined {
  if (status >= 200 && status < 300) return undefined;
  const said = maskedLine(body.toString('utf8'), hide, 120);
  const response = `HTTP ${status}${said === '' ? '' : `: ${said}`}`;
  if (status >= 300 && status < 400) return { why: `HTTP ${status}, a redirect, which is not followed: set the new address in its secret`, isPassing: false };
  if (status !== 408 && status !== 429 && status < 500) return { why: response, isPassing: false };
  const waitMs = retryAfter(headers);
  return { why: waitMs === undefined ? response : `${response} (Retry-After: ${formatDuration(waitMs, 'seconds')})`, isPassing: true, waitMs };
}

/** Seconds, or a date by the receiver's clock. */
function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text.trim())) return Number(text) * 1000;
  const until = Date.parse(text);
  const now = Date.parse(headers.date ?? '');
  return Number.isNaN(until) || Number.isNaN(now) ? undefined : Math.max(until - now, 0);
}

/** The error's message may contain the URL, so only its code is shown; a ProxyError names only the proxy. */
function codeOf(error: unknown): string {
  if (error instanceof ProxyError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  return code ? faultOf(code) : 'the request failed';
}
