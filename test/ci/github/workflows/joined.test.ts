import { github, Project, typescript } from 'projen';
import { Delivery, JobKind, NamedEnvironment, Trigger, Workflow } from '../../../../src';
import { deliver, environment, plainProject, synthesize, typescriptProject, warningsOf } from '../../../test-project';
import { evaluate } from '../../../validators/expressions';
import { validateJoined } from '../../../validators/validate';

const TEST_JOB = { name: 'test', runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 5, steps: [{ id: 'test', name: 'test', run: 'true' }] };

interface Host {
  readonly project: Project;
  readonly workflow: github.GithubWorkflow;
}

/** A plain project with a workflow of its own. */
function withWorkflow(name: string, events: github.workflows.Triggers, options: github.GithubWorkflowOptions = {}): Host {
  const project = plainProject();
  const workflow = new github.GithubWorkflow(github.GitHub.of(project)!, name, options);
  workflow.on(events);
  workflow.addJob('unit-test', TEST_JOB);
  return { project, workflow };
}

const both: NamedEnvironment[] = [environment('staging'), environment('production', { trigger: Trigger.tag('v*', { except: '*-rc' }) })];

describe('in the build workflow', () => {
  const build = (change: Partial<typescript.TypeScriptProjectOptions> = {}, environments = both) => {
    const project = typescriptProject(change);
    const delivery = deliver(project, { workflow: Workflow.ofBuild(), artifact: { buildTask: 'build', paths: ['dist'] }, environments });
    return { project, delivery };
  };

  it('the jobs of the project stay as they are, and so does what starts it', () => {
    const { build: before } = { build: synthesize(typescriptProject()).workflow('build') };
    const after = synthesize(build().project).workflow('build');
    expect(after.jobs).toMatchObject(before.jobs);
    expect(after.jobs.build).toEqual(before.jobs.build);
    expect(after.jobs['self-mutation']).toEqual(before.jobs['self-mutation']);
    expect(after.on).toEqual({ ...before.on, push: { branches: ['main'], tags: ['v*'] } });
  });

  it('there is no second pipeline beside it', () => {
    const { project } = build();
    expect(synthesize(project).workflows).toEqual(['rollback']);
  });

  it('nothing is deployed unless its build succeeded', () => {
    const { deploy_staging: deploy } = synthesize(build().project).workflow('build').jobs;
    expect(deploy.needs).toEqual(['delivery_release', 'environment_staging', 'build']);
    expect(deploy.if).toContain('needs.build.result == \'success\'');
  });

  it.each<[string, string, boolean]>([
    ['push', 'refs/heads/main', true],
    ['push', 'refs/heads/other', false],
    ['pull_request', 'refs/heads/main', false],
    ['workflow_dispatch', 'refs/heads/main', false],
  ])('on %s of %s staging is planned: %s', (event_name, ref, planned) => {
    const { environment_staging: plan } = synthesize(build().project).workflow('build').jobs;
    expect(evaluate(plan.if!, { github: { event_name, ref, event: { repository: { fork: false } } }, inputs: {} })).toBe(planned);
  });

  it('passes every validator, and a second synthesis changes nothing', async () => {
    const { project } = build();
    const text = synthesize(project).workflowText('build');
    expect(await validateJoined(text, 'build.yml')).toEqual([]);
    expect(synthesize(project).workflowText('build')).toBe(text);
  });

  it('a person who starts it by hand may choose an environment, and need not', () => {
    const { project } = build({}, [environment('demo', { trigger: Trigger.manual() })]);
    const { on, jobs } = synthesize(project).workflow('build');
    expect(on?.workflow_dispatch).toEqual({
      inputs: { environment: { description: 'The environment to deploy to', required: false, type: 'choice', options: ['none', 'demo'], default: 'none' } },
    });
    const planned = (chosen: string) => evaluate(jobs.environment_demo.if!, {
      github: { event_name: 'workflow_dispatch', ref: 'refs/heads/main', event: { repository: { fork: false } } }, inputs: { environment: chosen },
    });
    expect([planned('none'), planned('demo')]).toEqual([false, true]);
  });

  it('an environment that is added later joins it too', () => {
    const { project, delivery } = build();
    delivery.addEnvironment('preview', { ...environment('preview', { trigger: Trigger.branch('next') }) });
    const { on, jobs } = synthesize(project).workflow('build');
    expect(on?.push).toEqual({ branches: ['main', 'next'], tags: ['v*'] });
    expect(jobs).toHaveProperty(delivery.jobId('preview', JobKind.DEPLOY));
    expect(delivery.workflow.name).toBe('build');
  });

  it('a project without one is rejected', () => {
    expect(() => build({ buildWorkflow: false })).toThrow(
      'Workflow.ofBuild: the project \'shop\' has no build workflow. Set buildWorkflow: true in its options (then Node projects have one), or use Workflow.own()');
  });
});

