/** The examples in docs/jobs.md do what they say, and pass what is checked. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { github } from 'projen';
import { transpile } from 'typescript';
import { JobKind } from '../../src';
import { deliver, environment, plainProject, synthesize } from '../test-project';

test('the escape hatches', () => {
  const text = readFileSync(join(__dirname, '../../docs/jobs.md'), 'utf8');
  const [, steps, update] = /## Escape hatches[^]*?```ts\n([^]*?)```[^]*?```typescript\n([^]*?)```/.exec(text)!;
  const project = plainProject();
  const delivery = deliver(project, { environments: [environment('production')] });
  new Function('delivery', 'github', 'JobKind', transpile(`${steps}${update}`))(delivery, github, JobKind);
  const { deploy, rollback } = synthesize(project);
  const { deploy_production: job } = deploy.jobs;
  expect(job.steps!.map(({ id }) => id)).toEqual(['checkout', 'announce', 'login', 'deploy', 'recover']);
  expect(job).toMatchObject({ 'runs-on': 'self-hosted', 'env': { AWS_REGION: 'eu-central-1' } });
  expect(job.permissions).toMatchObject({ packages: 'read', deployments: 'write' });
  expect(job.if).toMatch(/ && vars\.OPEN == 'yes' \}\}$/);
  for (const recovery of [deploy.jobs.rollback_production, rollback.jobs.rollback, rollback.jobs.recover]) {
    expect(recovery.steps!.map(({ id }) => id)).toContain('login');
  }
});
