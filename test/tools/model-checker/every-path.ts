import { Condition } from '../../../tools/model-checker/outcomes/condition';
import { SynthesizedDelivery } from '../../../tools/model-checker/outcomes/deliveries';
import { ExploredOnce } from '../../../tools/model-checker/outcomes/explored-once';
import { figures, HEADINGS, table } from '../../../tools/model-checker/outcomes/figures';
import { stepFaults } from '../../../tools/model-checker/outcomes/step-rules';
import { modelsOf, titleOf } from '../../../tools/model-checker/outcomes/workflow-model';

type TestsOfDelivery = (delivery: () => SynthesizedDelivery, workflows?: readonly string[]) => void;

/** A small delivery that has all three workflows. */
const SHORT = 'twins, drill';

export function isShort({ name }: SynthesizedDelivery): boolean {
  return name === SHORT;
}

/**
 * What defines the tests of a delivery: every path through its workflows. Prints the paths in the end, counted; `ends` however often jobs are run again,
 * unless `attempts` limits that.
 */
export function everyPath({ attempts }: { readonly attempts?: number } = {}): TestsOfDelivery {
  const rows: string[][] = [HEADINGS];
  const explored = new ExploredOnce({ attempts });
  afterAll(() => {
    process.stdout.write(`\n${table(rows)}\n`);
  });

  return (delivery, workflows = delivery().workflows.map(([name]) => name)) => {
    it.each(workflows)('every path through %s.yml keeps every rule', (workflow) => {
      const { name, workflows: present, manifest } = delivery();
      const [workflowName, yaml] = present.find(([one]) => one === workflow)!;
      for (const model of modelsOf(workflowName, yaml, manifest)) {
        const { violations, ...counts } = explored.explore(model, yaml);
        rows.push([name, titleOf(model), ...figures(counts)]);
        expect(violations).toEqual([]);
      }
    });

    it.each(workflows)('every step of %s.yml is done when it should, and only then', (workflow) => testSteps(delivery(), workflow));
  };
}

export function testSteps({ workflows }: SynthesizedDelivery, workflow: string): void {
  const [, yaml] = workflows.find(([one]) => one === workflow)!;
  expect(stepFaults(yaml, (_job, _step, text) => new Condition(text))).toEqual([]);
}
