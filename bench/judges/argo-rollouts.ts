import { CanaryJudge, Spans } from './judge';
import { MetricInterval } from '../../src/runtime/analysis/counters';

/** The example of Argo Rollouts' documentation: every 5 minutes, at least 95 % succeed; more than 3 failed measurements abort. */
const INTERVAL_S = 300;
const FAILURE_LIMIT = 3;
const LEAST_SUCCESS = 0.95;

/**
 * Argo Rollouts: `successCondition` and `failureLimit` of an analysis in the background. Each measurement covers the interval before it, as
 * its query of 5 minutes does.
 *
 * @see https://argoproj.github.io/argo-rollouts/features/analysis/ "success-rate"
 * @see https://github.com/argoproj/argo-rollouts/blob/9f8d111d8f8e3e88b6d7f8bbdf62fd3cd863ef9d/analysis/analysis.go#L658-L670 `failed > failureLimit`
 */
export class ArgoRollouts implements CanaryJudge {
  public rolledBackAfter = Infinity;
  private failed = 0;
  private readonly spans = new Spans(INTERVAL_S, ({ endsAt, canary: { requests, errors } }) => {
    if (requests > 0 && 1 - errors / requests < LEAST_SUCCESS) this.failed += 1;
    if (this.failed > FAILURE_LIMIT) this.rolledBackAfter = Math.min(this.rolledBackAfter, endsAt);
  });

  public see(interval: MetricInterval): void {
    this.spans.add(interval);
  }
}
