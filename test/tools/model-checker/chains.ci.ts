/** One environment after another, three of them or in a workflow that has jobs of others: every path, those jobs' among them. */
import { amongOthers, chain, joinedChain } from '../../../tools/model-checker/outcomes/deliveries';
import { ExploredOnce } from '../../../tools/model-checker/outcomes/explored-once';
import { figures, HEADINGS, table } from '../../../tools/model-checker/outcomes/figures';
import { modelsOf, titleOf } from '../../../tools/model-checker/outcomes/workflow-model';

const rows: string[][] = [HEADINGS];
const explored = new ExploredOnce();

afterAll(() => process.stdout.write(`\n${table(rows)}\n`));

it.each([amongOthers(), chain(), joinedChain('build'), joinedChain('release')])('$name', ({ name, workflows, manifest }) => {
  for (const [workflow, yaml] of workflows) {
    for (const model of modelsOf(workflow, yaml, manifest)) {
      const { violations, ...counts } = explored.explore(model, yaml);
      rows.push([name, titleOf(model), ...figures(counts)]);
      expect(violations).toEqual([]);
    }
  }
});
