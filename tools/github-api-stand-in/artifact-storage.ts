import { createHash, randomBytes } from 'node:crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';

/** What happens to one request for an artifact's bytes. */
export type StorageFault =
  /** So many bytes of the response arrive, then the connection is torn down. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** So many bytes of the response arrive, then nothing more. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  | { readonly kind: 'status'; readonly status: number };

export interface StorageRequest {
  readonly artifactId: number;
  readonly range?: string;
  readonly ifRange?: string;
  status?: number;
}

interface Address {
  readonly artifactId: number;
  readonly expiresAt: number;
}

export interface ArtifactStorageOptions {
  readonly now: () => number;
  /** The zip of an artifact; undefined where there is none. */
  readonly contentOf: (artifactId: number) => Buffer | undefined;
  readonly violations: string[];
}

/** A signed address is good for a minute. */
const ADDRESS_MS = 60_000;

/**
 * The storage to which GitHub's API redirects downloads: another origin, which rejects requests with a GitHub token.
 * It serves ranges, as Azure's blob storage does.
 */
export class ArtifactStorage {
  /** All requests, in order. */
  public readonly requests: StorageRequest[] = [];
  /** @default true */
  public knowsRanges = true;
  /** @default true */
  public namesVersions = true;
  private readonly faults: StorageFault[] = [];
  private readonly addresses = new Map<string, Address>();
  private readonly server: Server;

  constructor(private readonly options: ArtifactStorageOptions) {
    this.server = createServer((request, response) => this.serve(request, response));
  }

  public async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  public async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  /** Each hits one request, in order. */
  public fail(...faults: StorageFault[]): void {
    this.faults.push(...faults);
  }

  /** A signed address, which needs no token. */
  public addressOf(artifactId: number): string {
    const signature = randomBytes(12).toString('hex');
    this.addresses.set(signature, { artifactId, expiresAt: this.options.now() + ADDRESS_MS });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/actions-results/${artifactId}.zip?sig=${signature}`;
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const address = this.addresses.get(new URL(request.url ?? '/', 'http://storage').searchParams.get('sig') ?? '');
    const { range, 'if-range': ifRange, authorization } = request.headers as Record<string, string | undefined>;
    const logged: StorageRequest = { artifactId: address?.artifactId ?? 0, range, ifRange };
    this.requests.push(logged);
    if (authorization !== undefined) this.options.violations.push('storage: a request brought the token along, which is for GitHub alone');
    const fault = this.faults.shift();
    const content = address && this.options.contentOf(address.artifactId);
    const status = rejection({ address, authorization, content, fault, now: this.options.now() });
    if (status !== undefined) {
      logged.status = status;
      response.writeHead(status, { 'content-type': 'application/xml' }).end('<?xml version="1.0"?><Error/>');
      return;
    }
    logged.status = this.send(request, response, content!, fault);
  }

  private send(request: IncomingMessage, response: ServerResponse, whole: Buffer, fault: StorageFault | undefined): number {
    const version = `"${createHash('sha256').update(whole).digest('hex').slice(0, 16)}"`;
    const { range, 'if-range': ifRange } = request.headers as Record<string, string | undefined>;
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? NaN);
    const isPart = this.knowsRanges && Number.isInteger(from) && (ifRange === undefined || ifRange === version);
    const body = isPart ? whole.subarray(from) : whole;
    const status = isPart ? (body.length === 0 ? 416 : 206) : 200;
    response.writeHead(status, {
      'content-type': 'application/zip',
      'content-length': body.length,
      ...(this.namesVersions ? { etag: version } : {}),
      ...(isPart ? { 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` } : {}),
    });
    if (fault === undefined || fault.kind === 'status') {
      response.end(body);
      return status;
    }
    const cut = body.subarray(0, fault.afterBytes);
    response.write(cut.length > 0 ? cut : Buffer.alloc(0), () => {
      if (fault.kind === 'reset') request.socket.resetAndDestroy();
    });
    if (cut.length === 0) response.flushHeaders();
    return status;
  }
}

function rejection(request: {
  readonly address?: Address; readonly authorization?: string; readonly content?: Buffer; readonly fault?: StorageFault; readonly now: number;
}): number | undefined {
  const { address, authorization, content, fault, now } = request;
  if (fault?.kind === 'status') return fault.status;
  if (authorization !== undefined) return 401;
  if (!address || address.expiresAt < now) return 403;
  return content ? undefined : 404;
}
