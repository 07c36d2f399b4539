import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { LocalService } from './local-service';
import { OwnService } from './own-service';
import { ServiceCall } from './service';
import { NOTIFICATION_VARIABLE } from '../../src/contract/environment-variables';

/** A notification as a channel got it. */
export interface Delivered {
  readonly channel: string;
  readonly event: string;
  readonly environment: string;
  readonly title: string;
  readonly text: string;
}

/** Takes the calls of commands for the services, and the notifications. */
export class ControlServer {
  public static async start(services: ReadonlyMap<string, LocalService | OwnService>): Promise<ControlServer> {
    const control = new ControlServer(services);
    await once(control.server.listen(0, '127.0.0.1'), 'listening');
    return control;
  }

  public readonly delivered: Delivered[] = [];
  private readonly server = createServer((request, response) => void this.take(request, response));

  private constructor(private readonly services: ReadonlyMap<string, LocalService | OwnService>) {}

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [what, name = '', call, moment] = (request.url ?? '').split('/').slice(1).map(decodeURIComponent);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const variables = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, string>;
    const service = this.services.get(name);
    if (what === 'notification') {
      const { event, environment, title, text } = JSON.parse(variables[NOTIFICATION_VARIABLE.NOTIFICATION] ?? '{}') as Delivered;
      this.delivered.push({ channel: name, event, environment, title, text });
      response.end('delivered');
    } else if (what === 'call' && service instanceof LocalService) {
      const { ok, text } = service.call(call as ServiceCall, variables);
      response.writeHead(ok ? 200 : 500).end(text);
    } else if (what === 'own' && service instanceof OwnService) {
      const { ok, text } = moment === 'begin' ? service.begin(call as ServiceCall, variables) : { ok: true, text: '' };
      if (moment !== 'begin') service.end(call as ServiceCall, variables, moment === 'success');
      response.writeHead(ok ? 200 : 500).end(text);
    } else {
      response.writeHead(404).end('unknown');
    }
  }
}
