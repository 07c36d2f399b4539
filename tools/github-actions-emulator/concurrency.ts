export interface ConcurrencyRequest {
  /** Case does not matter. */
  readonly group: string;
  readonly cancelInProgress: boolean;
  /** `max`: up to 100 wait. `single`: one waits, and a newer one takes its place. */
  readonly queue: 'single' | 'max';
  /** What GitHub does to it when another takes its place, waiting or running. */
  readonly cancel: () => void;
}

/** How many may wait with `queue: max`. */
const QUEUE_LIMIT = 100;

/** A place in a group, once it is given. */
export interface Turn {
  end(): void;
}

interface Waiting {
  readonly request: ConcurrencyRequest;
  readonly grant: (turn: Turn | undefined) => void;
}

/**
 * The concurrency groups of a repository, over all its runs: one holds a group, others wait.
 *
 * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
 */
export class ConcurrencyGroups {
  private readonly holders = new Map<string, ConcurrencyRequest>();
  private readonly waiting = new Map<string, Waiting[]>();

  /**
   * Resolves when it is this request's turn; with undefined when `signal` aborts before.
   *
   * @param onWait is called when it has to wait
   */
  public async turn(request: ConcurrencyRequest, signal: AbortSignal, onWait: () => void): Promise<Turn | undefined> {
    if (signal.aborted) return undefined;
    const key = request.group.toLowerCase();
    const queue = this.waiting.get(key) ?? [];
    this.waiting.set(key, queue);
    const holder = this.holders.get(key);
    if (!holder) return this.hold(key, request);
    if (request.queue === 'single') queue.splice(0).forEach((older) => older.request.cancel());
    if (queue.length >= QUEUE_LIMIT) throw new Error(`more than ${QUEUE_LIMIT} wait for concurrency group "${request.group}": GitHub would cancel some`);
    if (request.cancelInProgress) holder.cancel();
    onWait();
    return new Promise((resolve) => {
      const waiting: Waiting = { request, grant: resolve };
      queue.push(waiting);
      signal.addEventListener('abort', () => {
        const place = queue.indexOf(waiting);
        if (place >= 0) queue.splice(place, 1);
        resolve(undefined);
      }, { once: true });
    });
  }

  /** GitHub does not promise the order; first come, first served is the one it usually has. */
  private hold(key: string, request: ConcurrencyRequest): Turn {
    this.holders.set(key, request);
    return {
      end: () => {
        this.holders.delete(key);
        const next = this.waiting.get(key)?.shift();
        if (next) next.grant(this.hold(key, next.request));
      },
    };
  }
}
