/** The policies in docs/targets/ecs.md allow exactly the operations that the drivers call. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const POLICIES = [...readFileSync(join(ROOT, 'docs/targets/ecs.md'), 'utf8').matchAll(/```json\n([\s\S]*?)```/g)]
  .map(([, policy]) => (JSON.parse(policy) as { Statement: { Action: string | string[] }[] }).Statement.flatMap(({ Action }) => Action).sort());

function called(file: string, prefix: string): string[] {
  const source = readFileSync(join(ROOT, 'src/engines/ecs/runtime', file), 'utf8');
  const operations = [...source.matchAll(/this\.(?:read|write)\('([a-z-]+)'/g)].map(([, operation]) => operation.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()));
  return [...new Set(operations.map((name) => `${prefix}:${name}`))];
}

it('allows what is called, and nothing else', () => {
  // ECS gives the roles of a task definition to its tasks
  expect(POLICIES[0]).toEqual([...called('ecs-api.ts', 'ecs'), 'iam:PassRole'].sort());
  expect(POLICIES.slice(1)).toEqual([called('listener-api.ts', 'elasticloadbalancing').sort()]);
});
