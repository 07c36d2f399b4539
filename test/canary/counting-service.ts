import { once } from 'node:events';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** In seconds: those around the slow responses differ by a quarter, which is what the tolerance of a latency needs. */
export const BOUNDS = [0.005, 0.05, 0.063, 0.08, 0.1, 0.125, 0.16, 0.2, 0.25, 0.32, 0.4, 0.5, 1, 2];

/** How a version behaves. What happens to a share of its requests is spread evenly over them. */
export interface ServiceBehaviour {
  /** The share of the requests that fail with 500, from 0 to 1. */
  readonly errorRate?: number;
  /** The only path whose requests fail. @default - any */
  readonly failingPath?: string;
  /** The share of the requests that are slow, from 0 to 1, and how long they take. */
  readonly slowShare?: number;
  readonly slowMs?: number;
  /** What it says of each response. @default - how long it means to take: what a busy machine adds is none of the version */
  readonly saysMs?: number;
}

/** A version of a service on loopback that counts its requests for Prometheus at /metrics. */
export class CountingService {
  public static async start(slot: string, port: number): Promise<CountingService> {
    const service = new CountingService(slot, port);
    await service.up();
    return service;
  }

  public behaviour: ServiceBehaviour = {};
  /** How many requests it failed on purpose since it began. */
  public failed = 0;
  private readonly counts = new Map<string, number>();
  private readonly below = BOUNDS.map(() => 0);
  private readonly owed = { errors: 0, slow: 0 };
  private server?: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly slot: string, public readonly port: number) {}

  public get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  public get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  public async up(): Promise<void> {
    this.server = createServer((request, response) => this.respond(request, response));
    // HAProxy closes what it does not use before: a connection that is closed while a request comes fails that request
    this.server.keepAliveTimeout = 600_000;
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  public async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    server?.close();
    if (server?.listening) await once(server, 'close');
  }

  /** As after a restart. */
  public forget(): void {
    this.counts.clear();
    this.below.fill(0);
    Object.assign(this.owed, { errors: 0, slow: 0 });
  }

  private respond({ socket, url }: IncomingMessage, response: ServerResponse): void {
    if (url === '/metrics') return void response.end(this.metrics());
    if (url?.endsWith('/reset')) return void socket.destroy();
    const { errorRate = 0, failingPath, saysMs, slowMs = 0, slowShare = 0 } = this.behaviour;
    const mayFail = failingPath === undefined || url === failingPath;
    const isError = (mayFail && this.isDue('errors', errorRate)) || url?.endsWith('/error');
    const status = isError ? 500 : 200;
    if (isError) this.failed += 1;
    const tookMs = this.isDue('slow', slowShare) ? slowMs : 0;
    const end = () => {
      this.count(status, saysMs ?? tookMs);
      response.writeHead(status, { 'x-shop-version': this.slot }).end(this.slot);
    };
    if (tookMs > 0) setTimeout(end, tookMs);
    else end();
  }

  /** Whether one of these comes next. */
  private isDue(of: 'errors' | 'slow', share: number): boolean {
    this.owed[of] += share;
    if (this.owed[of] < 1) return false;
    this.owed[of] -= 1;
    return true;
  }

  private count(status: number, tookMs: number): void {
    this.counts.set(String(status), (this.counts.get(String(status)) ?? 0) + 1);
    this.below.forEach((count, index) => { this.below[index] = 1000 * BOUNDS[index]! >= tookMs ? count + 1 : count; });
  }

  private metrics(): string {
    const all = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    const bucket = (le: string, count: number) => `http_request_duration_seconds_bucket{slot="${this.slot}",le="${le}"} ${count}`;
    return [
      '# TYPE http_requests_total counter',
      ...[...this.counts].map(([code, count]) => `http_requests_total{slot="${this.slot}",code="${code}"} ${count}`),
      '# TYPE http_request_duration_seconds histogram',
      ...BOUNDS.map((bound, index) => bucket(String(bound), this.below[index]!)), bucket('+Inf', all),
      `http_request_duration_seconds_sum{slot="${this.slot}"} ${all / 100}`, `http_request_duration_seconds_count{slot="${this.slot}"} ${all}`, '',
    ].join('\n');
  }
}
