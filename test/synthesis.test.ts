/**
 * The workflows as a reviewer reads them: of its own, joined to projen's build, joined to projen's release. What each job must have is said in
 * ci/github/jobs/written-jobs.test.ts; other options are in the tests of those.
 */
import { Project } from 'projen';
import { stringify } from 'yaml';
import { Trigger, Workflow } from '../src';
import { deliver, environment, plainProject, Synthesized, synthesize, typescriptProject } from './test-project';
import { validate, validateJoined } from './validators/validate';

/** One environment, and all else as it is by default. */
describe('in workflows of its own', () => {
  const { synthesized } = made(() => {
    const project = plainProject();
    deliver(project, { monitoring: {} });
    return project;
  });

  it.each(synthesized.workflows)('%s.yml is what it was', (name) => {
    expect(synthesized.workflowText(name)).toMatchSnapshot();
  });

  it('the manifest is what it was', () => {
    const { runtime: _runtime, ...manifest } = synthesized.manifest;
    expect(manifest).toMatchSnapshot();
  });

  it.each(synthesized.workflows)('%s.yml is right in the eyes of every validator', async (name) => {
    expect(await validate(synthesized.workflowText(name), `${name}.yml`)).toEqual([]);
  });
});

describe('joined to the build of a TypeScript app', () => {
  const { project, synthesized } = made(() => {
    const app = typescriptProject();
    deliver(app, { workflow: Workflow.ofBuild(), artifact: { paths: ['dist'] } });
    return app;
  });

  it('the events and our jobs are what they were', () => {
    expect(addedTo(synthesized, 'build', typescriptProject())).toMatchSnapshot();
  });

  it('it is right in the eyes of every validator', async () => {
    expect(await validateJoined(synthesized.workflowText('build'), 'build.yml')).toEqual([]);
    expect(project.tryFindFile('.github/workflows/deploy.yml')).toBeUndefined();
  });
});

describe('joined to the release of a TypeScript app', () => {
  const { synthesized } = made(() => {
    const app = typescriptProject({ release: true });
    deliver(app, { workflow: Workflow.ofRelease(), environments: [environment('staging', { trigger: Trigger.release() })] });
    return app;
  });

  it('the events and our jobs are what they were', () => {
    expect(addedTo(synthesized, 'release', typescriptProject({ release: true }))).toMatchSnapshot();
  });

  it('it is right in the eyes of every validator', async () => {
    expect(await validateJoined(synthesized.workflowText('release'), 'release.yml')).toEqual([]);
  });
});

function made(make: () => Project): { readonly project: Project; readonly synthesized: Synthesized } {
  const project = make();
  return { project, synthesized: synthesize(project) };
}

/** As text: what starts the workflow, and the jobs that it would not have without us. */
function addedTo(synthesized: Synthesized, name: string, without: Project): string {
  const { on, jobs } = synthesized.workflow(name);
  const theirs = Object.keys(synthesize(without).workflow(name).jobs);
  return stringify({ on, jobs: Object.fromEntries(Object.entries(jobs).filter(([id]) => !theirs.includes(id))) }, { lineWidth: 0 });
}
