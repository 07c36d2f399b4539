/**
 * All outcomes: every combination of job results, cancels, lost runners, rejected approvals and re-runs, through the conditions that
 * were synthesized. What jobs do is specified in place.ts, what must hold in rules.ts. Those with more paths, and workflows of projen's and of the examples:
 * outcomes.ci.ts. Longer chains: chains.ci.ts.
 */
import { everyPath, isLong } from './every-path';
import { IN_PROGRESS, next } from '../../../src/runtime/deployment/state-machine';
import { COURSES } from '../../../src/runtime/strategies/rollout-strategy';
import { smallDeliveries } from '../../../tools/model-checker/outcomes/deliveries';

const holdsFor = everyPath();

describe.each(smallDeliveries().filter((delivery) => !isLong(delivery)))('$name', (delivery) => holdsFor(() => delivery));

describe('what the enumeration rests on', () => {
  it('whatever is under way is treated alike by those who come later, so one state stands for all', () => {
    for (const course of COURSES) {
      const unlessMigrating = IN_PROGRESS.filter((state) => !(state === 'migrating' && course.byHand));
      for (const event of ['abandoned', 'superseded'] as const) {
        expect(new Set(unlessMigrating.map((state) => next(state, event, course))).size).toBe(1);
      }
    }
  });
});
