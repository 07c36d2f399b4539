import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { github, Project } from 'projen';
import { Duration, Schedule, Trigger, Workflow } from '../../src';
import { Manifest, workflowFileOf } from '../../src/contract/manifest';
import { deliver, environment, plainProject, synthesize, temporaryFolder, withTasks } from '../test-project';
import { actionlint } from '../validators/actionlint';

const DRILL = { environments: ['staging'], schedule: Schedule.weekly('Tue 03:17') };
const MONITORING = { interval: Duration.minutes(5), heartbeat: 'HEARTBEAT' };
const ALL = { deploy: 'ship', rollback: 'go-back', monitor: 'watch', drill: 'fire-drill' };

function files(project: Project): string[] {
  return ['ship', 'go-back', 'watch', 'fire-drill', 'deploy', 'rollback', 'monitor', 'drill'].filter((name) => existsSync(join(project.outdir, `.github/workflows/${name}.yml`)));
}

describe('names of the workflows', () => {
  it('are chosen, and everything that refers to the workflows follows', async () => {
    const project = plainProject();
    const delivery = deliver(project, { workflowNames: ALL, drill: DRILL, monitoring: MONITORING });
    const result = synthesize(project);
    expect(files(project)).toEqual(['ship', 'go-back', 'watch', 'fire-drill']);
    expect([delivery.workflow, delivery.rollbackWorkflow, delivery.monitorWorkflow, delivery.drillWorkflow].map((one) => one?.name)).toEqual(['ship', 'go-back', 'watch', 'fire-drill']);
    expect(result.manifest.workflowNames).toEqual({ rollback: 'go-back', drill: 'fire-drill' });
    expect(result.manifest.monitoring).toMatchObject({ workflow: 'watch.yml', deploymentWorkflows: [{ file: 'ship.yml' }, { file: 'go-back.yml' }] });
    for (const name of Object.values(ALL)) expect(await actionlint(result.workflowText(name), `${name}.yml`)).toEqual([]);
  });

  it('are as given in a subproject too, and the others keep the subproject\'s name', () => {
    const root = plainProject();
    const api = withTasks(new Project({ name: 'api', parent: root, outdir: 'api' }));
    deliver(api, { workflowNames: { rollback: 'api-rollback' } });
    const result = synthesize(root);
    expect(result.workflow('api-rollback').name).toBe('api-rollback');
    expect(result.workflow('deploy_api').name).toBe('deploy_api');
    expect((JSON.parse(result.text('.projen/delivery-api.json')) as Manifest).workflowNames).toEqual({ rollback: 'api-rollback' });
  });

  it('are not in the manifest where none was chosen', () => {
    const project = plainProject();
    deliver(project);
    expect(synthesize(project).manifest.workflowNames).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ['a path', { rollback: 'a/b' }, 'Delivery workflowNames.rollback: \'a/b\' cannot be the name of a workflow file. Use letters, digits and . _ -, at most 50, beginning with a letter or a digit'],
    ['a file name', { rollback: 'rollback.yml' }, 'Delivery workflowNames.rollback: \'rollback.yml\' is the name of a file. Write the workflow\'s name without .yml: \'rollback\''],
    ['no text', { rollback: 5 }, 'Delivery workflowNames.rollback: 5 cannot be the name of a workflow file'],
    ['an unknown workflow', { rolback: 'x' }, 'Delivery workflowNames rolback: there is no such option. Did you mean \'rollback\'?'],
    ['two of one name', { deploy: 'Release', rollback: 'release' }, 'Delivery workflowNames.rollback: \'release\' is the name of the deploy workflow as well. Give each workflow a name of its own'],
    ['another one\'s standard name', { deploy: 'rollback' }, 'Delivery workflowNames.rollback: \'rollback\' is the name of the deploy workflow as well'],
    ['a workflow that is not written: drill', { drill: 'x' }, 'Delivery workflowNames.drill: this delivery has no drill workflow. Leave it out, or set drill'],
    ['a workflow that is not written: monitor', { monitor: 'x' }, 'Delivery workflowNames.monitor: this delivery has no monitor workflow. Leave it out, or set monitoring'],
  ])('%s is an error', (_title, workflowNames, message) => {
    expect(() => deliver(plainProject(), { workflowNames })).toThrow(message);
  });

  it('a name for a deploy workflow that is not its own is an error', () => {
    const project = plainProject();
    new github.GithubWorkflow(github.GitHub.of(project)!, 'ci').on({ push: {} });
    expect(() => deliver(project, { workflow: Workflow.named('ci'), workflowNames: { deploy: 'x' } }))
      .toThrow('Delivery workflowNames.deploy: this delivery has no deploy workflow of its own. Leave it out, or set workflow: Workflow.own()');
  });

  it('a name that a workflow of the project has is an error', () => {
    const project = plainProject();
    new github.GithubWorkflow(github.GitHub.of(project)!, 'ci').on({ push: {} });
    expect(() => deliver(project, { workflowNames: { deploy: 'ci' } })).toThrow('the project has a workflow \'ci\' already');
  });

  it('a name that another delivery of the repository chose is an error', () => {
    const root = plainProject();
    deliver(root, { environments: [environment('staging', { trigger: Trigger.branch('main') })] });
    const api = withTasks(new Project({ name: 'api', parent: root, outdir: 'api' }));
    expect(() => deliver(api, { workflowNames: { rollback: 'rollback' } })).toThrow('the project has a workflow \'rollback\' already');
  });
});

