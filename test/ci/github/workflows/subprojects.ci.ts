import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { javascript, typescript } from 'projen';
import { Delivery, DeliveryOptions, NamedEnvironment, Trigger, Workflow } from '../../../../src';
import { deliver, environment, plainProject, synthesize, typescriptProject, withTasks } from '../../../test-project';
import { evaluate } from '../../../validators/expressions';
import { validateJoined } from '../../../validators/validate';

type Root = typescript.TypeScriptProject;

/** A Node project below the root: projen gives it no workflow unless it asks for one. */
function service(root: Root, name: string, options: Partial<typescript.TypeScriptProjectOptions> = {}): Root {
  return withTasks(new typescript.TypeScriptProject({
    name,
    parent: root,
    outdir: `services/${name.replace(/^.*\//, '')}`,
    defaultReleaseBranch: 'main',
    packageManager: javascript.NodePackageManager.NPM,
    minNodeVersion: '20.0.0',
    ...options,
  }));
}

const byHand: NamedEnvironment[] = [environment('demo', { trigger: Trigger.manual() })];

function inBuild(root: Root, name: string, options: Partial<DeliveryOptions> = {}): Delivery {
  return deliver(service(root, name), { workflow: Workflow.ofBuild(), artifact: { paths: ['dist'] }, ...options });
}

/** What a person is asked who starts the workflow by hand. */
function chosenIn(on: unknown): unknown {
  return (on as { workflow_dispatch: { inputs: { environment: unknown } } }).workflow_dispatch.inputs.environment;
}

/** The jobs that are planned when someone starts the workflow by hand. */
function planned(jobs: Record<string, { if?: string }>, chosen: string): string[] {
  const contexts = { github: { event_name: 'workflow_dispatch', ref: 'refs/heads/main', event: { repository: { fork: false } } }, inputs: { environment: chosen } };
  return Object.keys(jobs).filter((id) => id.startsWith('environment_') && evaluate(jobs[id].if!, contexts));
}

describe('the build workflow of a subproject', () => {
  it('is its own, where it has one', () => {
    const root = typescriptProject();
    const delivery = deliver(service(root, '@acme/api', { buildWorkflow: true }), { workflow: Workflow.ofBuild(), artifact: { paths: ['dist'] } });
    const written = synthesize(root);
    expect(delivery.workflow.name).toBe('build_acme-api');
    expect(written.workflow('build_acme-api').jobs.deploy_acme_api_staging.needs).toEqual(['delivery_release_acme_api', 'environment_acme_api_staging', 'build']);
    expect(Object.keys(written.workflow('build').jobs)).toEqual(['build', 'self-mutation']);
  });

  it('is the root\'s, where it has none: several side by side, and none waits for another', () => {
    const root = typescriptProject();
    const before = Object.keys(root.buildWorkflow!.workflow.jobs);
    for (const name of ['api', 'web']) inBuild(root, name);
    deliver(root, { workflow: Workflow.ofBuild() });
    const written = synthesize(root);
    const { jobs } = written.workflow('build');
    const four = (name: string) => ['environment', 'deploy', 'monitor', 'rollback'].map((kind) => `${kind}_${name}`);
    expect(Object.keys(jobs)).toEqual([...before, 'delivery_release_api', ...four('api_staging'), 'delivery_release_web', ...four('web_staging'), ...four('staging')]);
    expect(jobs.deploy_web_staging.needs).toEqual(['delivery_release_web', 'environment_web_staging', 'build']);
    expect(jobs.deploy_staging.needs).toEqual(['environment_staging', 'build']);
    expect(readdirSync(join(root.outdir, '.github/workflows')).filter((name) => name.startsWith('deploy'))).toEqual([]);
  });

  it('is that of the nearest parent that has one', () => {
    const root = typescriptProject();
    const group = service(root, 'group', { buildWorkflow: true });
    const api = withTasks(new javascript.NodeProject({ name: 'api', parent: group, outdir: 'api', defaultReleaseBranch: 'main', packageManager: javascript.NodePackageManager.NPM }));
    expect(deliver(api, { workflow: Workflow.ofBuild() }).workflow.name).toBe('build_group');
  });

  it('is rejected if no project has one', () => {
    const api = withTasks(new typescript.TypeScriptProject({ name: 'api', parent: plainProject(), outdir: 'api', defaultReleaseBranch: 'main' }));
    expect(() => deliver(api, { workflow: Workflow.ofBuild() })).toThrow('Workflow.ofBuild: the project \'api\' has no build workflow. Set buildWorkflow: true');
  });

  it.each(['named', 'existing'])('is not waited for where it only fixes pull requests, also if it is %s', (how) => {
    const root = typescriptProject();
    const workflow = how === 'named' ? Workflow.named('build') : Workflow.existing(root.buildWorkflow!.workflow);
    deliver(service(root, 'api'), { workflow });
    expect(synthesize(root).workflow('build').jobs.deploy_api_staging.needs).toEqual(['environment_api_staging', 'build']);
  });
});