describe('in a workflow of the project\'s own', () => {
  it.each<[string, github.workflows.Triggers, unknown]>([
    ['nothing', {}, { push: { branches: ['main'], tags: ['v*'] } }],
    ['every push', { push: {} }, { push: {} }],
    ['pushes to a branch', { push: { branches: ['next'] } }, { push: { branches: ['next', 'main'], tags: ['v*'] } }],
    ['a schedule', { schedule: [{ cron: '17 3 * * *' }] }, { schedule: [{ cron: '17 3 * * *' }], push: { branches: ['main'], tags: ['v*'] } }],
  ])('that starts on %s, it starts for what deploys as well, and for no less than before', (_title, events, expected) => {
    const { project } = withWorkflow('ci', events);
    deliver(project, { workflow: Workflow.named('ci'), environments: both });
    expect(synthesize(project).workflow('ci').on).toEqual(expected);
  });

  it('the deploy jobs wait for all jobs that it has, or for those that were named', () => {
    const { project, workflow } = withWorkflow('ci', { push: {} });
    workflow.addJob('lint', TEST_JOB);
    deliver(project, { workflow: Workflow.existing(workflow) });
    expect(synthesize(project).workflow('ci').jobs.deploy_staging.needs).toEqual(['environment_staging', 'unit-test', 'lint']);

    const other = withWorkflow('ci', { push: {} });
    other.workflow.addJob('lint', TEST_JOB);
    deliver(other.project, { workflow: Workflow.named('ci'), needs: ['unit-test'] });
    expect(synthesize(other.project).workflow('ci').jobs.deploy_staging.needs).toEqual(['environment_staging', 'unit-test']);
  });

  it('passes every validator', async () => {
    const { project } = withWorkflow('ci', { push: {} });
    deliver(project, { workflow: Workflow.named('ci'), environments: both });
    expect(await validateJoined(synthesize(project).workflowText('ci'), 'ci.yml')).toEqual([]);
  });

  it('is rejected where there is none of that name', () => {
    const { project } = withWorkflow('ci', { push: {} });
    expect(() => deliver(project, { workflow: Workflow.named('cl') })).toThrow('Workflow.named name: there is no workflow \'cl\'. Did you mean \'ci\'?');
  });

  it('is rejected where it cancels what is under way', () => {
    const { project } = withWorkflow('ci', { push: {} }, { limitConcurrency: true, concurrencyOptions: { cancelInProgress: true } });
    deliver(project, { workflow: Workflow.named('ci') });
    expect(() => synthesize(project)).toThrow('the workflow \'ci\' cancels a run when the next one begins, even while it deploys');
  });

  it('is rejected where one of its jobs has an id of ours', () => {
    const { project, workflow } = withWorkflow('ci', { push: {} });
    workflow.addJob('deploy_staging', TEST_JOB);
    expect(() => deliver(project, { workflow: Workflow.named('ci') })).toThrow('the job id \'deploy_staging\' is the delivery\'s, and another job took it');
  });

  it('is rejected where its events were replaced later', () => {
    const { project, workflow } = withWorkflow('ci', { push: { branches: ['next'] } });
    deliver(project, { workflow: Workflow.named('ci') });
    workflow.on({ push: { branches: ['next'] } });
    expect(() => synthesize(project)).toThrow('Workflow.named on.push.branches: is ["next"], so a push of the branch \'main\' no longer starts the workflow');
  });

  it.each<[string, github.workflows.Triggers]>([
    ['change something only', { push: { paths: ['src/**'] } }],
    ['go to its branches and change something only', { push: { branches: ['main'], paths: ['src/**'] } }],
  ])('is refused where it starts on pushes that %s', (_title, events) => {
    const { project } = withWorkflow('ci', events);
    deliver(project, { workflow: Workflow.named('ci') });
    expect(() => synthesize(project)).toThrow('Workflow.named on.push.paths: is ["src/**"]: a push that changes nothing of it starts nothing, and what it merged is not deployed');
  });

  it('may look at paths where only tags deploy: GitHub does not look at those of a tag', () => {
    const { project } = withWorkflow('ci', { push: { branches: ['main'], paths: ['src/**'] } });
    deliver(project, { workflow: Workflow.named('ci'), environments: [environment('production', { trigger: Trigger.tag('v*') })] });
    expect(synthesize(project).workflow('ci').on).toEqual({ push: { branches: ['main'], paths: ['src/**'], tags: ['v*'] } });
  });

  it('is rejected if another environment needs an approval', () => {
    const { project } = withWorkflow('ci', { workflowDispatch: { inputs: { environment: { description: 'theirs', type: 'string' } } } });
    expect(() => deliver(project, { workflow: Workflow.named('ci'), environments: [environment('demo', { trigger: Trigger.manual() })] }))
      .toThrow('its workflow_dispatch has an input environment already');
  });
});

it('an own workflow is the default', () => {
  const project = plainProject();
  const delivery: Delivery = deliver(project, { workflow: Workflow.own() });
  expect(delivery.workflows.map(({ name }) => name)).toEqual(['deploy']);
  expect(warningsOf(project)).toEqual([]);
});
