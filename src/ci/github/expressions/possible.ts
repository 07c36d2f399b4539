import { conditionOf } from './condition';
import { evaluate, Surroundings } from './evaluate';
import { truths } from './values';

/** What an `if` can come to, as far as its surroundings are known. None: GitHub ends its evaluation with an error. */
export function possible(condition: unknown, known: Surroundings): readonly boolean[] {
  return truths(evaluate(conditionOf(condition), known));
}
