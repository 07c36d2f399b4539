import { CanaryJudge } from './judge';
import { MetricInterval } from '../../src/runtime/analysis/counters';

/** One-sided, at 5 %. */
const Z_95 = 1.6449;
/** With fewer errors, even a textbook does not use the z-test. */
const FEWEST_ERRORS = 10;

/**
 * What many do: the test of two proportions with a pooled variance, which allows one look, at every second.
 *
 * @see https://www.itl.nist.gov/div898/handbook/prc/section3/prc33.htm
 */
export class ZTest implements CanaryJudge {
  public rolledBackAfter = Infinity;
  private readonly canary = { requests: 0, errors: 0 };
  private readonly stable = { requests: 0, errors: 0 };

  public see({ toMs, canary, stable }: MetricInterval): void {
    if (this.rolledBackAfter < Infinity) return;
    this.canary.requests += canary.requests;
    this.canary.errors += canary.errors;
    this.stable.requests += stable.requests;
    this.stable.errors += stable.errors;
    const errors = this.canary.errors + this.stable.errors;
    if (errors < FEWEST_ERRORS || this.canary.requests === 0 || this.stable.requests === 0) return;
    const pooled = errors / (this.canary.requests + this.stable.requests);
    const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / this.canary.requests + 1 / this.stable.requests));
    const difference = this.canary.errors / this.canary.requests - this.stable.errors / this.stable.requests;
    if (difference > Z_95 * deviation) this.rolledBackAfter = toMs / 1000;
  }
}
