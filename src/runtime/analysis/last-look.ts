/**
 * Judges the errors of a canary once, at the end of its last comparison: a test that allows one look finds small regressions that
 * evidence for many looks does not. Pure. `docs/canary-analysis.md` derives it.
 */
import { atLeastProbability } from './binomial';
import { RequestCounts } from './counters';
import { percent } from './judgement';
import { ErrorAnalysis, sharesOfAlpha } from '../../contract/metric-analysis';
import { canaryShareOfErrors } from '../../contract/rate-ratio';

type Counts = Pick<RequestCounts, 'requests' | 'errors'>;

/** Returns why the release is rolled back. Undefined if its errors do not show that it is worse than the tolerance allows. */
export function lastLook(canary: Counts, stable: Counts, analysis: ErrorAnalysis): string | undefined {
  const { lastLook: alpha } = sharesOfAlpha(analysis);
  if (alpha === 0 || chanceOfErrors(canary, stable, analysis.tolerance) > alpha) return undefined;
  const counted = `${canary.errors} of ${canary.errors + stable.errors} errors are Canary's`;
  return `errors: at the end of the canary, ${counted}. As good a release has so many in at most ${percent(alpha)} % of all canaries`;
}

/** Returns the probability of at least so many errors of Canary among all, if Canary is just as bad as the tolerance allows. */
function chanceOfErrors(canary: Counts, stable: Counts, tolerance: number): number {
  const requestShare = canary.requests / (canary.requests + stable.requests);
  if (!(requestShare > 0 && requestShare < 1)) return 1;
  return atLeastProbability(canary.errors, canary.errors + stable.errors, canaryShareOfErrors(1 + tolerance, requestShare));
}
