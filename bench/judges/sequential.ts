import { CanaryJudge } from './judge';
import { ErrorAnalysis, sharesOfAlpha } from '../../src/contract/metric-analysis';
import { MetricInterval } from '../../src/runtime/analysis/counters';
import { ErrorEvidence, logErrorEvidence, noErrorEvidence, withErrors } from '../../src/runtime/analysis/error-evidence';
import { lastLook } from '../../src/runtime/analysis/last-look';

/** When its canaries end, and it looks a last time. */
const END_MS = 3_600_000;

/** The runtime's own judge. It looks on after a promotion, so that each of both verdicts is seen. */
export class Sequential implements CanaryJudge {
  public rolledBackAfter = Infinity;
  public promotedAfter = Infinity;
  private evidence: ErrorEvidence;
  /** Intervals without an error, outside of a block: they are added as one, because nothing changes in them but the number of requests. */
  private readonly quiet = { canary: 0, stable: 0 };

  private readonly all = { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } };

  constructor(private readonly analysis: ErrorAnalysis) {
    this.evidence = noErrorEvidence(analysis);
  }

  public see(interval: MetricInterval): void {
    if (this.rolledBackAfter < Infinity) return;
    this.judge(interval);
    this.count(interval);
  }

  private judge(interval: MetricInterval): void {
    const { canary, stable } = interval;
    if (!this.evidence.open && canary.errors + stable.errors === 0) {
      this.quiet.canary += canary.requests;
      this.quiet.stable += stable.requests;
      return;
    }
    this.addQuiet(interval.fromMs);
    const { rollbackBets } = this.evidence;
    this.evidence = withErrors(this.evidence, interval, this.analysis);
    if (this.evidence.rollbackBets === rollbackBets) return;
    const { rollback, promotion } = logErrorEvidence(this.evidence, this.analysis);
    if (rollback >= -Math.log(sharesOfAlpha(this.analysis).evidence)) this.rolledBackAfter = interval.toMs / 1000;
    if (promotion >= -Math.log(this.analysis.missRate)) this.promotedAfter = Math.min(this.promotedAfter, interval.toMs / 1000);
  }

  private count({ canary, stable, toMs }: MetricInterval): void {
    for (const [sum, { errors, requests }] of [[this.all.canary, canary], [this.all.stable, stable]] as const) {
      sum.requests += requests;
      sum.errors += errors;
    }
    if (toMs !== END_MS || lastLook(this.all.canary, this.all.stable, this.analysis) === undefined) return;
    this.rolledBackAfter = Math.min(this.rolledBackAfter, toMs / 1000);
  }

  private addQuiet(toMs: number): void {
    const { canary, stable } = this.quiet;
    if (canary + stable === 0) return;
    const quiet = { fromMs: toMs, toMs, canary: { requests: canary, errors: 0 }, stable: { requests: stable, errors: 0 } };
    this.evidence = withErrors(this.evidence, quiet, this.analysis);
    [this.quiet.canary, this.quiet.stable] = [0, 0];
  }
}
