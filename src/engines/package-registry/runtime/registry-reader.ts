import { RuntimeContext } from '../../../runtime/context';
import { InterruptedError } from '../../../runtime/errors';
import { HttpResponse, sendRequest } from '../../../runtime/http/http-exchange';
import { networkFault } from '../../../runtime/probing/network-fault';
import { ownHeaders } from '../../../runtime/probing/probe';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError } from '../../../runtime/targets/engine-error';
import { withRetries } from '../../../runtime/targets/engine-retries';

export interface RegistryPage {
  readonly text: string;
  readonly contentType: string;
}

/** A registry has no such page. */
export interface MissingPage {
  /** What it says about it, in one line; empty where that is a page for browsers. */
  readonly missing: string;
}

const TRY_MS = 30_000;
const ADDRESS_MS = 1_000;
const REDIRECTS = 5;
/** The page of a package with thousands of versions. */
const LIMIT_BYTES = 64 * 1024 * 1024;

/** Reads pages of a registry over HTTP. Changes nothing. */
export class RegistryReader {
  constructor(private readonly context: Pick<RuntimeContext, 'clock' | 'interrupted' | 'log'>) {}

  /** Undefined if the registry has no such page. Rejects with `EngineError` and `InterruptedError`. */
  public async read(url: string, accept: string, giveUpAt: number): Promise<RegistryPage | undefined> {
    const found = await this.find(url, accept, giveUpAt);
    return 'missing' in found ? undefined : found;
  }

  /** The page, or what the registry says where it has none. Rejects with `EngineError` and `InterruptedError`. */
  public find(url: string, accept: string, giveUpAt: number): Promise<RegistryPage | MissingPage> {
    return withRetries({ context: this.context, giveUpAt, retried: ['throttled', 'unavailable', 'timeout'] }, () => this.once(new URL(url), accept, giveUpAt));
  }

  private async once(url: URL, accept: string, giveUpAt: number): Promise<RegistryPage | MissingPage> {
    const name = `GET ${url.href}`;
    let at = url;
    for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
      const { body, cut, headers, status } = await this.send(at, accept, name, giveUpAt);
      if (status >= 300 && status < 400 && headers.location !== undefined) {
        at = redirected(headers.location, at, name);
        continue;
      }
      if (isMissing(status)) return { missing: /text\/plain/.test(headers['content-type'] ?? '') ? safeLine(body.toString('utf8', 0, 2_000), 300) : '' };
      if (status !== 200) throw errorOf(name, status);
      if (cut) throw new EngineError('rejected', `${name}: the response is longer than ${LIMIT_BYTES / 1024 / 1024} MiB`);
      return { text: body.toString('utf8'), contentType: headers['content-type'] ?? '' };
    }
    throw new EngineError('rejected', `${name}: more than ${REDIRECTS} redirects`);
  }

  private async send(url: URL, accept: string, name: string, giveUpAt: number): Promise<HttpResponse> {
    const { clock, interrupted } = this.context;
    if (interrupted.aborted) throw new InterruptedError();
    const leftMs = giveUpAt - clock.now();
    if (leftMs <= 0) throw new EngineError('timeout', `${name} was not begun: the command's time limit has passed`);
    const timeout = AbortSignal.timeout(Math.min(TRY_MS, leftMs));
    try {
      return await sendRequest({
        url,
        headers: { ...ownHeaders(), accept },
        wantsBody: (status) => status === 200 || isMissing(status),
        bodyLimitBytes: LIMIT_BYTES,
        addressAttemptMs: ADDRESS_MS,
        signal: AbortSignal.any([timeout, interrupted]),
      });
    } catch (error) {
      if (interrupted.aborted) throw new InterruptedError();
      if (timeout.aborted) throw new EngineError('timeout', `${name}: no response in time`);
      throw new EngineError('unavailable', `${name}: ${networkFault(error).saw}`);
    }
  }
}

function isMissing(status: number): boolean {
  return status === 404 || status === 410;
}

/** A registry that is read over https is not read in plain text. */
function redirected(location: string, from: URL, name: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (to && ['https:', from.protocol].includes(to.protocol) && to.username === '' && to.password === '') return to;
  throw new EngineError('rejected', `${name}: it redirects to an address that is not followed`);
}

function errorOf(name: string, status: number): EngineError {
  const message = `${name}: ${status}`;
  if (status === 429) return new EngineError('throttled', message);
  if (status >= 500) return new EngineError('unavailable', message);
  if (status === 401) return new EngineError('signedOut', message);
  return new EngineError(status === 403 ? 'accessDenied' : 'rejected', message);
}
