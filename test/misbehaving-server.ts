import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, IncomingHttpHeaders, IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';

/** What the server does with one request. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A certificate in test/fixtures/certificates; all are signed by `authority`. */
export type CertificateName = 'valid' | 'expired' | 'elsewhere';

/** A real HTTP(S) server on loopback that behaves as the test sets. */
export class MisbehavingServer {
  /** PEM of the authority that signed the certificates. */
  public static readonly authority = pem('authority');

  /**
   * @param options.port for one that is to come back: any other port may go to another process meanwhile
   */
  public static async start(options: { readonly certificate?: CertificateName; readonly port?: number } = {}): Promise<MisbehavingServer> {
    const server = new MisbehavingServer(options.certificate);
    server.port = options.port ?? 0;
    await server.comeBack();
    return server;
  }

  /** What arrived, oldest first. */
  public readonly received: Received[] = [];
  /** Stays known when the server is stopped: connections are refused then. */
  public port = 0;
  private readonly http: Server;
  private readonly sockets = new Set<Socket>();
  private behaviours: Behaviour[] = [respond(200, 'ok')];

  private constructor(private readonly certificate?: CertificateName) {
    const listener: RequestListener = (request, response) => {
      this.received.push({ url: request.url ?? '', headers: request.headers });
      const behaviour = this.behaviours.length > 1 ? this.behaviours.shift() : this.behaviours[0];
      response.on('error', () => undefined);
      behaviour?.(request, response);
    };
    this.http = certificate === undefined ? createServer(listener) : createTlsServer({ cert: pem(certificate), key: pem('key') }, listener);
    this.http.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  public get url(): string {
    return `${this.certificate === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
  }

  /** How many connections are open. */
  public get connections(): number {
    return this.sockets.size;
  }

  /** From now on each request gets the next behaviour; the last one stays. */
  public behave(...behaviours: Behaviour[]): void {
    this.behaviours = behaviours;
  }

  /** Shows another certificate to new connections. */
  public present(certificate: CertificateName): void {
    (this.http as TlsServer).setSecureContext({ cert: pem(certificate), key: pem('key') });
  }

  /** Listens again after `stop`, where it listened before. */
  public async comeBack(): Promise<void> {
    this.http.listen(this.port, '127.0.0.1');
    await once(this.http, 'listening');
    this.port = (this.http.address() as AddressInfo).port;
  }

  /** Resolves when every connection is closed, by whichever side. */
  public async deserted(): Promise<void> {
    await Promise.all([...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  /** Ends every connection, also those that hang. */
  public async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.http.close();
    if (this.http.listening) await once(this.http, 'close');
  }
}

export function respond(status: number, body: string | Buffer = '', headers: Record<string, string> = {}): Behaviour {
  return (_, response) => response.writeHead(status, headers).end(body);
}

export function json(value: unknown, status = 200): Behaviour {
  return respond(status, JSON.stringify(value), { 'content-type': 'application/json' });
}

export function redirect(location: string, status = 302): Behaviour {
  return (_, response) => response.writeHead(status, { location }).end();
}

/** Responds after a while. */
export function slow(ms: number, then: Behaviour): Behaviour {
  return (request, response) => {
    const timer = setTimeout(() => then(request, response), ms);
    request.socket.on('close', () => clearTimeout(timer));
  };
}

/** One after the other, and again from the first. */
export function inTurn(...behaviours: Behaviour[]): Behaviour {
  let requests = 0;
  return (request, response) => behaviours[requests++ % behaviours.length](request, response);
}

/** Takes the request and never responds. */
export const hang: Behaviour = () => undefined;

/** Cuts the connection with a TCP reset. */
export const reset: Behaviour = (request) => void request.socket.resetAndDestroy();

/** Closes the connection without a response. */
export const hangUp: Behaviour = (request) => void request.socket.destroy();

/** Sends the header, then a byte now and then, without end: chunked, and never a last chunk. */
export function trickle(everyMs: number, status = 200): Behaviour {
  return (request, response) => {
    response.writeHead(status);
    const timer = setInterval(() => response.write('.'), everyMs);
    request.socket.on('close', () => clearInterval(timer));
  };
}

/** Promises more than it sends, then cuts the connection. */
export const breakOff: Behaviour = (request, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('the beginning', () => request.socket.destroy());
};

/** As many bytes as asked for, as fast as they are taken. */
export function flood(bytes: number): Behaviour {
  return (_, response) => {
    const block = Buffer.alloc(64 * 1024, 'x');
    let left = bytes;
    response.writeHead(200, { 'content-length': String(bytes) });
    const pour = () => {
      while (left > 0 && !response.destroyed) {
        left -= block.length;
        if (!response.write(block)) return void response.once('drain', pour);
      }
      if (!response.destroyed) response.end();
    };
    pour();
  };
}

/** Writes these bytes to the socket, HTTP or not. */
export function raw(text: string): Behaviour {
  return (request) => void request.socket.end(text);
}

function pem(name: string): string {
  return readFileSync(join(__dirname, 'fixtures', 'certificates', `${name}.pem`), 'utf8');
}
