import { createHash } from 'node:crypto';
import { Clock } from '../../../src/runtime/clock';

interface Operation {
  readonly name: string;
  readonly go: () => Promise<void>;
}

interface Wait {
  readonly at: number;
  readonly wake: () => void;
}

/** What may happen next. */
export interface Choice {
  readonly label: string;
  readonly go: () => Promise<void>;
}

/** How often a process that waits for another one looks, although others could go on. At the end of its wait it looks in any case. */
const EARLY_LOOKS = 1;

/** From this time on a process waits for others; what is shorter is part of its own work. */
const WAITS_FROM_MS = 3_000;

/** How an operation of a process goes wrong. */
export type Fault =
  /** The process is gone before it. */
  | 'killed before'
  /** The process is gone after it: it is done. */
  | 'killed after'
  /** It is not done, and fails. */
  | 'rejected'
  /** It is done, but fails: its response is lost. */
  | 'lost';

export interface PlannedFault {
  readonly fault: Fault;
  /** Counted from 1. */
  readonly at: number;
  /** For `rejected` and `lost`: whether all operations of this kind fail from then on. @default false */
  readonly lasts?: boolean;
}

/** A process of the runtime, or GitHub itself. Each of its operations on the world waits for its turn. */
export class Actor {
  public isDead = false;
  public isOver = false;
  public readonly interrupted = new AbortController();
  /** The operations that it has begun. */
  public readonly done: string[] = [];
  public planned?: PlannedFault;
  private readonly operations: Operation[] = [];
  private waits: Wait[] = [];
  private looks = 0;
  private seen = '';

  constructor(public readonly name: string, private readonly turns: Turns, private readonly failure: (name: string) => Error) {}

  /** Does something to the world, or reads it, when it is this actor's turn. */
  public do<T>(name: string, act: () => Promise<T> | T, { canFail = false } = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.isDead) return;
      const go = async () => {
        const fault = this.faultOf(this.done.push(name), canFail);
        if (fault === 'killed before') return this.die();
        if (fault === 'rejected') return this.answer(name, 'rejected', () => reject(this.failure(name)));
        const result = await act();
        if (fault === 'killed after') return this.die();
        if (this.isDead) return undefined;
        if (fault === 'lost') return this.answer(name, 'lost', () => reject(this.failure(name)));
        return this.answer(name, JSON.stringify(result), () => resolve(result));
      };
      this.operations.push({ name, go });
    });
  }

  /** It never continues. */
  public die(): void {
    this.isDead = true;
    this.operations.length = 0;
    this.waits = [];
  }

  public get clock(): Clock {
    return {
      now: () => this.turns.time,
      sleep: (ms, signal) => {
        if (signal?.aborted) return Promise.resolve();
        if (ms < WAITS_FROM_MS) {
          return this.do('pause', () => {
            this.turns.time += ms;
          });
        }
        return new Promise<void>((wake) => {
          const wait: Wait = { at: this.turns.time + ms, wake };
          this.waits.push(wait);
          signal?.addEventListener('abort', () => {
            this.waits = this.waits.filter((one) => one !== wait);
            wake();
          });
        });
      },
    };
  }

  /** What it may do next; its next operation is the one that it began first. */
  public get choice(): Choice | undefined {
    const [next] = this.operations;
    if (next) {
      const go = async () => {
        this.operations.shift();
        await next.go();
      };
      return { label: `${this.name}: ${next.name}`, go };
    }
    return this.isWaiting && this.looks < EARLY_LOOKS ? { label: `${this.name} looks`, go: async () => this.look() } : undefined;
  }

  public get isWaiting(): boolean {
    return this.operations.length === 0 && this.waits.length > 0;
  }

  public get wakesAt(): number {
    return Math.min(...this.waits.map(({ at }) => at));
  }

  public wake(): void {
    const [first] = [...this.waits].sort((a, b) => a.at - b.at);
    this.waits = this.waits.filter((one) => one !== first);
    this.turns.time = Math.max(this.turns.time, first!.at);
    first!.wake();
  }

  /** Everything that decides what it does next. */
  public get key(): string {
    return `${this.seen}${this.isDead}${this.isOver}${this.interrupted.signal.aborted}${this.looks}${this.operations.map(({ name }) => name).join()}${this.waits.length}`;
  }

  private look(): void {
    this.looks += 1;
    this.wake();
  }

  private answer(name: string, what: string | undefined, go: () => void): void {
    this.seen = createHash('md5').update(`${this.seen}${name}${what}`).digest('base64');
    go();
  }

  private faultOf(nth: number, canFail: boolean): Fault | undefined {
    const { planned } = this;
    if (!planned) return undefined;
    const isKill = planned.fault.startsWith('killed');
    if (isKill || !planned.lasts) return planned.at === nth && (isKill || canFail) ? planned.fault : undefined;
    return nth >= planned.at && canFail ? planned.fault : undefined;
  }
}

/** Who may go on. */
export class Turns {
  public time = Date.parse('2026-11-30T10:00:00Z');
  public readonly actors: Actor[] = [];

  /** Everything that is ready has run: what remains waits for its turn. */
  public async choices(): Promise<Choice[]> {
    await new Promise((resolve) => setImmediate(resolve));
    const choices = this.actors.flatMap(({ choice }) => choice ?? []);
    // while everyone waits, time passes
    const waiting = this.actors.filter(({ isWaiting }) => isWaiting).sort((a, b) => a.wakesAt - b.wakesAt);
    const hasWork = this.actors.some((actor) => actor.choice && !actor.isWaiting);
    if (hasWork || waiting.length === 0) return choices;
    return [{ label: 'time passes', go: async () => waiting[0]!.wake() }];
  }

  public get key(): string {
    return this.actors.map(({ key }) => key).join('|');
  }
}
