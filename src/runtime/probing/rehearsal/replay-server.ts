import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Replayed } from './faults';
import { onDemand } from '../../lazily';

/** These end with their headers. */
const BODILESS = [204, 304];

/** A server on loopback that sends recorded responses, each at a URL of its own. */
export class ReplayServer {
  public static async start(): Promise<ReplayServer> {
    const server = new ReplayServer();
    server.http.listen(0, '127.0.0.1');
    await once(server.http, 'listening');
    return server;
  }

  private readonly http: Server;
  private readonly responses: Replayed[] = [];

  private constructor() {
    this.http = onDemand.http().createServer((request, response) => this.respond(request, response));
  }

  /** Returns the URL of the response. */
  public add(response: Replayed): string {
    const { port } = this.http.address() as AddressInfo;
    return `http://127.0.0.1:${port}/${this.responses.push(response) - 1}`;
  }

  public async stop(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((done) => this.http.close(done));
  }

  private respond(request: IncomingMessage, response: ServerResponse): void {
    const { status, headers, body, arrives } = this.responses[Number(request.url!.slice(1))];
    if (arrives === 'late') return;
    if (arrives === 'whole') {
      response.writeHead(status, headers).end(body);
      return;
    }
    if (BODILESS.includes(status)) {
      request.socket.destroy();
      return;
    }
    // one byte more than is sent, where there is no half of a body
    const half = body.subarray(0, Math.floor(body.length / 2));
    response.writeHead(status, { ...headers, 'content-length': body.length + 1 });
    response.write(half, () => request.socket.destroy());
    response.flushHeaders();
  }
}
