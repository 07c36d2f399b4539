import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Component, github, JsonPatch, Project } from 'projen';
import { CheckedWorkflowFile } from '../../../../src/ci/github/workflows/workflow-file';
import { deliver, plainProject, synthesize } from '../../../test-project';

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

test('permissions that someone wants on top stay', () => {
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

test('a file that someone removes is not there', () => {
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

test.each(['\u0085', '\u2028', '\u2029', '\ufeff'])('%j, which a reader may take for the end of a line, is rejected, and no file is left', (end) => {
  const project = plainProject();
  const { workflow } = deliver(project);
  workflow!.file!.addOverride('run-name', `a${end}b`);
  expect(() => synthesize(project)).toThrow(/^workflow: line \d+ of \.github\/workflows\/deploy\.yml has the character U\+[0-9A-F]{4}, which readers/);
  expect(existsSync(workflow!.file!.absolutePath)).toBe(false);
});

describe('what comes after the file was written', () => {
  /** With all that comes behind a synthesis. */
  function synthesizedToTheEnd(project: Project): void {
    const before = process.env.PROJEN_DISABLE_POST;
    delete process.env.PROJEN_DISABLE_POST;
    try {
      project.synth();
    } finally {
      if (before !== undefined) process.env.PROJEN_DISABLE_POST = before;
    }
  }

  function withLater(phase: 'synthesize' | 'postSynthesize', act: (file: string) => void) {
    const project = plainProject();
    const delivery = deliver(project);
    const path = delivery.workflow.file!.absolutePath;
    const later = new Component(project);
    later[phase] = () => act(path);
    return { project, path, workflow: delivery.workflow };
  }

  const rewritten = (change: (text: string) => string) => (path: string) => {
    chmodSync(path, 0o644);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  };

  test.each(['synthesize', 'postSynthesize'] as const)('a component that writes a weaker file in %s is rejected, and the file is not left', (phase) => {
    const { project, path } = withLater(phase, rewritten((text) => text.replace('cancel-in-progress: false', 'cancel-in-progress: true')));
    expect(() => synthesizedToTheEnd(project)).toThrow('workflow job \'deploy_staging\' concurrency: is {"group":"delivery-deploy-staging","cancel-in-progress":true,"queue":"max"}');
    expect(existsSync(path)).toBe(false);
  });

  test('a component that writes what cannot be read is rejected', () => {
    const { project } = withLater('postSynthesize', rewritten((text) => `${text}\n\t- {`));
    expect(() => synthesizedToTheEnd(project)).toThrow('.github/workflows/deploy.yml: was rewritten after projen wrote it, and cannot be read');
  });

  test('a component that takes the file away is rejected', () => {
    const { project } = withLater('postSynthesize', (path) => rmSync(path));
    expect(() => synthesizedToTheEnd(project)).toThrow('workflow: the delivery\'s job \'environment_staging\' was removed');
  });

  test('a component that formats the file, or adds what breaks nothing, may', () => {
    const { project, path } = withLater('postSynthesize', rewritten((text) => text.replace('name: deploy staging', 'name: "ship it"')));
    synthesizedToTheEnd(project);
    expect(readFileSync(path, 'utf8')).toContain('name: "ship it"');
  });

  test('a file that is written by projen once more is finished once more', () => {
    const { project, path, workflow } = withLater('postSynthesize', () => workflow.file!.synthesize());
    synthesizedToTheEnd(project);
    expect(readFileSync(path, 'utf8')).toMatch(/\npermissions: \{\}\n/);
  });
});

test('nothing of our jobs is shared: a change in place of one reaches no other, in this project or the next', () => {
  const changedInPlace = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, one] of Object.entries(value)) {
      if (typeof one === 'string') (value as Record<string, unknown>)[key] = `${one}~`;
      else changedInPlace(one);
    }
  };
  const made = () => deliver(plainProject(), { drill: { environments: ['staging'] }, monitoring: {} });
  const all = (of: ReturnType<typeof made>) => [of.workflow, of.rollbackWorkflow, of.drillWorkflow!, of.monitorWorkflow!];
  const first = made();
  const jobs = (of: ReturnType<typeof made>) => all(of).flatMap(({ name, jobs: some }) => (
    Object.entries(some).map(([id, job]) => [name, id, job] as const)
  ));
  const before = JSON.parse(JSON.stringify(jobs(made()))) as unknown;
  for (const [, , job] of jobs(first).filter((_, i) => i % 2 === 0)) changedInPlace(job);
  expect(jobs(made())).toEqual(before);
  const untouched = jobs(first).map(([, , job], i) => (i % 2 === 0 ? '' : JSON.stringify(job))).join('');
  expect(untouched).not.toContain('~');
});
