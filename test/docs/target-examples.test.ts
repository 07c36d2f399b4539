/** The example at the top of each target's page is small: what a newcomer writes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transpile } from 'typescript';
import * as library from '../../src';
import { plainProject, synthesize } from '../test-project';

const LINES = 15;

it.each(['aws-cdk', 'ecs', 'git-ops', 'github-pages', 'lambda', 'servers', 'servers-caddy', 'servers-containers', 'servers-slots', 'static-site'])('the example of %s has at most 15 lines', (target) => {
  const lines = exampleOf(target).split('\n').filter((line) => line.trim() !== '');
  expect(lines[0]).toMatch(/^import /);
  expect(lines.length).toBeLessThanOrEqual(LINES);
});

it.each(['servers', 'servers-caddy', 'servers-containers', 'servers-slots'])('the example of %s synthesizes as it is', (target) => {
  const project = plainProject();
  jest.spyOn(project, 'synth').mockImplementationOnce(() => undefined);
  // the example makes its project, which must not be one in the working directory
  const modules: Record<string, unknown> = { 'projen': { Project: function Given() { return project; } }, 'projen-delivery': library };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  new Function('require', 'exports', transpile(exampleOf(target)))((name: string) => modules[name], {});
  expect(synthesize(project).manifest.environments.map(({ name }) => name)).toEqual(['production']);
});

function exampleOf(target: string): string {
  const page = readFileSync(join(__dirname, '../../docs/targets', `${target}.md`), 'utf8');
  return /^```ts[^\n]*\n([\s\S]*?)^```$/m.exec(page)![1]!;
}