describe('the release workflow of a subproject', () => {
  const releasedRoot = () => typescriptProject({ release: true });
  const released = { workflow: Workflow.ofRelease(), environments: [environment('staging', { trigger: Trigger.release() }), environment('production', { trigger: Trigger.after('staging') })] };

  it('is its own: what is released of it is deployed, from its directory', async () => {
    const root = releasedRoot();
    const delivery = deliver(service(root, '@acme/api', { release: true, releaseToNpm: true }), released);
    const written = synthesize(root);
    expect(delivery.workflows.map(({ name }) => name)).toEqual(['release_acme-api']);
    const { jobs } = written.workflow('release_acme-api');
    const uploaded = jobs.release.steps!.find(({ uses }) => uses?.startsWith('actions/upload-artifact@'))!.with!.path;
    const taken = Object.fromEntries(jobs.delivery_release.steps!.map((step) => [step.id, step]));
    expect(taken.download.with).toMatchObject({ path: uploaded });
    expect(uploaded).toBe('services/api/dist');
    expect(taken.pack['working-directory']).toBe('services/api');
    expect(jobs.deploy_acme_api_staging.needs).toEqual(['delivery_release', 'environment_acme_api_staging', 'release_npm']);
    expect(Object.keys(written.workflow('release').jobs).filter((id) => id.startsWith('deploy'))).toEqual([]);
    expect(await validateJoined(written.workflowText('release_acme-api'), 'release_acme-api.yml')).toEqual([]);
  });

  it('stands beside the root\'s, each with what it releases', () => {
    const root = releasedRoot();
    deliver(service(root, 'api', { release: true }), released);
    deliver(root, released);
    const written = synthesize(root);
    const deploys = (name: string) => Object.keys(written.workflow(name).jobs).filter((id) => id.startsWith('deploy_'));
    expect([deploys('release'), deploys('release_api')]).toEqual([['deploy_staging', 'deploy_production'], ['deploy_api_staging', 'deploy_api_production']]);
  });

  it('is rejected where only the root is released, which holds other files', () => {
    expect(() => deliver(service(releasedRoot(), 'api'), released)).toThrow(
      'Workflow.ofRelease: the project \'api\' has no release workflow, and its root\'s releases what the root builds into \'dist\'. Set release: true in its options');
  });
});

describe('by hand, in a workflow that several projects\' jobs joined', () => {
  const joined = () => {
    const root = typescriptProject();
    for (const name of ['api', 'web']) inBuild(root, name, { environments: byHand });
    deliver(root, { workflow: Workflow.ofBuild(), environments: [...byHand, environment('lab', { trigger: Trigger.manual() })] });
    return synthesize(root);
  };

  it('a person chooses the project, too', () => {
    const { on, jobs } = joined().workflow('build');
    expect(chosenIn(on)).toMatchObject({ options: ['none', 'demo (api)', 'demo (web)', 'demo', 'lab'], default: 'none', required: false });
    expect(planned(jobs, 'none')).toEqual([]);
    expect(planned(jobs, 'demo (web)')).toEqual(['environment_web_demo']);
    expect(planned(jobs, 'demo')).toEqual(['environment_demo']);
  });

  it('builds only what was chosen', () => {
    const { jobs } = joined().workflow('build');
    const builds = (chosen: string) => evaluate(jobs.delivery_release_api.if!, {
      github: { event_name: 'workflow_dispatch', ref: 'refs/heads/main', event: { repository: { fork: false } } }, inputs: { environment: chosen },
    });
    expect([builds('demo (api)'), builds('demo (web)'), builds('none')]).toEqual([true, false, false]);
  });

  it('passes every validator', async () => {
    expect(await validateJoined(joined().workflowText('build'), 'build.yml')).toEqual([]);
  });

  it('in a separate workflow the environment keeps its name', () => {
    const root = typescriptProject();
    deliver(service(root, 'api'), { environments: byHand });
    const { on, jobs } = synthesize(root).workflow('deploy_api');
    expect(chosenIn(on)).toMatchObject({ options: ['demo'] });
    expect(planned(jobs, 'demo')).toEqual(['environment_api_demo']);
  });

  it('no environment is called like what one chooses who wants no deployment', () => {
    const rejected = () => deliver(typescriptProject(), { workflow: Workflow.ofBuild(), environments: [environment('None', { trigger: Trigger.manual() })] });
    expect(rejected).toThrow('Workflow.ofBuild: the environment \'None\' has Trigger.manual(), and none is what a person chooses who wants no deployment');
  });
});
