import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';

/** How a registry responds to a request for a manifest. */
export interface RegistryOptions {
  /** The only user that may read. @default - everyone may */
  readonly user?: string;
  /** `basic` asks for the password itself, and not for a token. @default 'bearer' */
  readonly challenge?: 'basic' | 'bearer';
  /** Where it sends who has no token. @default - its own */
  readonly realm?: string;
}

/** A registry on loopback, with as much of its API as a check of a digest needs. */
export class Registry {
  public static async start(options: RegistryOptions = {}): Promise<Registry> {
    const registry = new Registry(options);
    await new Promise<void>((ready) => registry.server.listen(0, '127.0.0.1', ready));
    registry.port = (registry.server.address() as AddressInfo).port;
    return registry;
  }

  /** The digests that it has, in hex. */
  public readonly digests = new Set<string>();
  /** What it is asked for, oldest first: `HEAD /v2/acme/shop/manifests/sha256:...`. */
  public readonly requests: string[] = [];
  /** The status of the next responses, whatever is requested. */
  public readonly faults: number[] = [];
  private readonly server: Server;
  private port = 0;

  private constructor(private readonly options: RegistryOptions) {
    this.server = createServer((request, response) => this.respond(request, response));
  }

  public get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  public stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(() => done()));
  }

  private respond({ headers, method, url = '' }: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${method} ${url}`);
    const fault = this.faults.shift();
    if (fault !== undefined) return void response.writeHead(fault).end();
    if (url.startsWith('/token')) return this.respondToken(headers.authorization, response);
    if (!this.admits(headers.authorization)) return void response.writeHead(401, { 'www-authenticate': this.challenge }).end();
    if (url.endsWith('/tags/list?n=1')) return void response.writeHead(this.options.user === 'hidden' ? 404 : 200).end('{"tags":[]}');
    const [, digest] = /^\/v2\/acme\/shop\/manifests\/sha256:([0-9a-f]{64})$/.exec(url) ?? [];
    response.writeHead(digest !== undefined && headers.accept?.includes('image.index') && this.digests.has(digest) ? 200 : 404).end();
  }

  private get challenge(): string {
    return this.options.challenge === 'basic' ? 'Basic realm="a registry"' : `Bearer realm="${this.options.realm ?? `http://${this.host}/token`}",service="registry",scope="repository:acme/shop:pull"`;
  }

  private admits(authorization: string | undefined): boolean {
    const { challenge, user } = this.options;
    if (user === undefined || user === 'hidden') return true;
    return authorization === (challenge === 'basic' ? basicOf(user) : 'Bearer a-token');
  }

  private respondToken(authorization: string | undefined, response: ServerResponse): void {
    const isKnown = authorization === basicOf(this.options.user ?? '');
    response.writeHead(isKnown ? 200 : 401).end(isKnown ? '{"token":"a-token"}' : '{}');
  }
}

/** The password of every user. */
export const PASSWORD = 'a:password';

export function basicOf(user: string): string {
  return `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}`;
}
