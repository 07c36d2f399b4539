/** Groups of others: of the workflow that our jobs stand in, and of all others that projen writes. */
import { github, Project, YamlFile } from 'projen';
import { Delivery, Trigger, Workflow } from '../../../../src';
import { deliver, environment, plainProject, synthesize, typescriptProject, warningsOf, withTasks } from '../../../test-project';

const hubOf = (project: Project) => github.GitHub.of(project)!;
const JOB: github.workflows.Job = { name: 'test', runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 5, steps: [{ id: 'test', name: 'test', run: 'true' }] };

/** A workflow of the project's own that our jobs join. */
function joined(options: github.GithubWorkflowOptions, change: (workflow: github.GithubWorkflow) => void = () => undefined) {
  const project = plainProject();
  const workflow = new github.GithubWorkflow(hubOf(project), 'ci', options);
  workflow.on({ push: { branches: ['main'] } });
  workflow.addJob('test', JOB);
  deliver(project, { workflow: Workflow.named('ci') });
  change(workflow);
  return { project };
}

const lossesOf = ({ project }: { readonly project: Project }) => warningsOf(project).filter((warning) => /concurrency group/.test(warning));

describe('a workflow of ours has no group', () => {
  it.each<[string, (delivery: Delivery) => void, string]>([
    ['by an override', ({ workflow }) => workflow.file!.addOverride('concurrency', 'deploy'), 'workflow concurrency: the workflow \'deploy\' is in the group \'deploy\''],
    ['by its property', ({ rollbackWorkflow }) => void Object.assign(rollbackWorkflow, { concurrency: { group: 'x' } }), 'rollbackWorkflow concurrency: the workflow \'rollback\' is in the group \'x\''],
    ['that cancels', ({ drillWorkflow }) => drillWorkflow!.file!.addOverride('concurrency', { 'group': 'x', 'cancel-in-progress': true }), 'drillWorkflow concurrency: the workflow \'drill\' cancels a run'],
    ['in which all wait', ({ monitorWorkflow }) => monitorWorkflow!.file!.addOverride('concurrency', { group: 'x', queue: 'max' }), 'monitorWorkflow concurrency: the workflow \'monitor\' is in the group \'x\''],
  ])('%s', (_, change, message) => {
    const project = plainProject();
    change(deliver(project, { drill: { environments: ['staging'] }, monitoring: {} }));
    expect(() => synthesize(project)).toThrow(message);
  });
});

describe('a joined workflow', () => {
  it('warns that a deployment that waits is lost', () => {
    expect(lossesOf(joined({ limitConcurrency: true }))).toEqual([
      'projen-delivery: Workflow.named: the workflow \'ci\' is in the concurrency group \'${{ github.workflow }}\'. Of its runs one waits for another, and GitHub cancels that when a third one comes: '
      + 'a deployment that waits is lost. Take concurrency (limitConcurrency) out, let all wait (workflow.file.addOverride(\'concurrency.queue\', \'max\')), or use Workflow.own()',
    ]);
  });

  it.each<[string, string, number]>([
    ['one branch', '${{ github.workflow }}-${{ github.ref }}', 1],
    ['one pull request, else of one run', '${{ github.workflow }}-${{ github.head_ref || github.run_id }}', 0],
    ['one run', 'ci-${{ github.run_id }}', 0],
    ['one run, but not on a push', 'ci-${{ github.event_name == \'push\' && github.ref || github.run_id }}', 1],
    ['what cannot be parsed', '${{ github.', 1],
  ])('whose group is that of %s warns as that needs', (_, group, warnings) => {
    expect(lossesOf(joined({ limitConcurrency: true, concurrencyOptions: { group } }))).toHaveLength(warnings);
  });

  it('does not warn where all wait, and says it once where it does', () => {
    expect(lossesOf(joined({ limitConcurrency: true }, (workflow) => workflow.file!.addOverride('concurrency.queue', 'max')))).toEqual([]);
    expect(lossesOf(joined({}, (workflow) => workflow.file!.addOverride('concurrency', 'ci')))).toHaveLength(1);
  });

  it('is rejected where the next run cancels one that deploys', () => {
    expect(() => synthesize(joined({ limitConcurrency: true, concurrencyOptions: { cancelInProgress: true } }).project)).toThrow('Workflow.named concurrency: the workflow \'ci\' cancels a run when the next one begins');
  });

  it.each([
    ['${{ github.event_name == \'pull_request\' }}', false],
    ['${{ startsWith(github.ref, \'refs/pull/\') }}', false],
    ['${{ github.head_ref != \'\' }}', false],
    // only a push starts it
    ['${{ github.event_name != \'push\' }}', false],
    ['${{ github.ref != \'refs/heads/main\' }}', true],
    ['${{ github.actor != \'bot\' }}', true],
    ['true', true],
    ['false', false],
  ])('that cancels where %s is refused: %s', (cancels, isRejected) => {
    const { project } = joined({}, (workflow) => workflow.file!.addOverride('concurrency', { 'group': 'ci', 'cancel-in-progress': cancels }));
    if (isRejected) expect(() => synthesize(project)).toThrow('cancels a run when the next one begins');
    else expect(() => synthesize(project)).not.toThrow();
  });

  it('of projen\'s releases loses nothing: a release that waits was not made yet', () => {
    const project = typescriptProject({ release: true, releaseToNpm: true });
    deliver(project, { workflow: Workflow.ofRelease(), environments: [environment('staging', { trigger: Trigger.release() })] });
    expect(lossesOf({ project })).toEqual([]);
  });
});

