import { typescript } from 'projen';
import { Artifact, Delivery, DeliveryOptions, Login, Target, Trigger, Workflow } from '../../src';
import { deliver, environment, plainProject, synthesize, temporaryFolder } from '../test-project';

const plan = (options: Partial<DeliveryOptions> = {}) => {
  const project = plainProject();
  deliver(project, { pullRequests: { plan: true }, ...options });
  return synthesize(project);
};

it('plan.yml: two jobs, one that reads, and one that may write nothing but a comment', () => {
  const { on, permissions, jobs } = plan().workflow('plan');
  expect(on).toEqual({ pull_request: { branches: ['main'] } });
  expect(permissions).toEqual({});
  expect(Object.entries(jobs).map(([id, job]) => [id, job.permissions])).toEqual([
    ['plan_merge', { contents: 'read', deployments: 'read', actions: 'read' }],
    ['comment', { 'contents': 'read', 'pull-requests': 'write' }],
  ]);
});

it('the job that may write runs the runtime of the base, and no other step', () => {
  const { comment } = plan().workflow('plan').jobs;
  expect(comment.steps!.map(({ id }) => id)).toEqual(['checkout', 'comment']);
  expect(comment.steps![0]!.with).toEqual({ 'sparse-checkout': '.projen', 'persist-credentials': false, 'ref': '${{ github.event.pull_request.base.ref }}' });
});

it('no secret, no environment, no sign-in, no toolchain', () => {
  const text = plan({ secrets: ['TOKEN'] }).workflowText('plan');
  expect(text).not.toMatch(/secrets\.|environment:|id-token|npm|setup-node|pull_request_target/);
});

it.each([
  ['branches, also of those that follow', [environment('staging'), environment('qa', { trigger: Trigger.branch('release/1.x+2') }), environment('production', { trigger: Trigger.after('staging') })], { branches: ['main', 'release/1.x\\+2'] }],
  ['all, where a tag deploys', [environment('staging'), environment('production', { trigger: Trigger.tag('v*') })], null],
])('the branches that a merge may deploy from: %s', (_, environments, expected) => {
  expect(plan({ environments }).workflow('plan').on).toEqual({ pull_request: expected ?? {} });
});

it('the manifest says so, with the files that a merge must change', () => {
  expect(plan({ onlyIfChanged: ['service'] }).manifest.pullRequests).toEqual({ plan: true, onlyIfChanged: ['service'] });
});

it.each<[string, Partial<DeliveryOptions>]>([['not set', { pullRequests: undefined }], ['false', { pullRequests: { plan: false } }]])('%s: no workflow, and nothing in the manifest', (_, options) => {
  const project = plainProject();
  expect(deliver(project, options).planWorkflow).toBeUndefined();
  const synthesized = synthesize(project);
  expect(synthesized.workflows).toEqual(['deploy', 'rollback']);
  expect(synthesized.manifest.pullRequests).toBeUndefined();
});

it('another name', () => {
  const project = plainProject();
  expect(deliver(project, { pullRequests: { plan: true }, workflowNames: { plan: 'what-if' } }).planWorkflow!.name).toBe('what-if');
});

describe('rejections', () => {
  const rejected = (options: unknown) => expect(() => deliver(plainProject(), options as Partial<DeliveryOptions>));

  it.each<[string, unknown, string]>([
    ['no options', { pullRequests: true }, 'Delivery pullRequests: true is not a set of options'],
    ['nothing set', { pullRequests: {} }, 'it sets nothing, so it has no effect. Write { plan: true }, or leave it out'],
    ['a string', { pullRequests: { plan: 'yes' } }, 'Delivery pullRequests plan: \'yes\' is neither true nor false'],
    ['a misspelt option', { pullRequests: { plans: true } }, 'Delivery pullRequests plans: there is no such option'],
    ['a name for a workflow that is not written', { workflowNames: { plan: 'what-if' } }, 'this delivery has no plan workflow. Leave it out, or set pullRequests: { plan: true }'],
    ['the name of another workflow', { pullRequests: { plan: true }, workflowNames: { plan: 'rollback' } }, '\'rollback\' is the name of the rollback workflow as well'],
  ])('%s', (_, options, message) => rejected(options).toThrow(message));
});

