/** The policy in docs/health-checks.md allows exactly what the health check calls. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

it('allows what is called, and nothing else', () => {
  const [, policy] = /```json\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/health-checks.md'), 'utf8'))!;
  const { Statement: [{ Action, Resource }] } = JSON.parse(policy) as { Statement: [{ Action: string[]; Resource: string }] };
  const source = readFileSync(join(ROOT, 'src/runtime/probing/cloudwatch-alarm.ts'), 'utf8');
  const called = [...source.matchAll(/service: '(\w+)', operation: '([a-z-]+)'/g)];
  expect(Action).toEqual(called.map(([, service, operation]) => `${service}:${operation.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`));
  // composite alarms are shown to no narrower permission
  expect(Resource).toBe('*');
});
