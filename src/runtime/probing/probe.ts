import { accepts, checkResponse, releaseOf } from './response-conditions';
import { Clock } from '../clock';
import { InterruptedError } from '../errors';
import { networkFault } from './network-fault';
import { Observation } from './observation';
import { lackingIn } from '../../contract/deployment-outputs';
import { formatDuration } from '../../contract/duration-text';
import { EnvironmentManifest, HealthCheckManifest, HttpCheckManifest, secretsOf } from '../../contract/manifest';
import { HttpResponse, sendRequest, BrokenResponseError } from '../http/http-exchange';
import { GATEWAY_FAULTS, throughProxy } from '../http/proxy';
import { onDemand } from '../lazily';
import type { CommandOptions, runUserCommand } from '../processes/user-command';
import { identifies, Named, Release } from '../release';
import { masker } from '../reporting/masking';
import { safeLine } from '../reporting/untrusted-text';
import { VERSION } from '../version';

/** What a health check is probed against. */
export interface ProbeTarget {
  /** The release that must respond. */
  readonly release: Release;
  /** The replaced releases: their responses are stale, those of any other release are bad. With a candidate, the responses of all others are stale. */
  readonly replaced?: readonly Named[];
  /** Releases that share the traffic with it: a good response of theirs is good. */
  readonly sharedWith?: readonly Named[];
  /** When users got what is live now, in milliseconds since the epoch: an alarm that fired before says nothing about it. @default - all that is found is about it */
  readonly liveSince?: number;
  /** Whether an earlier release was restored: an alarm that fires now may be about the release that was left. @default false */
  readonly isRestored?: boolean;
  /**
   * The candidate's URL: replaces the origin of the check's URL, and its path is a prefix.
   *
   * @default - the URL of the check
   */
  readonly url?: string;
  /** The slot of the candidate. */
  readonly slot?: string;
  /** Holds the values of secret request headers. */
  readonly env: Record<string, string | undefined>;
  /**
   * Hidden, like what is sent: responses are cut here, and half a secret is not recognized later.
   *
   * @default - none
   */
  readonly secrets?: readonly string[];
  /**
   * Certificates (PEM) to trust instead of Node's own.
   *
   * @default - Node's own, and those in NODE_EXTRA_CA_CERTS
   */
  readonly ca?: string;
}

/** Probes once. Rejects with `InterruptedError` when the signal aborts. */
export type Prober = (check: HealthCheckManifest, target: ProbeRequest, signal?: AbortSignal) => Promise<Observation>;

/** A target whose secrets the prober may know already. */
export type ProbeRequest = Omit<ProbeTarget, 'env'> & Partial<Pick<ProbeTarget, 'env'>>;

/** The result of a probe, without its times. */
export type ProbeResponse = Omit<Observation, 'startedAt' | 'endedAt'>;

/** What probes of other kinds than http use. */
export interface ProbeTools {
  readonly environment: EnvironmentManifest;
  /** Names of all secrets of the delivery; a command gets only its own. */
  readonly secretNames: readonly string[];
  readonly clock: Clock;
  /** For the members of a group. */
  readonly probe: Prober;
  /** Runs a command in the project's directory. */
  readonly run: (command: Parameters<typeof runUserCommand>[0], options: Omit<CommandOptions, 'cwd' | 'clock' | 'secrets'>) => ReturnType<typeof runUserCommand>;
}

/** Probes once. Rejects with the signal's reason or a network error. */
export type OtherProbe<T> = (check: T, target: ProbeTarget, signal: AbortSignal) => Promise<ProbeResponse>;

/**
 * Probes a health check once. Never rejects because of the service. Takes at most the check's timeout, including redirects and the body.
 * Rejects with `InterruptedError` when `signal` aborts.
 *
 * @param look probes checks of other kinds than http
 */
export async function probe(
  check: HealthCheckManifest, target: ProbeTarget, clock: Clock, signal?: AbortSignal, look?: OtherProbe<HealthCheckManifest>,
): Promise<Observation> {
  if (signal?.aborted) throw new InterruptedError();
  const brief = brevity(check, target);
  const startedAt = clock.now();
  const end = new AbortController();
  const interrupt = () => end.abort(new InterruptedError());
  signal?.addEventListener('abort', interrupt, { once: true });
  void clock.sleep(check.timeoutMs, end.signal).then(() => end.abort(new TimedOut()));
  let seen: ProbeResponse;
  try {
    seen = check.kind === 'http' ? await probeUrl(check, target, end.signal, clock) : await look!(check, target, end.signal);
  } catch (error) {
    seen = faultOf(error, check, target, clock.now() - startedAt);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    end.abort(new InterruptedError());
  }
  if (signal?.aborted) throw new InterruptedError();
  return {
    ...seen,
    startedAt,
    endedAt: clock.now(),
    saw: brief(seen.saw, 160),
    release: seen.release === undefined ? undefined : brief(seen.release, 80),
  };
}

