import { Agent, get } from 'node:http';

export interface LoadOptions {
  /** What is asked for, in turn. */
  readonly urls: readonly string[];
  /** Requests that begin in a second, whatever became of those before: as users do, they do not wait for each other. */
  readonly perSecond: number;
  /**
   * So many at once at most: a machine that is too slow for the rest is asked less, not more and more.
   *
   * @default 2000
   */
  readonly atOnce?: number;
  /**
   * Milliseconds after which the client gives a request up.
   *
   * @default 5000
   */
  readonly timeoutMs?: number;
}

/** What one request came to. Times are milliseconds since the epoch. */
export interface UserResponse {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Absent where none came: then `error` says why. */
  readonly status?: number;
  readonly error?: string;
  /** The release that responded, as it says itself; a router in its place says nothing. */
  readonly version?: string;
  /** Present where the client itself ended the request, because its time was up. */
  readonly givenUp?: GivenUp;
}

export interface GivenUp {
  /** For so many milliseconds of the wait the client itself was not executed when it was due. */
  readonly lateMs: number;
}

export function isFailed({ status }: UserResponse): boolean {
  return status === undefined || status >= 400;
}

/** A client that was late for this part of its wait cannot blame others: late for 5 % on a quiet machine, for 26 to 98 % at load 30 on two cores. */
const LATE_SHARE = 0.25;

/** Nobody knows whether it failed: no response came in time, but neither did the client itself get the machine's time. */
export function isUnknown({ startedAt, endedAt, givenUp }: UserResponse): boolean {
  return givenUp !== undefined && givenUp.lateMs >= LATE_SHARE * (endedAt - startedAt);
}

export const TIMEOUT_MS = 5000;
const TICK_MS = 5;
/** The client closes what it does not use before the server does (75 s), or it would write into a connection that is just being closed. */
const IDLE_MS = 15_000;

/** Users of the shop. Every other request keeps its connection for the next, the others connect anew. */
export class LoadClient {
  /** In the order in which they ended. */
  public readonly responses: UserResponse[] = [];
  private readonly agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  private readonly startedAt = Date.now();
  private readonly timer: NodeJS.Timeout;
  private readonly underWay = new Set<Promise<void>>();
  private sent = 0;
  private tickedAt = this.startedAt;
  private lateMs = 0;
  private isStopping = false;

  constructor(private readonly options: LoadOptions) {
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Begins no more, and lets those under way end. */
  public async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.underWay);
    // until here, or the client would seem late to those that it gives up
    clearInterval(this.timer);
    this.agent.destroy();
  }

  private tick(): void {
    this.lateMs = this.lateUntilNow();
    this.tickedAt = Date.now();
    if (!this.isStopping) this.keepUp();
  }

  /** Milliseconds since the start for which a tick was due and did not come. */
  private lateUntilNow(): number {
    return this.lateMs + Math.max(0, Date.now() - this.tickedAt - TICK_MS);
  }

  private keepUp(): void {
    const due = Math.floor(((Date.now() - this.startedAt) / 1000) * this.options.perSecond);
    for (; this.sent < due; this.sent += 1) {
      if (this.underWay.size >= (this.options.atOnce ?? 2000)) continue;
      const pending = this.sendRequest(this.sent).then((response) => {
        this.responses.push(response);
        this.underWay.delete(pending);
      });
      this.underWay.add(pending);
    }
  }

  private sendRequest(index: number): Promise<UserResponse> {
    const { urls, timeoutMs = TIMEOUT_MS } = this.options;
    const startedAt = Date.now();
    const lateBefore = this.lateUntilNow();
    const limit = AbortSignal.timeout(timeoutMs);
    return new Promise((resolve) => {
      const end = (rest: Omit<UserResponse, 'startedAt' | 'endedAt'>) => resolve({ startedAt, endedAt: Date.now(), ...rest });
      const fail = (error: Error, version?: string) => end(limit.aborted
        ? { error: `no response within ${timeoutMs / 1000} s`, version, givenUp: { lateMs: this.lateUntilNow() - lateBefore } }
        : { error: error.message, version });
      const agent = index % 2 === 0 ? this.agent : false;
      // one round of the addresses on kept connections, one on new ones
      const url = urls[Math.floor(index / 2) % urls.length];
      const request = get(url, { agent, signal: limit }, (response) => {
        const version = response.headers['x-shop-version']?.toString();
        response.resume();
        response.once('end', () => end({ status: response.statusCode, version }));
        response.once('error', (error) => fail(error, version));
      });
      request.once('error', (error) => fail(error));
    });
  }
}