describe('a workflow that was written by hand', () => {
  function withHandWritten(file: string, text: string): Project {
    const outdir = temporaryFolder();
    mkdirSync(join(outdir, '.github/workflows'), { recursive: true });
    writeFileSync(join(outdir, '.github/workflows', file), text);
    return plainProject({}, outdir);
  }

  it.each([
    ['by its file', 'ci.yml', 'on: push\njobs: {}\n', 'ci'],
    ['by its file\'s whole name', 'ci.yaml', 'on: push\njobs: {}\n', 'ci.yaml'],
    ['by its name', 'tests.yml', 'name: "Unit tests" # all of them\non: push\njobs: {}\n', 'Unit tests'],
  ])('is named as such where it is meant %s', (_title, file, text, name) => {
    expect(() => deliver(withHandWritten(file, text), { workflow: Workflow.named(name) })).toThrow(
      `Workflow.named name: .github/workflows/${file} was written by hand, and only workflows that projen writes can be joined. `
      + `Write it with projen: new github.GithubWorkflow(github.GitHub.of(project), '${name.replace(/\.ya?ml$/, '')}'); or leave workflow out: the delivery then has a workflow of its own`,
    );
  });

  it('is named where the build workflow is meant', () => {
    expect(() => deliver(withHandWritten('build.yml', 'on: push\njobs: {}\n'), { workflow: Workflow.ofBuild() })).toThrow('.github/workflows/build.yml was written by hand, and only workflows that projen writes can be joined');
  });

  it('is not taken for what projen wrote before', () => {
    expect(() => deliver(withHandWritten('ci.yml', '# ~~ Generated by projen. To modify, edit .projenrc.js and run "npx projen".\non: push\n'), { workflow: Workflow.named('ci') }))
      .toThrow('Workflow.named name: there is no workflow \'ci\'');
  });
});

describe('the file of a workflow that a command starts', () => {
  it.each<[string, Pick<Manifest, 'project' | 'workflowNames'>, string]>([
    ['of the root project', {}, 'rollback.yml'],
    ['of a subproject', { project: { name: 'api', directory: 'api' } }, 'rollback_api.yml'],
    ['as it was chosen', { project: { name: 'api', directory: 'api' }, workflowNames: { rollback: 'go-back' } }, 'go-back.yml'],
  ])('%s', (_title, manifest, file) => expect(workflowFileOf('rollback', manifest)).toBe(file));
});