async function probeUrl(check: HttpCheckManifest, target: ProbeTarget, signal: AbortSignal, clock: Clock): Promise<ProbeResponse> {
  const startedAt = clock.now();
  const response = await follow(check, target, signal);
  return evaluate(check, target, response, clock.now() - startedAt, clock.now(), brevity(check, target));
}

/** Returns the response that a probe gets, redirects followed, whatever the conditions are. Rejects as `sendRequest` does, or if it must not be followed. */
export function recordResponse(check: HttpCheckManifest, target: ProbeTarget, signal: AbortSignal): Promise<HttpResponse> {
  return follow(check, target, signal);
}

/** The URL to probe: the check's own, or the same path and query on a candidate. */
function urlOf(check: HttpCheckManifest, candidate?: string): URL {
  const lacking = lackingIn(check.url);
  if (lacking !== undefined) throw new UnsendableError(lacking);
  const url = new URL(check.url);
  if (candidate === undefined) return url;
  if (!URL.canParse(candidate) || !/^https?:$/.test(new URL(candidate).protocol)) throw new NoCandidate(`the candidate URL "${candidate}" is no http:// or https:// URL`);
  const base = new URL(candidate);
  return new URL(`${base.pathname.replace(/\/+$/, '')}${url.pathname}${url.search}`, base.origin);
}

class TimedOut extends Error {}

/** The deploy command or the option names an invalid candidate URL. */
class NoCandidate extends Error {}

/** The request cannot be sent as configured. It says nothing about the service. */
class UnsendableError extends Error {}

/** The service redirects to a URL that the probe must not follow. */
class BadRedirect extends Error {
  constructor(public readonly status: number, message: string) {
    super(message);
  }
}

const REDIRECTS = [301, 302, 303, 307, 308];

async function follow(check: HttpCheckManifest, target: ProbeTarget, signal: AbortSignal): Promise<HttpResponse> {
  const first = urlOf(check, target.url);
  const isRedirect = (status: number) => REDIRECTS.includes(status) && !accepts(check, status);
  const visited = new Set<string>();
  const expiries: number[] = [];
  let url = first;
  let left = false;
  for (;;) {
    visited.add(url.href);
    left ||= url.origin !== first.origin;
    const response = await sendRequest({
      url,
      headers: left ? headersElsewhere(check) : headersOf(check, target),
      wantsBody: (status) => !isRedirect(status),
      useProxy: check.useProxy,
      addressAttemptMs: Math.max(250, check.timeoutMs / 4),
      ca: target.ca,
      signal,
    });
    if (response.certificateExpiresAt !== undefined) expiries.push(response.certificateExpiresAt);
    const { location } = response.headers;
    if (!isRedirect(response.status) || location === undefined) {
      return { ...response, certificateExpiresAt: expiries.length > 0 ? Math.min(...expiries) : undefined };
    }
    url = redirected(response.status, url, location, { check, visited, stay: target.url !== undefined });
  }
}

interface Journey {
  readonly check: HttpCheckManifest;
  readonly visited: Set<string>;
  /** Whether only the first origin may respond: a candidate that redirects elsewhere is not verified. */
  readonly stay: boolean;
}

function redirected(status: number, at: URL, location: string, { check, visited, stay }: Journey): URL {
  const reject = (why: string) => new BadRedirect(status, why);
  if (!URL.canParse(location, at.href)) throw reject('redirects to what is no URL');
  const to = new URL(location, at);
  to.hash = '';
  const shown = `${to.origin}${to.pathname}`;
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw reject(`redirects to ${to.protocol}`);
  if (at.protocol === 'https:' && to.protocol === 'http:') throw reject(`redirects from https to ${shown}`);
  if (stay && to.origin !== at.origin) throw reject(`the candidate redirects to ${shown}, which is not the candidate`);
  if (visited.has(to.href)) throw reject(`redirects in a circle, to ${shown}`);
  if (visited.size > check.maxRedirects) throw reject(`redirects more than ${check.maxRedirects} times, to ${shown}`);
  return to;
}

export function ownHeaders(): Record<string, string> {
  return {
    'user-agent': `projen-delivery/${VERSION}`,
    'accept': '*/*',
    'accept-encoding': 'identity',
    'cache-control': 'no-cache, no-store',
    'pragma': 'no-cache',
  };
}

function headersOf(check: HttpCheckManifest, { env }: ProbeTarget): Record<string, string> {
  const headers = { ...ownHeaders(), ...lowerCased(check.requestHeaders) };
  for (const [name, variable] of Object.entries(check.secretRequestHeaders)) {
    const value = env[variable]?.trim();
    if (!value) throw new UnsendableError(`the secret ${variable} for header ${name} has no value`);
    headers[name.toLowerCase()] = value;
  }
  const { validateHeaderValue } = onDemand.http();
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderValue(name, value);
    } catch {
      throw new UnsendableError(`the value for request header ${name} holds characters that HTTP does not allow`);
    }
  }
  return headers;
}

