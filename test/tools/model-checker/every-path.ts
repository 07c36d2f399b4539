import { Condition } from '../../../tools/model-checker/outcomes/condition';
import { SynthesizedDelivery } from '../../../tools/model-checker/outcomes/deliveries';
import { explore } from '../../../tools/model-checker/outcomes/exploration';
import { figures, HEADINGS, table } from '../../../tools/model-checker/outcomes/figures';
import { stepFaults } from '../../../tools/model-checker/outcomes/step-rules';
import { modelsOf, titleOf } from '../../../tools/model-checker/outcomes/workflow-model';

type TestsOfDelivery = (delivery: () => SynthesizedDelivery, workflows?: readonly string[]) => void;

/** Their paths take longest to enumerate. */
const LONG = ['after', 'by hand', 'tags, requires, drill'];

export function isLong({ name }: SynthesizedDelivery): boolean {
  return LONG.includes(name);
}

/** What defines the tests of a delivery: every path through its workflows. Prints the paths in the end, counted; `ends` however often jobs are run again. */
export function everyPath(): TestsOfDelivery {
  const rows: string[][] = [HEADINGS];
  afterAll(() => {
    process.stdout.write(`\n${table(rows)}\n`);
  });

  return (delivery, workflows = delivery().workflows.map(([name]) => name)) => {
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
  };
}
