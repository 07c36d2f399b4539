import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, IncomingHttpHeaders, Server } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../free-ports';
import { respond, Behaviour, CertificateName } from '../../misbehaving-server';

const CERTIFICATES = join(__dirname, '../../fixtures/certificates');

/** A real service on loopback that can go away and come back to the same port, and change its certificate. */
export class ScriptedService {
  public static async start(options: { readonly isTls?: boolean; readonly healthy?: Behaviour } = {}): Promise<ScriptedService> {
    const service = new ScriptedService(options.isTls ?? false, options.healthy ?? respond(200, 'ok'));
    service.port = await freePort();
    await service.up();
    return service;
  }

  /** Of the last request. */
  public headers: IncomingHttpHeaders = {};
  private port = 0;
  private server?: Server | TlsServer;
  private behaviour: Behaviour;
  private certificate: CertificateName = 'valid';
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly isTls: boolean, private readonly healthy: Behaviour) {
    this.behaviour = healthy;
  }

  public get url(): string {
    return `${this.isTls ? 'https' : 'http'}://127.0.0.1:${this.port}/health`;
  }

  public behave(behaviour: Behaviour): void {
    this.behaviour = behaviour;
  }

  /** One request; then it is as it was. */
  public behaveOnce(behaviour: Behaviour): void {
    const before = this.behaviour;
    this.behaviour = (request, response) => {
      this.behaviour = before;
      behaviour(request, response);
    };
  }

  public present(certificate: CertificateName): void {
    this.certificate = certificate;
    if (this.server instanceof TlsServer) this.server.setSecureContext(this.context());
  }

  public async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    server?.close();
    if (server?.listening) await once(server, 'close');
  }

  /** Healthy, and there. */
  public async up(): Promise<void> {
    this.behaviour = this.healthy;
    this.present('valid');
    if (this.server) return;
    this.server = this.isTls ? createTlsServer(this.context()) : createServer();
    this.server.on('request', (request, response) => {
      this.headers = request.headers;
      response.on('error', () => undefined);
      this.behaviour(request, response);
    });
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  private context(): { cert: string; key: string } {
    const pem = (name: string) => readFileSync(join(CERTIFICATES, `${name}.pem`), 'utf8');
    return { cert: pem(this.certificate), key: pem('key') };
  }
}
