import { Clock } from '../../src/runtime/clock';

/** Time that passes when a test says so: for work that waits for real processes meanwhile. */
export class HandClock implements Clock {
  private time = 1_000_000;
  private sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  public now(): number {
    return this.time;
  }

  public sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      signal?.addEventListener('abort', () => resolve(), { once: true });
      this.sleepers.push({ at: this.time + ms, wake: resolve });
    });
  }

  public pass(ms: number): void {
    this.time += ms;
    const awake = this.sleepers.filter(({ at }) => at <= this.time);
    this.sleepers = this.sleepers.filter((sleeper) => !awake.includes(sleeper));
    awake.forEach(({ wake }) => wake());
  }
}
