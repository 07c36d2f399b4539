import { ErrorAnalysis } from './error-analysis';
import { LatencyAnalysis } from './latency-analysis';

/** What is judged by errors, by latency, or by both. */
interface Judged {
  readonly errors?: ErrorAnalysis;
  readonly latency?: LatencyAnalysis;
}

/** Divides alpha among all metrics of a canary, so that all together raise a false alarm in at most alpha of the healthy ones (Bonferroni). */
export function withSharedAlpha<T extends Judged>(analyses: readonly T[]): T[] {
  const metrics = analyses.flatMap(({ errors, latency }) => [errors, latency]).filter((one) => one !== undefined).length;
  return analyses.map((analysis) => ({
    ...analysis,
    ...analysis.errors ? { errors: { ...analysis.errors, alpha: analysis.errors.alpha / metrics } } : {},
    ...analysis.latency ? { latency: { ...analysis.latency, alpha: analysis.latency.alpha / metrics } } : {},
  }));
}
