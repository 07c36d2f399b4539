/** The policy in docs/canary-metrics.md allows exactly what Metric.cloudWatch calls. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

it('allows what is called, and nothing else', () => {
  const policy = [...readFileSync(join(ROOT, 'docs/canary-metrics.md'), 'utf8').matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text).find((text) => text.includes('Statement'))!;
  const { Statement: [{ Action }] } = JSON.parse(policy) as { Statement: [{ Action: string[] }] };
  const source = readFileSync(join(ROOT, 'src/runtime/metrics/cloudwatch-metric.ts'), 'utf8');
  const called = [...source.matchAll(/service: '(\w+)', operation: '([a-z-]+)'/g)];
  const actions = called.map(([, service, operation]) => `${service}:${operation.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`);
  expect(Action).toEqual(actions);
});
