/** The policy in docs/targets/lambda.md allows exactly the operations that the driver calls. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Where the name of the action is not that of the operation. */
const ACTIONS: Readonly<Record<string, string>> = { Invoke: 'InvokeFunction' };

it('allows what is called, and nothing else', () => {
  const [, policy] = /```json\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/targets/lambda.md'), 'utf8'))!;
  const { Statement: [{ Action }] } = JSON.parse(policy) as { Statement: [{ Action: string[] }] };
  const source = readFileSync(join(ROOT, 'src/engines/aws/runtime/lambda-api.ts'), 'utf8');
  const called = [...source.matchAll(/this\.(?:read|write)\('([a-z-]+)'/g)].map(([, operation]) => operation.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()));
  expect(Action).toEqual([...new Set(called.map((name) => `lambda:${ACTIONS[name] ?? name}`))].sort());
});
