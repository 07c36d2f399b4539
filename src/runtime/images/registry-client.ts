import { credentialsOf, RegistryCredentials } from './registry-credentials';
import { isLoopback } from '../../contract/deployment-outputs';
import { RuntimeContext } from '../context';
import { InterruptedError } from '../errors';
import { HttpResponse, sendRequest } from '../http/http-exchange';
import { isObject, isText } from '../json-value';
import { safeLine } from '../reporting/untrusted-text';

/** Whether a registry has an image. */
export type Presence =
  | { readonly kind: 'kept' | 'gone' }
  /** `mayPass`: a later attempt may find out. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly mayPass: boolean };

export type RegistryContext = Pick<RuntimeContext, 'clock' | 'interrupted' | 'processEnv'>;

const TRY_MS = 10_000;
/** One of several IP addresses may be slow. */
const ADDRESS_MS = 2_000;
const WAITS_MS = [500, 2_000];
const TOKEN_LIMIT_BYTES = 64 * 1024;

/** All kinds of manifests that a digest may be of. A registry responds with 404 for a kind that is not named. */
const ACCEPT = [
  'application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Asks a registry for the manifest of a digest, with the credentials that are here. Rejects with `InterruptedError` only.
 *
 * @see https://distribution.github.io/distribution/spec/api/
 */
export async function presenceIn(repository: string, digest: string, context: RegistryContext): Promise<Presence> {
  for (let attempt = 0; ; attempt++) {
    const found = await new RegistryVisit(repository, context).presence(digest);
    const waitMs = WAITS_MS[attempt];
    if (found.kind !== 'unknown' || !found.mayPass || waitMs === undefined) return found;
    await context.clock.sleep(waitMs, context.interrupted);
  }
}

/** One attempt, with one sign-in. */
class RegistryVisit {
  private authorization?: string;
  private isSignedIn = false;
  private readonly registry: string;
  private readonly base: URL;

  constructor(repository: string, private readonly context: RegistryContext) {
    const { name, registry } = addressOf(repository);
    this.registry = registry;
    this.base = new URL(`${name}/`, apiOf(registry));
  }

  public async presence(digest: string): Promise<Presence> {
    try {
      return await this.presenceOf(digest);
    } catch (error) {
      if (this.context.interrupted.aborted) throw new InterruptedError();
      return unknown(`${this.registry} cannot be reached: ${safeLine(error instanceof Error ? error.message : String(error))}`, true);
    }
  }

  private async presenceOf(digest: string): Promise<Presence> {
    const response = await this.get('HEAD', `manifests/sha256:${digest}`);
    const { status } = response;
    if (status === 200) return { kind: 'kept' };
    if (status === 404) return (await this.isVisible()) ? { kind: 'gone' } : unknown(`${this.registry} does not show the repository to this job`, false);
    if (status === 401 || status === 403) return unknown(`${this.registry} denies ${this.isSignedIn ? 'the credentials of this job' : 'access without credentials'}`, false);
    return unknown(`${this.registry} responds with ${status}`, status === 408 || status === 429 || status >= 500);
  }

  /** Some registries respond with 404 if the caller has no access to the repository. */
  private async isVisible(): Promise<boolean> {
    return this.isSignedIn || (await this.get('GET', 'tags/list?n=1')).status === 200;
  }

  private async get(method: 'GET' | 'HEAD', path: string): Promise<HttpResponse> {
    const first = await this.send(method, new URL(path, this.base), this.authorization);
    const challenge = first.status === 401 && this.authorization === undefined ? first.headers['www-authenticate'] : undefined;
    if (challenge === undefined) return first;
    const authorization = await this.signIn(challenge);
    if (authorization === undefined) return first;
    this.authorization = authorization;
    return this.send(method, new URL(path, this.base), authorization);
  }

  /** @see https://distribution.github.io/distribution/spec/auth/token/ */
  private async signIn(challenge: string): Promise<string | undefined> {
    const credentials = await credentialsOf(this.registry, this.context.processEnv);
    this.isSignedIn = credentials !== undefined;
    if (/^basic\b/i.test(challenge)) return credentials && basic(credentials);
    const { realm, scope, service } = parametersOf(challenge);
    if (realm === undefined || !URL.canParse(realm)) return undefined;
    const url = new URL(realm);
    // credentials never travel in the clear
    if (url.protocol !== 'https:' && !isLoopback(url)) return undefined;
    if (service !== undefined) url.searchParams.set('service', service);
    if (scope !== undefined) url.searchParams.set('scope', scope);
    const { body, status } = await this.send('GET', url, credentials && basic(credentials));
    if (status === 429 || status >= 500) throw new Error(`its sign-in responds with ${status}`);
    const token = status === 200 ? tokenIn(body.toString()) : undefined;
    return token === undefined ? undefined : `Bearer ${token}`;
  }

  private async send(method: string, url: URL, authorization: string | undefined): Promise<HttpResponse> {
    return sendRequest({
      method,
      url,
      headers: { 'accept': ACCEPT, 'user-agent': 'projen-delivery', ...(authorization === undefined ? {} : { authorization }) },
      wantsBody: (status) => status === 200 && method === 'GET',
      bodyLimitBytes: TOKEN_LIMIT_BYTES,
      addressAttemptMs: ADDRESS_MS,
      signal: AbortSignal.any([AbortSignal.timeout(TRY_MS), this.context.interrupted]),
    });
  }
}

function unknown(reason: string, mayPass: boolean): Presence {
  return { kind: 'unknown', reason, mayPass };
}

function basic({ password, user }: RegistryCredentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** The parameters of a challenge: `Bearer realm="https://ghcr.io/token",service="ghcr.io"`. */
function parametersOf(challenge: string): Partial<Record<string, string>> {
  return Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!.toLowerCase(), value]));
}

function tokenIn(text: string): string | undefined {
  const response = JSON.parse(text) as unknown;
  if (!isObject(response)) return undefined;
  const token = response.token ?? response.access_token;
  return isText(token) && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

/** Where an image is. */
export interface ImageAddress {
  /** With the port, if it has one: `ghcr.io`. */
  readonly registry: string;
  /** `acme/shop`. */
  readonly name: string;
}

/** Splits a repository, which begins with its registry's host. */
export function addressOf(repository: string): ImageAddress {
  const at = repository.indexOf('/');
  return { registry: repository.slice(0, at), name: repository.slice(at + 1) };
}

/** The digest that a text consists of, in hex. */
export function digestIn(text: string): string | undefined {
  return /^sha256:([0-9a-f]{64})$/.exec(text.trim())?.[1];
}

/** Docker Hub responds under another name than its images have. */
const API_HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/** The address of a registry's API. Docker, too, speaks plain HTTP to a registry on loopback only. */
function apiOf(registry: string): URL {
  const address = new URL(`https://${API_HOSTS[registry] ?? registry}/v2/`);
  if (isLoopback(address)) address.protocol = 'http:';
  return address;
}
