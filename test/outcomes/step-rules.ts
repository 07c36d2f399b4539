import { Condition, Seen } from './condition';
import { Job, Workflow } from '../validators/workflow';

/** Conditions of steps whose effects need no enumeration: each is asked everything it can be asked. */
export function stepFaults({ jobs }: Workflow, conditionOf: (job: string, step: string, text: string | undefined) => Condition): string[] {
  return Object.entries(jobs).flatMap(([id, job]) => [...downloadFaults(id, job, conditionOf), ...decisionFaults(id, job, conditionOf)]);
}

/** Steps that are asked about here. */
export function isPlainStep(job: string, step: string): boolean {
  return step.startsWith('download-') || (job === 'decide' && ACTIONS.includes(step));
}

const ACTIONS = ['unblock', 'adopt', 'resolve', 'unfreeze'];
const FINE = { success: true, failure: false, cancelled: false };

type ConditionOf = Parameters<typeof stepFaults>[1];

/** What is on record is downloaded, and nothing is asked for that is not. */
function downloadFaults(id: string, { steps = [] }: Job, conditionOf: ConditionOf): string[] {
  return ['release', 'stable'].flatMap((which) => {
    const step = steps.find((one) => one.id === `download-${which}`);
    if (!step) return [];
    const other = which === 'release' ? 'stable' : 'release';
    const condition = conditionOf(id, step.id!, step.if);
    const downloads = (own: string, others: string) =>
      condition.holds(seen({ [`${which}_artifact_id`]: own, [`${other}_artifact_id`]: others }), FINE);
    const isRight = ['', '7'].every((others) => downloads('8', others) && !downloads('', others));
    return isRight ? [] : [`${id}: ${which} is downloaded when it is not on record, or not when it is`];
  });
}

/** Each action does what it says, and nothing else. */
function decisionFaults(id: string, { steps = [] }: Job, conditionOf: ConditionOf): string[] {
  if (id !== 'decide') return [];
  return steps.filter((step) => ACTIONS.includes(step.id ?? '')).flatMap((step) => {
    const condition = conditionOf(id, step.id!, step.if);
    const isRight = [...ACTIONS, 'rollback', ''].every((action) =>
      condition.holds({ ...seen({}), inputs: { action } }, FINE) === (action === step.id));
    return isRight ? [] : [`${id}: ${step.id} is done for another action, or not for its own`];
  });
}

function seen(outputs: Record<string, string>): Seen {
  return { github: {}, inputs: {}, needs: {}, steps: { artifacts: { outputs } } };
}
