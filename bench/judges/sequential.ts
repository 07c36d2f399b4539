import { CanaryJudge } from './judge';
import { ErrorAnalysis } from '../../src/contract/error-analysis';
import { ErrorEvidence, logErrorEvidence, noErrorEvidence, withErrors } from '../../src/runtime/analysis/error-evidence';
import { MetricInterval } from '../../src/runtime/analysis/metric-interval';

/** The runtime's own judge. It looks on after a promotion, so that each of both verdicts is seen. */
export class Sequential implements CanaryJudge {
  public rolledBackAfter = Infinity;
  public promotedAfter = Infinity;
  private evidence: ErrorEvidence;

  constructor(private readonly analysis: ErrorAnalysis) {
    this.evidence = noErrorEvidence(analysis);
  }

  public see(interval: MetricInterval): void {
    if (this.rolledBackAfter < Infinity) return;
    const { rollbackBets } = this.evidence;
    this.evidence = withErrors(this.evidence, interval, this.analysis);
    if (this.evidence.rollbackBets === rollbackBets) return;
    const { rollback, promotion } = logErrorEvidence(this.evidence, this.analysis);
    if (rollback >= -Math.log(this.analysis.alpha)) this.rolledBackAfter = interval.toMs / 1000;
    if (promotion >= -Math.log(this.analysis.missRate)) this.promotedAfter = Math.min(this.promotedAfter, interval.toMs / 1000);
  }
}
