import { Clock } from '../../../src/runtime/clock';
import { Random } from '../../../test/random';

/** A process that the scheduler lets go on, one step at a time, or never again. */
export interface Process {
  readonly id: number;
  isDead: boolean;
  isOver: boolean;
}

interface Waiting {
  readonly process: Process;
  readonly at: number;
  readonly goOn: () => void;
}

/** Decides at random whose turn it is. Time passes with the turns; the same seed goes the same way. */
export class Scheduler {
  public time = Date.parse('2026-11-25T10:00:00Z');
  private waiting: Waiting[] = [];
  /** Of processes that were begun. */
  private processes = 0;

  constructor(public readonly random: Random) {}

  /** Begins a process; an error in it is the test's. */
  public begin(work: (process: Process) => Promise<void>, onError: (error: unknown) => void): Process {
    this.processes += 1;
    const process: Process = { id: this.processes, isDead: false, isOver: false };
    void work(process).catch(onError).finally(() => { process.isOver = true; });
    return process;
  }

  /** A step of a process: resolves when it is its turn, and never if it has died. */
  public turn(process: Process, notBefore = this.time): Promise<void> {
    return new Promise((goOn) => this.waiting.push({ process, at: notBefore, goOn }));
  }

  public clockOf(process: Process): Clock {
    return { now: () => this.time, sleep: (ms) => this.turn(process, this.time + ms) };
  }

  /** Lets one process go on; false where none waits. `deathRate`: how often it dies instead. */
  public async step(deathRate: number): Promise<boolean> {
    await idle();
    this.waiting = this.waiting.filter(({ process }) => !process.isDead);
    if (this.waiting.length === 0) return false;
    const ready = this.waiting.filter(({ at }) => at <= this.time);
    if (ready.length === 0) {
      this.time = Math.min(...this.waiting.map(({ at }) => at));
      return true;
    }
    const chosen = this.random.oneOf(ready);
    this.waiting = this.waiting.filter((other) => other !== chosen);
    this.time += this.random.below(2_000);
    if (this.random.chance(deathRate)) chosen.process.isDead = true;
    else chosen.goOn();
    return true;
  }
}

/** Everything that is ready has run: what remains waits for the scheduler. */
async function idle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
