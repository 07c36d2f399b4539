import { CanaryJudge, Spans } from './judge';
import { MetricInterval } from '../../src/runtime/analysis/counters';

/** The example of Flagger's documentation: a check fails where less than 99 % of Canary's requests of a minute succeed; the 10th failed check rolls back. */
const INTERVAL_S = 60;
const THRESHOLD = 10;
const LEAST_SUCCESS = 0.99;

/**
 * Flagger: a fixed limit for the success rate, and a number of failed checks, which a good check does not take back. The weight stays as it
 * is: only the checks are compared here.
 *
 * @see https://docs.flagger.app/usage/deployment-strategies "interval * threshold", and how failed checks are counted
 * @see https://docs.flagger.app/usage/metrics `request-success-rate`
 * @see https://github.com/fluxcd/flagger/blob/15bd6ad555e6c935da55f0ab95977be74c149bd6/pkg/controller/scheduler.go#L429-L470
 */
export class Flagger implements CanaryJudge {
  public rolledBackAfter = Infinity;
  private failedChecks = 0;
  private readonly spans = new Spans(INTERVAL_S, ({ endsAt, canary: { requests, errors } }) => {
    if (requests > 0 && 1 - errors / requests < LEAST_SUCCESS) this.failedChecks += 1;
    if (this.failedChecks >= THRESHOLD) this.rolledBackAfter = Math.min(this.rolledBackAfter, endsAt);
  });

  public see(interval: MetricInterval): void {
    this.spans.add(interval);
  }
}
