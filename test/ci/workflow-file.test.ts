import { existsSync, statSync } from 'node:fs';
import { github, JsonPatch } from 'projen';
import { CheckedWorkflowFile } from '../../src/ci/workflow-file';
import { deliver, plainProject, synthesize } from '../test-project';

function mine() {
  const project = plainProject();
  const workflow = new github.GithubWorkflow(github.GitHub.of(project)!, 'mine');
  CheckedWorkflowFile.of(workflow.file!).finish();
  return { project, workflow };
}

test('a patch may make another workflow of it', () => {
  const { project, workflow } = mine();
  workflow.file!.patch(JsonPatch.replace('', { name: 'another', on: {}, jobs: {} }));
  expect(synthesize(project).workflow('mine')).toEqual({ name: 'another', on: {}, permissions: {}, jobs: {} });
});

test('permissions that somebody wants on top stay', () => {
  const { project, workflow } = mine();
  workflow.file!.addOverride('permissions', { contents: 'read' });
  expect(synthesize(project).workflow('mine')).toMatchObject({ permissions: { contents: 'read' } });
});

test('a file that a patch leaves nothing of is not there', () => {
  const { project, workflow } = mine();
  workflow.file!.patch(JsonPatch.replace('', null));
  synthesize(project);
  expect(existsSync(workflow.file!.absolutePath)).toBe(false);
});

test('a file that somebody removes is not there', () => {
  const { project, workflow } = mine();
  project.tryRemoveFile('.github/workflows/mine.yml');
  synthesize(project);
  expect(existsSync(workflow.file!.absolutePath)).toBe(false);
});

test('a second synthesis writes the same, and the file stays read-only', () => {
  const project = plainProject();
  const { file } = deliver(project).workflow!;
  const first = synthesize(project).deployText;
  expect(synthesize(project).deployText).toBe(first);
  expect((statSync(file!.absolutePath).mode % 0o1000).toString(8)).toBe('444');
});

test.each(['\u0085', '\u2028', '\u2029', '\ufeff'])('%j, which a reader may take for the end of a line, is refused, and no file is left', (end) => {
  const project = plainProject();
  const { workflow } = deliver(project);
  workflow!.file!.addOverride('run-name', `a${end}b`);
  expect(() => synthesize(project)).toThrow(/^workflow: line \d+ of \.github\/workflows\/deploy\.yml has the character U\+[0-9A-F]{4}, which readers/);
  expect(existsSync(workflow!.file!.absolutePath)).toBe(false);
});
