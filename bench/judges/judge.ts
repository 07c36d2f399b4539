import { MetricInterval } from '../../src/runtime/analysis/counters';

/** Sees the traffic of a canary, interval by interval. An interval ends at each whole minute. */
export interface CanaryJudge {
  /** In seconds; Infinity before. */
  readonly rolledBackAfter: number;
  see(interval: MetricInterval): void;
}

/** Adds up the requests and errors of each span, as a metric query over a window of that length does. */
export class Spans {
  private canary = { requests: 0, errors: 0 };
  private stable = { requests: 0, errors: 0 };

  constructor(private readonly seconds: number, private readonly onEnd: (span: Span) => void) {}

  public add({ toMs, canary, stable }: MetricInterval): void {
    this.canary.requests += canary.requests;
    this.canary.errors += canary.errors;
    this.stable.requests += stable.requests;
    this.stable.errors += stable.errors;
    if (toMs % (1000 * this.seconds) !== 0) return;
    const span = { endsAt: toMs / 1000, canary: this.canary, stable: this.stable };
    [this.canary, this.stable] = [{ requests: 0, errors: 0 }, { requests: 0, errors: 0 }];
    this.onEnd(span);
  }
}

export interface Span {
  /** In seconds. */
  readonly endsAt: number;
  readonly canary: Counted;
  readonly stable: Counted;
}

export interface Counted {
  readonly requests: number;
  readonly errors: number;
}
