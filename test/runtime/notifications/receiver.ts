import { once } from 'node:events';
import { createServer, IncomingHttpHeaders, Server } from 'node:http';
import { AddressInfo, Socket } from 'node:net';
import { respond, Behaviour } from '../../misbehaving-server';

/** A request that came, whole. */
export interface Letter {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** An endpoint of a user: a real HTTP server on loopback that keeps what it is sent, and responds as the test sets. */
export class Receiver {
  public static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.http.listen(0, '127.0.0.1');
    await once(receiver.http, 'listening');
    return receiver;
  }

  /** What came, oldest first; also what got an error, or no response. */
  public readonly letters: Letter[] = [];
  private readonly http: Server;
  private readonly sockets = new Set<Socket>();
  private behaviours: Behaviour[] = [respond(200, 'ok')];

  private constructor() {
    this.http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => undefined);
      response.on('error', () => undefined);
      request.on('end', () => {
        this.letters.push({ url: request.url ?? '', headers: request.headers, text: Buffer.concat(chunks).toString('utf8') });
        const behaviour = this.behaviours.length > 1 ? this.behaviours.shift() : this.behaviours[0];
        behaviour?.(request, response);
      });
    });
    this.http.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  /** Holds what must never be seen. */
  public get address(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/services/T0/B0/s3cr3t-path?sig=s3cr3t`;
  }

  public get bodies(): Record<string, unknown>[] {
    return this.letters.map(({ text }) => JSON.parse(text) as Record<string, unknown>);
  }

  /** From now on each request gets the next behaviour; the last one stays. */
  public behave(...behaviours: Behaviour[]): void {
    this.behaviours = behaviours;
  }

  public forget(): void {
    this.letters.splice(0);
    this.behave(respond(200, 'ok'));
  }

  public async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.http.close();
    if (this.http.listening) await once(this.http, 'close');
  }
}
