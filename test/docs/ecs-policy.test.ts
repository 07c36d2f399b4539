/** The policy in docs/targets/ecs.md allows exactly the operations that the driver calls. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

it('allows what is called, and nothing else', () => {
  const [, policy] = /```json\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/targets/ecs.md'), 'utf8'))!;
  const { Statement } = JSON.parse(policy) as { Statement: { Action: string | string[] }[] };
  const allowed = Statement.flatMap(({ Action }) => Action);
  const source = readFileSync(join(ROOT, 'src/runtime/targets/ecs/ecs-api.ts'), 'utf8');
  const called = [...source.matchAll(/this\.(?:read|write)\('([a-z-]+)'/g)].map(([, operation]) => operation.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()));
  // ECS gives the roles of a task definition to its tasks
  expect(allowed.sort()).toEqual([...new Set(called.map((name) => `ecs:${name}`)), 'iam:PassRole'].sort());
});
