import { once } from 'node:events';
import { AddressInfo, createServer, Server, Socket } from 'node:net';

/** What the server does with one connection. */
export type Talk = (socket: Socket) => void;

/** A real TCP server on loopback that says what the test sets. */
export class TalkingServer {
  public static async start(talk: Talk, host = '127.0.0.1'): Promise<TalkingServer> {
    const server = new TalkingServer(talk);
    server.tcp.listen(0, host);
    await once(server.tcp, 'listening');
    server.port = (server.tcp.address() as AddressInfo).port;
    return server;
  }

  /** Stays known when the server is stopped: who connects is refused then. */
  public port = 0;
  /** What was said to it. */
  public received = '';
  private readonly tcp: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(talk: Talk) {
    this.tcp = createServer({ allowHalfOpen: true }, (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('data', (chunk) => { this.received += chunk.toString(); });
      talk(socket);
    });
  }

  /** Resolves when every connection is closed, by whichever side. */
  public async deserted(): Promise<void> {
    await Promise.all([...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  public async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.tcp.close();
    if (this.tcp.listening) await once(this.tcp, 'close');
  }
}
