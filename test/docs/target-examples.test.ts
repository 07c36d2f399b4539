/** The example at the top of each target's page is small: what a newcomer writes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const LINES = 15;

it.each(['aws-cdk', 'ecs', 'git-ops', 'github-pages', 'lambda', 'servers', 'servers-containers', 'static-site'])('the example of %s has at most 15 lines', (target) => {
  const page = readFileSync(join(__dirname, '../../docs/targets', `${target}.md`), 'utf8');
  const [, example] = /^```ts[^\n]*\n([\s\S]*?)^```$/m.exec(page)!;
  const lines = example!.split('\n').filter((line) => line.trim() !== '');
  expect(lines[0]).toMatch(/^import /);
  expect(lines.length).toBeLessThanOrEqual(LINES);
});
