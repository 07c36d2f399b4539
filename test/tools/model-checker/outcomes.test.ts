/**
 * All outcomes: every combination of job results, cancels, lost runners, rejected approvals and re-runs, through the conditions that
 * were synthesized. What jobs do is specified in place.ts, what must hold in rules.ts. Longer chains: chains.ci.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IN_PROGRESS, next } from '../../../src/runtime/deployment/state-machine';
import { COURSES } from '../../../src/runtime/strategies/rollout-strategy';
import { Condition } from '../../../tools/model-checker/outcomes/condition';
import { examples, joinedDeliveries, smallDeliveries, SynthesizedDelivery } from '../../../tools/model-checker/outcomes/deliveries';
import { explore } from '../../../tools/model-checker/outcomes/exploration';
import { HEADINGS, figures, table } from '../../../tools/model-checker/outcomes/figures';
import { stepFaults } from '../../../tools/model-checker/outcomes/step-rules';
import { modelsOf, titleOf } from '../../../tools/model-checker/outcomes/workflow-model';

const root = mkdtempSync(join(tmpdir(), 'outcomes-'));
/** The paths, counted; `ends` however often jobs are run again. */
const rows: string[][] = [HEADINGS];

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  process.stdout.write(`\n${table(rows)}\n`);
});

describe.each([...smallDeliveries(), ...joinedDeliveries()])('$name', (delivery) => holdsFor(() => delivery));

describe('the examples', () => {
  let synthesized: SynthesizedDelivery[];

  beforeAll(async () => {
    synthesized = await examples(root);
  });

  describe.each(['examples/shop/.projenrc.ts', 'examples/shop/.projenrc.demo.ts', 'examples/python-service/.projenrc.ts'])('%s', (name) => {
    holdsFor(() => synthesized.find((one) => one.name === name)!, ['deploy', 'rollback']);
  });
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
});

function holdsFor(delivery: () => SynthesizedDelivery, workflows: readonly string[] = delivery().workflows.map(([name]) => name)): void {
  it.each(workflows)('every path through %s.yml keeps every rule', (workflow) => {
    const { name, workflows: present, manifest } = delivery();
    const [workflowName, yaml] = present.find(([one]) => one === workflow)!;
    for (const model of modelsOf(workflowName, yaml, manifest)) {
      const { violations, ...counts } = explore(model);
      rows.push([name, titleOf(model), ...figures(counts)]);
      expect(violations).toEqual([]);
    }
  });

  it.each(workflows)('every step of %s.yml is done when it should, and only then', (workflow) => {
    const [, yaml] = delivery().workflows.find(([one]) => one === workflow)!;
    expect(stepFaults(yaml, (_job, _step, text) => new Condition(text))).toEqual([]);
  });
}
