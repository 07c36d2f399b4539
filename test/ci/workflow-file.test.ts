import { github, JsonPatch } from 'projen';
import { writeOurWay } from '../../src/ci/workflow-file';
import { plainProject, synthesize } from '../test-project';

test('a patch may make another workflow of it', () => {
  const project = plainProject();
  const workflow = new github.GithubWorkflow(github.GitHub.of(project)!, 'mine');
  writeOurWay(workflow);
  workflow.file!.patch(JsonPatch.replace('', { name: 'another', on: {}, jobs: {} }));
  expect(synthesize(project).workflow('mine')).toEqual({ name: 'another', on: {}, permissions: {}, jobs: {} });
});

test.each([
  ['known only at the end', { env: { A: (() => 'late') as never } }, { env: { A: 'late' } }],
  ['an object that says what it is', { env: { A: { toJSON: () => 'said' } as never } }, { env: { A: 'said' } }],
  ['left out of a list', { needs: ['a', undefined as never] }, { needs: ['a'] }],
  ['not said', { env: undefined, outputs: {} }, {}],
])('what is %s is written as projen would', (_, said, written) => {
  const project = plainProject();
  const workflow = new github.GithubWorkflow(github.GitHub.of(project)!, 'mine');
  const theirs = new github.GithubWorkflow(github.GitHub.of(project)!, 'theirs');
  for (const one of [workflow, theirs]) {
    one.on({ push: {} });
    one.addJob('a', { runsOn: ['ubuntu-latest'], permissions: {}, steps: [{ run: 'true' }] });
    one.addJob('b', { runsOn: ['ubuntu-latest'], permissions: {}, steps: [{ run: 'true' }], ...said });
  }
  writeOurWay(workflow);
  const made = synthesize(project);
  expect(made.workflow('mine').jobs).toEqual(made.workflow('theirs').jobs);
  expect(made.workflow('mine').jobs.b).toMatchObject(written);
});
