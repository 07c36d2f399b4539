import { Clock } from '../../../src/runtime/clock';

/** Time that passes only when something waits, and then at once. */
export class InstantClock implements Clock {
  /** How long was waited, each time, in milliseconds. */
  public readonly waits: number[] = [];
  private current = Date.parse('2026-11-24T12:00:00Z');

  public now(): number {
    return this.current;
  }

  public async sleep(ms: number): Promise<void> {
    this.waits.push(ms);
    this.current += ms;
  }

  public advance(ms: number): void {
    this.current += ms;
  }
}
