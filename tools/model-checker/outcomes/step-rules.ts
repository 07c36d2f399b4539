import { Condition, Seen } from './condition';
import { Job, Workflow } from '../../../test/validators/workflow';

/** Conditions of steps whose effects need no enumeration: each is asked everything it can be asked. */
export function stepFaults({ jobs }: Workflow, conditionOf: (job: string, step: string, text: string | undefined) => Condition): string[] {
  return Object.entries(jobs).flatMap(([id, job]) => decisionFaults(id, job, conditionOf));
}

/** Steps that are asked about here. */
export function isPlainStep(job: string, step: string): boolean {
  return job === 'decision' && ACTIONS.includes(step);
}

const ACTIONS = ['unblock', 'adopt', 'resolve', 'unfreeze'];
const SEEN: Seen = { github: {}, inputs: {}, needs: {}, steps: {} };
const FINE = { success: true, failure: false, cancelled: false };

type ConditionOf = Parameters<typeof stepFaults>[1];

/** Each action does what it says, and nothing else. */
function decisionFaults(id: string, { steps = [] }: Job, conditionOf: ConditionOf): string[] {
  if (id !== 'decision') return [];
  return steps.filter((step) => ACTIONS.includes(step.id ?? '')).flatMap((step) => {
    const condition = conditionOf(id, step.id!, step.if);
    const isRight = [...ACTIONS, 'rollback', ''].every((action) =>
      condition.holds({ ...SEEN, inputs: { action } }, FINE) === (action === step.id));
    return isRight ? [] : [`${id}: ${step.id} is done for another action, or not for its own`];
  });
}
