export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

/** What happens while a run goes on, in order. `job` is the job's id, `leg` its name with the matrix values. */
export type RunEvent =
  | { readonly kind: 'jobWaiting'; readonly job: string; readonly leg: string; readonly for: 'concurrency' | 'approval'; readonly what: string }
  | { readonly kind: 'jobStarted'; readonly job: string; readonly leg: string }
  | { readonly kind: 'stepStarted'; readonly job: string; readonly leg: string; readonly step: string }
  /** A line of the log, masked. */
  | { readonly kind: 'line'; readonly job: string; readonly leg: string; readonly step: string; readonly text: string }
  | { readonly kind: 'stepEnded'; readonly job: string; readonly leg: string; readonly step: string; readonly outcome: Result }
  | { readonly kind: 'jobEnded'; readonly job: string; readonly leg: string; readonly result: Result }
  | { readonly kind: 'cancelled' };

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: string;
}

export interface StepRecord {
  readonly id: string;
  readonly name: string;
  /** Before `continue-on-error`. */
  readonly outcome: Result;
  readonly conclusion: Result;
  readonly outputs: Record<string, string>;
}

/** What became of one leg of a job; of a job without a matrix there is one. */
export interface LegRecord {
  readonly name: string;
  readonly result: Result;
  /** Undefined when the runner was lost: outputs are evaluated on it, at the end. */
  readonly outputs?: Record<string, string>;
  readonly steps: StepRecord[];
  readonly log: string;
  readonly summary: string;
  readonly annotations: Annotation[];
  /** Milliseconds since the epoch; absent if it never got a runner. */
  readonly startedAt?: number;
  readonly endedAt?: number;
}

/** What became of a job, over all its legs. */
export class JobRecord {
  constructor(
    public readonly id: string,
    /** As `needs.<id>.result` says it. */
    public readonly result: Result,
    /** As `needs.<id>.outputs` says it. */
    public readonly outputs: Record<string, string>,
    public readonly legs: LegRecord[],
  ) {}

  public get log(): string {
    return this.legs.map(({ log }) => log).join('\n');
  }

  public get summary(): string {
    return this.legs.map(({ summary }) => summary).join('\n');
  }

  public get annotations(): Annotation[] {
    return this.legs.flatMap(({ annotations }) => annotations);
  }

  /** By id, over all legs. */
  public step(id: string): StepRecord | undefined {
    return this.legs.flatMap(({ steps }) => steps).find((step) => step.id === id);
  }
}

export interface RunRecord {
  readonly runId: number;
  readonly attempt: number;
  readonly conclusion: Result;
  readonly jobs: Record<string, JobRecord>;
}