describe('what other components change', () => {
  const changed = (change: (delivery: Delivery) => void) => {
    const project = plainProject();
    change(deliver(project, { pullRequests: { plan: true } }));
    return expect(() => synthesize(project));
  };
  const permit = (job: string, permission: string) => (delivery: Delivery) => delivery.planWorkflow!.file!.addOverride(`jobs.${job}.permissions.${permission}`, 'write');

  it.each<[string, (delivery: Delivery) => void, string]>([
    ['the plan may record deployments', permit('plan_merge', 'deployments'), 'changes nothing'],
    ['the comment may record deployments', permit('comment', 'deployments'), 'a pull request changes nothing but its comment'],
    ['the comment may push', permit('comment', 'contents'), 'a pull request changes nothing but its comment'],
    ['the runtime of the pull request', (delivery) => delivery.planWorkflow!.file!.addOverride('jobs.comment.steps.0.with.ref', ''), 'steps \'checkout\' with'],
    ['a comment also for forks', (delivery) => delivery.planWorkflow!.file!.addOverride('jobs.comment.if', '${{ needs.plan_merge.outputs.comment != \'\' }}'), 'job \'comment\' if'],
    ['pull_request_target', (delivery) => delivery.planWorkflow!.on({ pullRequestTarget: {} }), 'starts the workflow with the repository\'s secrets'],
  ])('%s: rejected', (_, change, message) => changed(change).toThrow(message));

  it('a plan for fewer pull requests is allowed', () => {
    changed((delivery) => delivery.planWorkflow!.file!.addOverride('jobs.plan_merge.if', '${{ !github.event.repository.fork && !github.event.pull_request.draft }}')).not.toThrow();
  });
});