describe('a group that is one of ours is rejected', () => {
  const LOCKED = 'which is \'delivery-deploy-staging\', the queue of this job: each would wait for the other, or cancel what waits there. Give it another group';

  it.each<[string, string]>([
    ['as it is', 'delivery-deploy-staging'],
    ['in other letters', 'Delivery-DEPLOY-staging'],
    ['by an expression', '${{ \'delivery\' }}-deploy-staging'],
    ['by a function', '${{ format(\'delivery-{0}-staging\', \'deploy\') }}'],
    ['perhaps', 'delivery-deploy-${{ inputs.environment }}'],
    ['perhaps, in the middle', 'delivery-${{ vars.KIND }}-staging'],
  ])('of the workflow that the jobs joined, %s', (_, group) => {
    const { project } = joined({ limitConcurrency: true, concurrencyOptions: { group } });
    expect(() => synthesize(project)).toThrow(`Workflow.named job 'deploy_staging' concurrency: the workflow 'ci' is in the group '${group}', ${LOCKED}`);
  });

  it('by the name of the workflow', () => {
    const project = plainProject();
    new github.GithubWorkflow(hubOf(project), 'delivery-deploy-staging', { limitConcurrency: true }).addJob('test', JOB);
    deliver(project);
    expect(() => synthesize(project)).toThrow(`the workflow 'delivery-deploy-staging' is in the group '\${{ github.workflow }}', ${LOCKED}`);
  });

  it.each<[string, (project: Project) => void]>([
    ['of a job of another workflow', (project) => new github.GithubWorkflow(hubOf(project), 'other').addJob('ship', { ...JOB, concurrency: { group: 'delivery-deploy-staging' } })],
    ['of a job that names it alone', (project) => new github.GithubWorkflow(hubOf(project), 'other').addJob('ship', { ...JOB, concurrency: 'delivery-deploy-staging' })],
    ['of a job that a patch adds', (project) => {
      const other = new github.GithubWorkflow(hubOf(project), 'other');
      other.addJob('ship', JOB);
      other.file!.addOverride('jobs.ship.concurrency', 'delivery-deploy-staging');
    }],
    ['of a file that is no workflow of projen\'s', (project) => void new YamlFile(project, '.github/workflows/other.yml', { obj: { name: 'other', on: 'push', jobs: { ship: { concurrency: 'delivery-deploy-staging' } } } })],
    ['of a workflow that comes later', (project) => void new github.GithubWorkflow(hubOf(project), 'other', { limitConcurrency: true, concurrencyOptions: { group: 'delivery-deploy-staging' } })],
  ])('%s', (_, change) => {
    const project = plainProject();
    deliver(project);
    change(project);
    expect(() => synthesize(project)).toThrow(/ the (workflow|job 'ship' of the workflow) 'other' is in the group 'delivery-deploy-staging', which is 'delivery-deploy-staging'/);
  });

  it('of a job of one\'s own in our workflow', () => {
    const project = plainProject();
    deliver(project).workflow.addJob('docs', { ...JOB, concurrency: { group: 'delivery-rollback-staging' } });
    expect(() => synthesize(project)).toThrow('workflow job \'rollback_staging\' concurrency: the job \'docs\' of the workflow \'deploy\' is in the group \'delivery-rollback-staging\'');
  });

  it('of a subproject\'s delivery', () => {
    const made = () => {
      const root = plainProject();
      deliver(withTasks(new Project({ name: 'api', parent: root, outdir: 'api' })));
      return root;
    };
    const { group } = synthesize(made()).workflow('deploy_api').jobs.deploy_api_staging.concurrency as { group: string };
    const root = made();
    new github.GithubWorkflow(hubOf(root), 'other').addJob('ship', { ...JOB, concurrency: group });
    expect(() => synthesize(root)).toThrow(`which is '${group}'`);
  });
});

test.each(['deploy', '${{ github.ref }}', '${{ github.ref || \'delivery-deploy-staging\' }}', 'delivery-deploy-staging-docs', 'delivery-deploy-${{ github.ref }}'])('the group %s is another one', (group) => {
  const project = plainProject();
  new github.GithubWorkflow(hubOf(project), 'other', { limitConcurrency: true, concurrencyOptions: { group } }).addJob('test', JOB);
  deliver(project);
  expect(() => synthesize(project)).not.toThrow();
});

test('a file that comes to nothing has no group', () => {
  const project = plainProject();
  deliver(project);
  for (const obj of [undefined, [], { jobs: { a: undefined, b: 'x' } }]) new YamlFile(project, `.github/workflows/${JSON.stringify(obj)?.length}.yml`, { obj: () => obj });
  expect(() => synthesize(project)).not.toThrow();
});

test('deliveries of several projects share no group, and their rollbacks by hand are in those of their deployments', () => {
  const root = plainProject();
  for (const name of ['api', 'web']) deliver(withTasks(new Project({ name, parent: root, outdir: name })));
  expect(() => synthesize(root)).not.toThrow();
});
