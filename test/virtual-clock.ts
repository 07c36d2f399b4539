import { Clock } from '../src/runtime/clock';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that passes only while a test waits for something, and then at once: every sleeper wakes in order. */
export class VirtualClock implements Clock {
  private sleepers: Sleeper[] = [];

  constructor(private time = 1_000_000) {}

  public now(): number {
    return this.time;
  }

  public sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        at: this.time + Math.max(0, ms),
        wake: () => {
          this.sleepers = this.sleepers.filter((other) => other !== sleeper);
          signal?.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      signal?.addEventListener('abort', sleeper.wake);
      this.sleepers.push(sleeper);
    });
  }

  /** How many sleep right now: a finished piece of work leaves none. */
  public get sleeping(): number {
    return this.sleepers.length;
  }

  /** Everything that is ready now runs before time moves on. */
  protected async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets time pass until `work` is settled, and returns what it gave. Throws when nothing is left that could wake it. */
  public async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const watched = work.finally(() => { isDone = true; });
    watched.catch(() => undefined);
    for (;;) {
      await this.settle();
      if (isDone) return watched;
      const next = this.sleepers.reduce<Sleeper | undefined>((first, other) => (first && first.at <= other.at ? first : other), undefined);
      if (next === undefined) throw new Error('the work waits for something that never comes');
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
  }
}
