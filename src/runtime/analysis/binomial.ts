import { logBeta } from '../../contract/log-beta';

/** The terms fall faster and faster, so one that is so much smaller than the sum ends it. */
const NEGLIGIBLE = 1e-17;

/** Returns the probability of at least `least` successes among `trials`, each with the probability `chance`, which is neither 0 nor 1. Exact to 10^9 trials. */
export function atLeastProbability(least: number, trials: number, chance: number): number {
  if (least <= 0) return 1;
  if (least > trials) return 0;
  // below the mean the terms rise: the others, counted as failures, fall
  if (least <= trials * chance) return 1 - atLeastProbability(trials - least + 1, trials, 1 - chance);
  const logWays = -Math.log(trials + 1) - logBeta(least + 1, trials - least + 1);
  let term = Math.exp(logWays + least * Math.log(chance) + (trials - least) * Math.log1p(-chance));
  let sum = term;
  for (let count = least; count < trials && term > NEGLIGIBLE * sum; count += 1) {
    term *= (trials - count) / (count + 1) * chance / (1 - chance);
    sum += term;
  }
  return sum;
}
