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
