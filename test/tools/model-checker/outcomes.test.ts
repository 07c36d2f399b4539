/**
 * All outcomes: every combination of job results, cancels, lost runners, rejected approvals and re-runs, through the conditions that
 * were synthesized. What jobs do is specified in place.ts, what must hold in rules.ts. Here: one delivery, which has all three workflows, whose
 * jobs are run again once. All of them, however often jobs are run again, and workflows of projen's and of the examples: outcomes.ci.ts. Longer chains: chains.ci.ts.
 */
import { everyPath, isShort, testSteps } from './every-path';
import { IN_PROGRESS, next } from '../../../src/runtime/deployment/state-machine';
import { COURSES } from '../../../src/runtime/strategies/rollout-strategy';
import { smallDeliveries } from '../../../tools/model-checker/outcomes/deliveries';
import { ExploredOnce } from '../../../tools/model-checker/outcomes/explored-once';
import { meaningOf, modelsOf } from '../../../tools/model-checker/outcomes/workflow-model';

const deliveries = smallDeliveries();
const holdsFor = everyPath({ attempts: 2 });

describe.each(deliveries.filter(isShort))('$name', (delivery) => holdsFor(() => delivery));

describe.each(deliveries.filter((delivery) => !isShort(delivery)))('$name', (delivery) => {
  it.each(delivery.workflows.map(([name]) => name))('every step of %s.yml is done when it should, and only then', (workflow) => testSteps(delivery, workflow));
});

describe('what the enumeration rests on', () => {
  it('whatever is under way is treated alike by those who come later, so one state stands for all', () => {
    for (const course of COURSES) {
      const unlessMigrating = IN_PROGRESS.filter((state) => !(state === 'migrating' && course.byHand));
      for (const event of ['abandoned', 'superseded'] as const) {
        expect(new Set(unlessMigrating.map((state) => next(state, event, course))).size).toBe(1);
      }
    }
  });

  it('a workflow is explored once where what is read of it is equal, and a condition, a need, an output or a step makes it another one', () => {
    const [{ workflows, manifest }] = deliveries;
    const [name, yaml] = workflows.find(([one]) => one === 'rollback')!;
    const [model] = modelsOf(name, yaml, manifest);
    const { recover } = yaml.jobs;
    const meaning = meaningOf(model, yaml);
    const steps = recover.steps?.map((step) => ({ ...step, env: { ...step.env, DELIVERY_STATE: 'stable' } }));
    for (const changed of [{ if: 'always()' }, { needs: ['rollback'] }, { outputs: { state: 'stable' } }, { steps }]) {
      expect(meaningOf(model, { ...yaml, jobs: { ...yaml.jobs, recover: { ...recover, ...changed } } })).not.toBe(meaning);
    }
    const places = manifest.environments.map((environment) => ({ ...environment, target: { ...environment.target, noRollback: 'no' } }));
    const [stuck] = modelsOf(name, yaml, { ...manifest, environments: places });
    expect(meaningOf(stuck, yaml)).not.toBe(meaning);
    const explored = new ExploredOnce();
    expect(explored.explore(stuck, yaml)).toBe(explored.explore(modelsOf(name, yaml, { ...manifest, environments: places })[0], yaml));
  });
});
