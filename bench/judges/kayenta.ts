import { CanaryJudge, Spans } from './judge';
import { shiftBetween, shiftStatistic } from './mann-whitney';
import { MetricInterval } from '../../src/runtime/analysis/counters';

/** One value a minute for an hour, and one verdict at its end: its guidance asks for at least 50 values. */
const MINUTES = 60;
/** `NetflixACAJudge`: confidence 98 %, two-sided, and a quarter of the shift as tolerance. */
const Z_98 = 2.326348;
const TOLERANCE = 0.25;

/**
 * Kayenta's judge, `NetflixACAJudge-v1.0`, for one metric: the share of errors in each minute, direction `increase`, and no effect size
 * set, as by default.
 *
 * @see https://github.com/spinnaker/kayenta/blob/a69573be9d8fededacf80817e4151a2c8df41276/kayenta-judge/src/main/scala/com/netflix/kayenta/judge/NetflixACAJudge.scala
 * @see https://github.com/spinnaker/kayenta/blob/a69573be9d8fededacf80817e4151a2c8df41276/kayenta-judge/src/main/scala/com/netflix/kayenta/judge/classifiers/metric/MannWhitneyClassifier.scala
 * @see https://spinnaker.io/docs/guides/user/canary/best-practices/ "at least 50 pieces of time series data per metric"
 */
export class Kayenta implements CanaryJudge {
  public rolledBackAfter = Infinity;
  private readonly canary: number[] = [];
  private readonly stable: number[] = [];
  private readonly spans = new Spans(60, ({ endsAt, canary, stable }) => {
    // a minute without requests has no value: removed, as `nanStrategy` does by default
    if (canary.requests > 0) this.canary.push(canary.errors / canary.requests);
    if (stable.requests > 0) this.stable.push(stable.errors / stable.requests);
    if (endsAt === 60 * MINUTES && isHigh(this.canary, this.stable)) this.rolledBackAfter = endsAt;
  });

  public see(interval: MetricInterval): void {
    this.spans.add(interval);
  }
}

/** Whether its classifier says "High". */
export function isHigh(experiment: readonly number[], control: readonly number[], z = Z_98, tolerance = TOLERANCE): boolean {
  if (experiment.length === 0 || control.length === 0) return false;
  if (new Set([...experiment, ...control]).size === 1) return false;
  // the effect size, a ratio of means, must be at least 1
  if (mean(experiment) < mean(control)) return false;
  // then the interval begins below 0, and need not be computed
  if (shiftStatistic(experiment, control, 0) <= z) return false;
  const { estimate, lower } = shiftBetween(experiment, control, z);
  return lower > tolerance * Math.abs(estimate);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
