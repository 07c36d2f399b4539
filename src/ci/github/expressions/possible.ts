import { conditionOf } from './condition';
import { evaluate, EvaluationContext } from './evaluate';
import { truths } from './values';

/** What an `if` can come to, as far as its context are known. None: GitHub ends its evaluation with an error. */
export function possible(condition: unknown, known: EvaluationContext): readonly boolean[] {
  return truths(evaluate(conditionOf(condition), known));
}