describe('the changes of the engines', () => {
  const npm = (options: Partial<DeliveryOptions> = {}) => ({ target: Target.npm({ packageName: '@acme/shop' }), pullRequests: { plan: true, changes: true }, ...options });
  const kubernetes = environment('production', {
    target: Target.kubernetes({ manifests: 'dist', namespace: 'shop', kubeconfigSecret: 'KUBECONFIG' }), monitorEnvironment: 'look',
  });

  it('a job that builds without secrets, and one for each environment that runs the runtime of the base with the secrets to read', () => {
    const synthesized = plan(npm({ environments: [kubernetes] }));
    const { build, changes_production: changes, plan_merge: merged } = synthesized.workflow('plan').jobs;
    expect(build.permissions).toEqual({ contents: 'read' });
    expect(build.if).toBe('${{ !github.event.repository.fork && github.event.pull_request.head.repo.full_name == github.repository }}');
    expect(changes.needs).toBe('build');
    expect(changes.permissions).toEqual({ contents: 'read', deployments: 'read', actions: 'read' });
    expect(changes.environment).toEqual({ name: 'look', deployment: false });
    expect(changes.steps![0]!.with).toMatchObject({ 'sparse-checkout': '.projen', 'ref': '${{ github.event.pull_request.base.ref }}' });
    expect(changes.steps!.map(({ id }) => id)).toEqual(['checkout', 'changes']);
    expect(changes.steps![1]!.env).toMatchObject({ KUBECONFIG: '${{ secrets.KUBECONFIG }}', DELIVERY_ARTIFACT_ID: '${{ needs.build.outputs.artifact-id }}' });
    expect(merged.needs).toBe('changes_production');
    expect(merged.if).toBe('${{ !cancelled() && !github.event.repository.fork }}');
    expect(JSON.stringify([build, merged])).not.toContain('secrets.');
    expect(synthesized.manifest.pullRequests).toEqual({ plan: true, changes: ['production'] });
  });

  it('a role that reads, and not the one that deploys', () => {
    const login = Login.aws({ role: 'arn:aws:iam::111122223333:role/deploy', readRole: 'arn:aws:iam::111122223333:role/look', region: 'eu-central-1' });
    const { jobs } = plan(npm({
      target: Target.awsCdk({ buildTask: 'ship' }), environments: [environment('production', { login, monitorEnvironment: 'look' }), environment('unsigned', { trigger: Trigger.after('production') })],
    })).workflow('plan');
    expect(Object.keys(jobs)).toEqual(['plan_merge', 'comment', 'build', 'changes_production']);
    expect(jobs.changes_production.steps![1]!.with).toMatchObject({ 'role-to-assume': 'arn:aws:iam::111122223333:role/look' });
    expect(jobs.changes_production.permissions).toMatchObject({ 'id-token': 'write' });
  });

  it('environments that are added later', () => {
    const project = plainProject();
    const delivery = deliver(project, npm({ environments: [environment('staging')] }));
    const target = Target.npm({ packageName: '@acme/shop', distTag: 'stable', candidateTag: 'stable-next' });
    delivery.addEnvironment('production', { trigger: Trigger.after('staging'), url: 'https://www.example.com', target });
    const { jobs } = synthesize(project).workflow('plan');
    expect(jobs.plan_merge.needs).toEqual(['changes_staging', 'changes_production']);
    expect(jobs.plan_merge.steps![1]!.env!.DELIVERY_CHANGES).toBe('${{ needs.changes_staging.outputs.changes }}\n${{ needs.changes_production.outputs.changes }}');
  });

  it('the release workflow builds the release with a version; a pull request with the project\'s build', () => {
    const project = new typescript.TypeScriptProject({ name: '@acme/shop', defaultReleaseBranch: 'main', outdir: temporaryFolder(), release: true });
    deliver(project, npm({ workflow: Workflow.ofRelease(), environments: [environment('npm', { trigger: Trigger.release() })] }));
    const { build } = synthesize(project).workflow('plan').jobs;
    expect(build.steps!.find(({ id }) => id === 'make')!.run).toBe('npx projen build');
    expect(build.steps!.find(({ id }) => id === 'pack')!.run).toContain('-- dist');
  });

  it.each<[string, Partial<DeliveryOptions>, string]>([
    ['without a plan', npm({ pullRequests: { changes: true } }), 'Delivery pullRequests changes: the plan would show them, and there is none. Write { plan: true, changes: true }'],
    ['a target that does not know them', npm({ target: Target.tasks({ deploy: 'ship' }) }), 'Delivery pullRequests changes: no environment could show any'],
    ['jobs that are not signed in', npm({ target: Target.awsCdk({ buildTask: 'ship' }) }), 'Set readRole in Login.aws'],
    ['an image', npm({ artifact: Artifact.image({ repository: 'ghcr.io/acme/shop', buildTask: 'ship' }), environments: [kubernetes] }), 'no job of a pull request pushes one'],
  ])('rejected: %s', (_, options, message) => {
    const project = plainProject();
    expect(() => {
      deliver(project, options);
      synthesize(project);
    }).toThrow(message);
  });

  it.each<[string, string, string]>([
    ['more permissions', 'jobs.changes_production.permissions.deployments', 'a pull request changes nothing but its comment'],
    ['the runtime of the pull request', 'jobs.changes_production.steps.0.with.ref', 'steps \'checkout\' with'],
  ])('rejected: %s', (_, path, message) => {
    const project = plainProject();
    const delivery = deliver(project, npm({ environments: [kubernetes] }));
    delivery.planWorkflow!.file!.addOverride(path, path.endsWith('ref') ? '' : 'write');
    expect(() => synthesize(project)).toThrow(message);
  });
});
