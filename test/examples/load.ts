import { Agent, get } from 'node:http';

export interface LoadOptions {
  readonly url: string;
  /**
   * Clients that keep their connection.
   *
   * @default 4
   */
  readonly keepAlive?: number;
  /**
   * Clients that connect anew for every request.
   *
   * @default 2
   */
  readonly fresh?: number;
  /**
   * Milliseconds after which a request counts as failed.
   *
   * @default 60000
   */
  readonly timeoutMs?: number;
}

/** What one request came to. */
export interface LoadResponse {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Absent where none came: then `error` says why. */
  readonly status?: number;
  readonly error?: string;
  /** Which release responded, as its header says. */
  readonly version?: string;
}

/** Users of the shop: they send requests without a pause, each after the response to the one before, until they are stopped. */
export class Load {
  public readonly responses: LoadResponse[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly timeoutMs: number;
  private stopped = false;
  private readonly clients: Promise<void>[];
  private readonly waiting: { readonly until: (response: LoadResponse) => boolean; readonly done: () => void }[] = [];

  constructor(private readonly options: LoadOptions) {
    this.timeoutMs = options.timeoutMs ?? 60_000;
    const agents = [...Array(options.keepAlive ?? 4).fill(this.agent), ...Array(options.fresh ?? 2).fill(undefined)] as (Agent | undefined)[];
    this.clients = agents.map((agent) => this.client(agent));
  }

  public get failed(): LoadResponse[] {
    return this.responses.filter(({ status }) => status === undefined || status >= 400);
  }

  /** Resolves at the next response that fits. */
  public next(until: (response: LoadResponse) => boolean = () => true): Promise<void> {
    return new Promise((resolve) => this.waiting.push({ until, done: resolve }));
  }

  /** Lets the requests under way end. */
  public async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.clients);
    this.agent.destroy();
  }

  private async client(agent: Agent | undefined): Promise<void> {
    while (!this.stopped) {
      const response = await this.sendRequest(agent);
      this.responses.push(response);
      for (const one of this.waiting.filter(({ until }) => until(response))) {
        this.waiting.splice(this.waiting.indexOf(one), 1);
        one.done();
      }
    }
  }

  private sendRequest(agent: Agent | undefined): Promise<LoadResponse> {
    const startedAt = Date.now();
    return new Promise((resolve) => {
      const request = get(this.options.url, { agent: agent ?? false, signal: AbortSignal.timeout(this.timeoutMs) }, (response) => {
        const version = response.headers['x-shop-version'];
        response.resume();
        response.once('end', () => resolve({ startedAt, endedAt: Date.now(), status: response.statusCode, version: version?.toString() }));
        response.once('error', (error) => resolve({ startedAt, endedAt: Date.now(), error: error.message }));
      });
      request.once('error', (error) => resolve({ startedAt, endedAt: Date.now(), error: error.message }));
    });
  }
}