/** Headers for another origin: without secrets and without the first host. */
function headersElsewhere(check: HttpCheckManifest): Record<string, string> {
  const headers = { ...ownHeaders(), ...lowerCased(check.requestHeaders) };
  const secret = Object.keys(check.secretRequestHeaders).map((name) => name.toLowerCase());
  for (const name of ['host', 'authorization', 'proxy-authorization', 'cookie', ...secret]) delete headers[name];
  return headers;
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function evaluate(
  check: HttpCheckManifest, target: ProbeTarget, response: HttpResponse, latencyMs: number, now: number, brief: Brief,
): ProbeResponse {
  const { status } = response;
  const measured = { status, latencyMs };
  const head = `${status} in ${formatDuration(latencyMs)}`;
  const instead = (release: string) => `${brief(release, 40)} responded instead of ${brief(target.release.version, 40)}`;
  if (!accepts(check, status)) return bad(badStatus(check, status), head);
  const { complaint, release } = checkResponse(check, response, latencyMs, now);
  if (complaint !== undefined) return bad('unhealthy', `${head}, ${complaint}`);
  if (release === undefined) return { ...measured, outcome: 'healthy', saw: head };
  if (isMeant(release, target)) return { ...measured, outcome: 'healthy', release, saw: `${head}, ${brief(release, 40)}` };
  return { ...measured, outcome: isReplaced(release, target) ? 'stale' : 'unhealthy', release, saw: `${head}, ${instead(release)}` };

  /** A bad response of the replaced release says nothing about the new one. */
  function bad(outcome: 'unhealthy' | 'unreachable', saw: string): ProbeResponse {
    const said = outcome === 'unhealthy' ? releaseOf(check, response) : undefined;
    if (said === undefined || identifies(said, target.release) || !isReplaced(said, target)) return { ...measured, outcome, release: said, saw };
    return { ...measured, outcome: 'stale', release: said, saw: `${saw}, ${instead(said)}` };
  }
}

/** Whether it is the release that must respond, or one that shares the traffic with it. */
function isMeant(release: string, { release: meant, sharedWith = [] }: ProbeTarget): boolean {
  return [meant, ...sharedWith].some((one) => identifies(release, one));
}

function isReplaced(release: string, { replaced, url }: ProbeTarget): boolean {
  return url !== undefined || (replaced?.some((one) => identifies(release, one)) ?? false);
}

/** A gateway's 502, 503 or 504 means that the service is unreachable, unless the check expects that status. */
function badStatus(check: HealthCheckManifest, status: number): 'unhealthy' | 'unreachable' {
  return GATEWAY_FAULTS.includes(status) && !(check.kind === 'http' && accepts(check, status)) ? 'unreachable' : 'unhealthy';
}

/** Names the proxy, which may be the one that hangs. */
function wayTo(check: HealthCheckManifest, { url }: ProbeTarget): string {
  return check.kind === 'http' ? throughProxy(urlOf(check, url), check.useProxy) : '';
}

function faultOf(error: unknown, check: HealthCheckManifest, target: ProbeTarget, latencyMs: number): ProbeResponse {
  if (error instanceof UnsendableError) return { outcome: 'blind', saw: `cannot probe: ${error.message}` };
  if (error instanceof NoCandidate) return { outcome: 'unhealthy', saw: error.message };
  if (error instanceof BadRedirect) return { outcome: 'unhealthy', status: error.status, latencyMs, saw: `${error.status}, ${error.message}` };
  if (error instanceof TimedOut) return { outcome: 'unreachable', saw: `no response within ${formatDuration(check.timeoutMs)}${wayTo(check, target)}` };
  if (error instanceof BrokenResponseError) return brokenResponse(error, check);
  return networkFault(error);
}

/** The response began and broke off. */
function brokenResponse({ status, cause }: BrokenResponseError, check: HealthCheckManifest): ProbeResponse {
  const broke = cause instanceof TimedOut ? `its body did not end within ${formatDuration(check.timeoutMs)}` : 'the connection broke off in the body';
  return { outcome: badStatus(check, status), status, saw: `${status}, but ${broke}` };
}

/** Formats untrusted text: short, one line, without the secrets that were sent. */
type Brief = (text: string, max: number) => string;

function brevity(check: HealthCheckManifest, { env, secrets = [] }: ProbeTarget): Brief {
  const values = secretsOf(check).map((variable) => env[variable] ?? '');
  const mask = masker([...secrets, ...values.flatMap((value) => [value, ...value.split(/\s+/).filter((part) => part.length >= 8)])]);
  // Twice: characters that are removed from a line may have split a secret.
  return (text, max) => safeLine(mask(safeLine(mask(text), 2 * max)), max);
}
