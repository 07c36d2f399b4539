import { once } from 'node:events';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

const BOUNDS = [0.005, 0.05, 0.5];

/** A version of a service on loopback that counts its requests for Prometheus at /metrics. */
export class CountingService {
  public static async start(slot: string, port: number): Promise<CountingService> {
    const service = new CountingService(slot, port);
    await service.up();
    return service;
  }

  /** The share of the requests that fail with 500, from 0 to 1. They are spread evenly. */
  public errorRate = 0;
  private readonly counts = new Map<string, number>();
  private readonly below = BOUNDS.map(() => 0);
  private owed = 0;
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
    this.owed = 0;
  }

  private respond({ socket, url }: IncomingMessage, response: ServerResponse): void {
    if (url === '/metrics') return void response.end(this.metrics());
    if (url?.endsWith('/reset')) return void socket.destroy();
    this.owed += this.errorRate;
    const isError = this.owed >= 1 || url?.endsWith('/error');
    if (this.owed >= 1) this.owed -= 1;
    const status = isError ? 500 : 200;
    this.counts.set(String(status), (this.counts.get(String(status)) ?? 0) + 1);
    // each response takes as long as the second bucket says
    this.below.forEach((count, index) => { this.below[index] = index === 0 ? count : count + 1; });
    response.writeHead(status).end(this.slot);
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
