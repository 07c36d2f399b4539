import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One alert of Alertmanager's webhook. */
interface WebhookAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

/** What was notified, and when. */
export interface ReceivedNotification extends WebhookAlert {
  readonly at: number;
}

/**
 * A real HTTP receiver of alerts, as Alertmanager sends them.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export class AlertReceiver {
  public static async start(): Promise<AlertReceiver> {
    const receiver = new AlertReceiver();
    receiver.server.listen(0, '127.0.0.1');
    await once(receiver.server, 'listening');
    return receiver;
  }

  public readonly notifications: ReceivedNotification[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      void text(request).then((body) => {
        const { alerts } = JSON.parse(body) as { alerts: WebhookAlert[] };
        this.notifications.push(...alerts.map((alert) => ({ ...alert, at: Date.now() })));
        response.end();
      });
    });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** The notifications of one health check, oldest first. */
  public of(check: string): ReceivedNotification[] {
    return this.notifications.filter(({ labels }) => labels.check === check);
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
