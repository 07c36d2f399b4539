import { Agent, get } from 'node:http';

/** Between two requests. */
const PAUSE_MS = 20;
/** A user waits no longer. */
const PATIENCE_MS = 4000;

export interface Seen {
  readonly requests: number;
  readonly failed: number;
}

/** The users of a service: one after the other, each with one real request. A response other than 2xx, none and a late one count as failed. */
export class Users {
  private requests = 0;
  private failed = 0;
  private timer: NodeJS.Timeout | undefined;
  /** A request that `stop` cuts off is no failure, not even after the next `start`. */
  private stops = 0;
  private readonly agent = new Agent({ keepAlive: true });

  constructor(private readonly url: () => string) {}

  public start(): void {
    this.timer ??= setInterval(() => this.request(), PAUSE_MS);
  }

  public get seen(): Seen {
    return { requests: this.requests, failed: this.failed };
  }

  public stop(): void {
    this.stops += 1;
    clearInterval(this.timer);
    this.timer = undefined;
    this.agent.destroy();
  }

  public forget(): void {
    this.requests = 0;
    this.failed = 0;
  }

  private request(): void {
    this.requests += 1;
    const { stops } = this;
    let isOver = false;
    const end = (ok: boolean) => {
      if (isOver) return;
      isOver = true;
      if (!ok && stops === this.stops) this.failed += 1;
    };
    const request = get(this.url(), { agent: this.agent, timeout: PATIENCE_MS }, (response) => {
      response.resume();
      end(response.statusCode! >= 200 && response.statusCode! < 300);
    });
    request.on('timeout', () => {
      end(false);
      request.destroy();
    });
    request.on('error', () => end(false));
  }
}
