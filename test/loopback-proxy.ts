import { once } from 'node:events';
import { createServer, IncomingMessage, request, Server } from 'node:http';
import { AddressInfo, connect, Socket } from 'node:net';

export interface ProxyOptions {
  /** Where names lead: each host to a port on loopback. What is not named is passed on as it is. */
  readonly hosts?: Readonly<Record<string, number>>;
  /** `user:password` that must be sent. @default - none */
  readonly credentials?: string;
}

/** What the proxy does instead of passing on: refuse with a status, stay silent, or cut the connection once the tunnel stands. */
export type ProxyFault = { readonly status: number } | 'hang' | 'reset';

/** A real HTTP proxy on loopback: CONNECT for https, whole URLs for plain http. */
export class LoopbackProxy {
  public static async start(options: ProxyOptions = {}): Promise<LoopbackProxy> {
    const proxy = new LoopbackProxy(options);
    proxy.http.listen(0, '127.0.0.1');
    await once(proxy.http, 'listening');
    proxy.port = (proxy.http.address() as AddressInfo).port;
    return proxy;
  }

  /** Stays known when the proxy is stopped: who connects is refused then. */
  public port = 0;
  /** What it was asked for, oldest first: `CONNECT www.example.com:443`, `GET http://www.example.com/`. */
  public readonly requests: string[] = [];
  public fault?: ProxyFault;
  private readonly http: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly options: ProxyOptions) {
    this.http = createServer((incoming, response) => {
      const url = new URL(incoming.url!);
      const fault = this.faultOf(incoming);
      if (fault === 'hang') return;
      if (fault === 'reset') return void incoming.socket.resetAndDestroy();
      if (fault) return void response.writeHead(fault.status).end('said by the proxy');
      const { 'proxy-authorization': _, ...headers } = incoming.headers;
      const passedOn = request({ ...this.placeOf(url.host, 80), method: incoming.method, path: `${url.pathname}${url.search}`, headers }, (received) => {
        response.writeHead(received.statusCode!, received.headers);
        received.pipe(response);
      });
      passedOn.on('error', () => response.writeHead(502).end());
      incoming.pipe(passedOn);
    });
    this.http.on('connect', (incoming: IncomingMessage, socket: Socket) => this.connect(incoming, socket));
    this.http.on('connection', (socket: Socket) => this.keep(socket));
  }

  public get url(): string {
    return `http://${this.options.credentials === undefined ? '' : `${this.options.credentials}@`}127.0.0.1:${this.port}`;
  }

  /** As a message names it: without credentials. */
  public get name(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Resolves when every connection is closed, by whichever side. */
  public async deserted(): Promise<void> {
    await Promise.all([...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  public async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.http.close();
    if (this.http.listening) await once(this.http, 'close');
  }

  private connect(incoming: IncomingMessage, socket: Socket): void {
    const fault = this.faultOf(incoming);
    if (fault === 'hang') return void socket.resume().on('end', () => socket.destroy());
    if (typeof fault === 'object') return void socket.end(`HTTP/1.1 ${fault.status} No\r\n\r\n`);
    if (fault === 'reset') {
      socket.write('HTTP/1.1 200 OK\r\n\r\n', () => socket.resetAndDestroy());
      return;
    }
    const there = connect(this.placeOf(incoming.url!, 443));
    this.keep(there);
    there.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    there.on('connect', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(there).pipe(socket);
    });
  }

  private faultOf({ headers, method, url }: IncomingMessage): ProxyFault | undefined {
    this.requests.push(`${method} ${url}`);
    const { credentials } = this.options;
    const wanted = credentials && `Basic ${Buffer.from(decodeURIComponent(credentials)).toString('base64')}`;
    return headers['proxy-authorization'] === wanted ? this.fault : { status: 407 };
  }

  private placeOf(address: string, defaultPort: number): { host: string; port: number } {
    const { hostname, port } = new URL(`http://${address}`);
    const known = this.options.hosts?.[hostname];
    return { host: known === undefined ? hostname : '127.0.0.1', port: known ?? (Number(port) || defaultPort) };
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }
}
