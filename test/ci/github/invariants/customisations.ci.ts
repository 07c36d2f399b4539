/** What people commonly change of our jobs: nothing of it is refused, and everything of it is written. */
import { github, JsonPatch } from 'projen';
import { everything } from './weakened-delivery';
import { Delivery } from '../../../../src';
import { plainProject, Synthesized, synthesize, warningsOf } from '../../../test-project';
import { validate } from '../../../validators/validate';
import { Job as WrittenJob } from '../../../validators/workflow';

type Job = github.workflows.Job;
type Which = 'workflow' | 'rollbackWorkflow' | 'drillWorkflow' | 'monitorWorkflow';

const { WRITE } = github.workflows.JobPermission;

interface Customisation {
  readonly change: (delivery: Delivery) => void;
  readonly seen: (written: Synthesized) => unknown;
  readonly expected: unknown;
}

const update = (id: string, parts: (job: Job) => Partial<Job>, which: Which = 'workflow') => (delivery: Delivery) => {
  const workflow = delivery[which]!;
  const job = workflow.getJob(id) as Job;
  workflow.updateJob(id, { ...job, ...parts(job) });
};
const and = (id: string, more: string, which?: Which) => update(id, (job) => ({ if: job.if!.replace(/ \}\}$/, ` && ${more} }}`) }), which);
const override = (path: string, value: unknown, which: Which = 'workflow') => (delivery: Delivery) => delivery[which]!.file!.addOverride(path, value);
const step = (id: string, rest: github.workflows.JobStep = { run: 'true' }): github.workflows.JobStep => ({ id, name: id, ...rest });
const before = (id: string, ours: string, one: github.workflows.JobStep, which: Which = 'workflow') => (delivery: Delivery) => delivery[which]!.insertStepBefore(id, ours, one);
const after = (id: string, ours: string, one: github.workflows.JobStep) => ({ workflow }: Delivery) => workflow.insertStepAfter(id, ours, one);
const last = (id: string, one: github.workflows.JobStep) => ({ workflow }: Delivery) => workflow.appendStep(id, one);
const key = (id: string, name: keyof WrittenJob | 'runs-on' | 'container' | 'services') => ({ deploy }: Synthesized) => (deploy.jobs[id] as unknown as Record<string, unknown>)[name];
const has = (id: string, stepId: string) => ({ deploy }: Synthesized) => deploy.jobs[id].steps!.some((one) => one.id === stepId);
const oidc = step('sign-in', { uses: `aws-actions/configure-aws-credentials@${'a'.repeat(40)}`, with: { 'role-to-assume': 'arn', 'aws-region': 'eu-central-1' } });
const slack = step('slack', { if: '${{ failure() }}', uses: `slackapi/slack-github-action@${'b'.repeat(40)}`, with: { webhook: '${{ secrets.SLACK }}' } });

const CUSTOMISATIONS: Readonly<Record<string, Customisation>> = {
  // steps
  'a login before the deployment': { change: before('deploy_staging', 'deploy', step('login', { run: './login.sh' })), seen: has('deploy_staging', 'login'), expected: true },
  'a login by OpenID Connect': {
    change: (delivery) => {
      update('deploy_staging', ({ permissions }) => ({ permissions: { ...permissions, idToken: WRITE } }))(delivery);
      before('deploy_staging', 'deploy', oidc)(delivery);
    },
    seen: (written) => (key('deploy_staging', 'permissions')(written) as Record<string, string>)['id-token'],
    expected: 'write',
  },
  'a login in a rollback by hand, for one environment': {
    change: before('rollback', 'rollback', step('login', { if: '${{ inputs.environment == \'production\' }}', run: './login.sh' }), 'rollbackWorkflow'),
    seen: ({ rollback }) => rollback.jobs.rollback.steps!.some(({ id }) => id === 'login'),
    expected: true,
  },
  'a message to Slack when it failed': { change: last('monitor_staging', slack), seen: has('monitor_staging', 'slack'), expected: true },
  'a message to Slack after the deployment': { change: after('deploy_staging', 'recover', step('slack', { if: 'success()', run: './slack.sh' })), seen: has('deploy_staging', 'slack'), expected: true },
  'a step first of all': { change: before('deploy_staging', 'checkout', step('free-disk')), seen: has('deploy_staging', 'free-disk'), expected: true },
  'another repository, in a folder of its own': {
    change: before('deploy_staging', 'deploy', step('scripts', { uses: `actions/checkout@${'c'.repeat(40)}`, with: { repository: 'acme/scripts', path: 'scripts' } })),
    seen: has('deploy_staging', 'scripts'),
    expected: true,
  },
  'a tool that is set up': { change: before('build', 'make', step('go', { uses: `actions/setup-go@${'d'.repeat(40)}` })), seen: has('build', 'go'), expected: true },
  'a cache in the build': { change: before('build', 'make', step('cache', { uses: `actions/cache@${'d'.repeat(40)}`, with: { path: '.cache', key: 'x' } })), seen: has('build', 'cache'), expected: true },
  'a variable for the steps behind it': { change: before('deploy_staging', 'deploy', step('region', { run: 'echo "AWS_REGION=eu" >> "$GITHUB_ENV"' })), seen: has('deploy_staging', 'region'), expected: true },
  'tests behind the confirmation': { change: last('monitor_staging', step('smoke', { run: './smoke.sh' })), seen: has('monitor_staging', 'smoke'), expected: true },
  'a step with an environment of its own': { change: before('deploy_staging', 'deploy', step('sbom', { run: './sbom.sh', env: { TOKEN: '${{ secrets.TOKEN }}' } })), seen: has('deploy_staging', 'sbom'), expected: true },
  'another name of a step': { change: ({ workflow }) => workflow.patchStep('deploy_staging', 'deploy', { name: 'ship it' }), seen: ({ deployText }) => deployText.includes('ship it'), expected: true },
  'a variable of one step of ours': {
    change: ({ workflow }) => workflow.patchStep('deploy_staging', 'deploy', { env: { ...workflow.getStep('deploy_staging', 'deploy').env, AWS_REGION: 'eu-central-1' } }),
    seen: ({ deployText }) => deployText.includes('AWS_REGION'),
    expected: true,
  },
  'the same condition of a step in other words': {
    change: ({ workflow }) => workflow.patchStep('deploy_staging', 'recover', { if: 'always() && !(steps.deploy.conclusion == \'success\')' }),
    seen: ({ deployText }) => deployText.includes('!(steps.deploy'),
    expected: true,
  },
  'an action pinned to another commit': { change: ({ workflow }) => workflow.patchStep('build', 'upload', { uses: `actions/upload-artifact@${'e'.repeat(40)}` }), seen: ({ deployText }) => deployText.includes('e'.repeat(40)), expected: true },
  'a copy of an action': {
    change: ({ project }) => github.GitHub.of(project)!.actions.set('actions/checkout', `acme/checkout@${'f'.repeat(40)}`),
    seen: ({ deployText }) => deployText.includes('acme/checkout@'),
    expected: true,
  },
  'submodules with a token of their own': {
    change: ({ workflow }) => workflow.patchStep('deploy_staging', 'checkout', { with: { ...workflow.getStep('deploy_staging', 'checkout').with, submodules: true, token: '${{ secrets.SUBMODULES }}' } }),
    seen: ({ deployText }) => deployText.includes('SUBMODULES'),
    expected: true,
  },
  'all history in the build': {
    change: ({ workflow }) => workflow.patchStep('build', 'checkout', { with: { ...workflow.getStep('build', 'checkout').with, 'fetch-depth': 0 } }),
    seen: ({ deploy }) => deploy.jobs.build.steps![0].with!['fetch-depth'],
    expected: 0,
  },
  'files that are kept for 90 days': {
    change: ({ workflow }) => workflow.patchStep('build', 'upload', { with: { ...workflow.getStep('build', 'upload').with, 'retention-days': 90, 'compression-level': 0 } }),
    seen: ({ deployText }) => deployText.includes('retention-days'),
    expected: true,
  },
  // jobs
  'packages: write': { change: update('deploy_staging', ({ permissions }) => ({ permissions: { ...permissions, packages: WRITE } })), seen: (written) => key('deploy_staging', 'permissions')(written), expected: expect.objectContaining({ packages: 'write' }) },
  'attestations of the build': {
    change: update('build', ({ permissions }) => ({ permissions: { ...permissions, attestations: WRITE, idToken: WRITE } })),
    seen: key('build', 'permissions'),
    expected: { 'contents': 'read', 'attestations': 'write', 'id-token': 'write' },
  },
  'a plan that signs in to a cloud': {
    change: update('environment_staging', ({ permissions }) => ({ permissions: { ...permissions, idToken: WRITE } })),
    seen: key('environment_staging', 'permissions'),
    expected: expect.objectContaining({ 'id-token': 'write' }),
  },
  'a container': { change: update('deploy_staging', () => ({ container: { image: 'node:22' } })), seen: key('deploy_staging', 'container'), expected: { image: 'node:22' } },
  'services': { change: update('build', () => ({ services: { redis: { image: 'redis:7' } } })), seen: key('build', 'services'), expected: { redis: { image: 'redis:7' } } },
  'an environment\'s address from outputs': {
    change: override('jobs.deploy_staging.environment.url', '${{ steps.deploy.outputs.url }}'),
    seen: ({ deploy }) => deploy.jobs.deploy_staging.environment,
    expected: { name: 'staging', url: '${{ steps.deploy.outputs.url }}', deployment: false },
  },
  'an environment for the build': { change: update('build', () => ({ environment: 'build' })), seen: key('build', 'environment'), expected: 'build' },
  'larger runners': { change: update('build', () => ({ runsOn: ['ubuntu-latest-8-cores'] })), seen: key('build', 'runs-on'), expected: 'ubuntu-latest-8-cores' },
  'a group of runners': { change: override('jobs.deploy_staging.runs-on', { group: 'large', labels: ['linux'] }), seen: ({ deployText }) => deployText.includes('group: large'), expected: true },
  'a variable': { change: override('jobs.deploy_staging.env.AWS_REGION', 'eu-central-1'), seen: key('deploy_staging', 'env'), expected: { AWS_REGION: 'eu-central-1' } },
  'a variable that says more in the log': { change: override('jobs.deploy_staging.env.DELIVERY_DEBUG', '1'), seen: key('deploy_staging', 'env'), expected: { DELIVERY_DEBUG: '1' } },
  'a variable of all jobs': { change: override('env.TZ', 'UTC'), seen: ({ deploy }) => deploy.env, expected: { TZ: 'UTC' } },
  'one more output': { change: update('deploy_staging', ({ outputs }) => ({ outputs: { ...outputs, url: { stepId: 'deploy', outputName: 'url' } } })), seen: key('deploy_staging', 'outputs'), expected: expect.objectContaining({ url: '${{ steps.deploy.outputs.url }}' }) },
  'more minutes': { change: update('monitor_staging', ({ timeoutMinutes }) => ({ timeoutMinutes: timeoutMinutes! + 30 })), seen: ({ deploy }) => deploy.jobs.monitor_staging['timeout-minutes']! > 40, expected: true },
  'more minutes of a step and its job': {
    change: (delivery) => {
      update('deploy_staging', ({ timeoutMinutes }) => ({ timeoutMinutes: timeoutMinutes! + 20 }))(delivery);
      delivery.workflow.patchStep('deploy_staging', 'deploy', { timeoutMinutes: delivery.workflow.getStep('deploy_staging', 'deploy').timeoutMinutes! + 20 });
    },
    seen: ({ deploy }) => deploy.jobs.deploy_staging['timeout-minutes']! > 60,
    expected: true,
  },
  'fewer minutes of the build': { change: update('build', () => ({ timeoutMinutes: 15 })), seen: key('build', 'timeout-minutes'), expected: 15 },
  'fewer minutes of the plan': { change: update('environment_staging', () => ({ timeoutMinutes: 5 })), seen: key('environment_staging', 'timeout-minutes'), expected: 5 },
  'a build that the next one cancels': { change: update('build', () => ({ concurrency: { 'group': 'build-${{ github.ref }}', 'cancel-in-progress': true } })), seen: ({ deploy }) => deploy.jobs.build.concurrency !== undefined, expected: true },
  'another name of a job': { change: override('jobs.deploy_staging.name', 'Ship to staging'), seen: key('deploy_staging', 'name'), expected: 'Ship to staging' },
  // conditions and needs
  'a switch that stops deployments': { change: and('deploy_staging', 'vars.OPEN == \'yes\''), seen: ({ deploy }) => deploy.jobs.deploy_staging.if!.includes('vars.OPEN'), expected: true },
  'no plan for a bot': { change: and('environment_staging', 'github.actor != \'dependabot[bot]\''), seen: ({ deploy }) => deploy.jobs.environment_staging.if!.includes('dependabot'), expected: true },
  'no build of a commit that says so': { change: and('build', '!contains(github.event.head_commit.message, \'[skip deploy]\')'), seen: ({ deploy }) => deploy.jobs.build.if!.includes('skip deploy'), expected: true },
  'drills in one repository only': { change: and('drill', 'github.repository == \'acme/shop\'', 'drillWorkflow'), seen: ({ drill }) => drill.jobs.drill.if!.includes('acme/shop'), expected: true },
  'the same condition in other words': {
    change: update('monitor_staging', () => ({ if: 'always() && !(needs.deploy_staging.result == \'skipped\')' })),
    seen: key('monitor_staging', 'if'),
    expected: 'always() && !(needs.deploy_staging.result == \'skipped\')',
  },
  'one more need that must succeed': {
    change: (delivery) => {
      update('deploy_staging', ({ needs }) => ({ needs: [...needs!, 'lint'] }))(delivery);
      and('deploy_staging', 'needs.lint.result == \'success\'')(delivery);
    },
    seen: ({ deploy }) => deploy.jobs.deploy_staging.needs,
    expected: ['build', 'environment_staging', 'unit-test', 'lint'],
  },
  'one more need that may be skipped': {
    change: (delivery) => {
      update('deploy_staging', ({ needs }) => ({ needs: [...needs!, 'lint'] }))(delivery);
      and('deploy_staging', '(needs.lint.result == \'success\' || needs.lint.result == \'skipped\')')(delivery);
    },
    seen: ({ deploy }) => deploy.jobs.deploy_staging.needs,
    expected: ['build', 'environment_staging', 'unit-test', 'lint'],
  },
  'a build that waits for the tests': { change: update('build', () => ({ needs: ['unit-test'] })), seen: key('build', 'needs'), expected: 'unit-test' },
  // events and what stands above the jobs
  'one more branch and a schedule': {
    change: ({ workflow }) => workflow.on({ push: { branches: ['main', 'next'], tags: ['demo-*', '!demo-old-*'] }, schedule: [{ cron: '17 3 * * *' }] }),
    seen: ({ deploy }) => Object.keys(deploy.on!).sort(),
    expected: ['push', 'schedule', 'workflow_dispatch'],
  },
  'one more branch, by addToArray': { change: ({ workflow }) => workflow.file!.addToArray('on.push.branches', 'next', '!renovate/**'), seen: ({ deploy }) => (deploy.on!.push as { branches: string[] }).branches, expected: ['main', 'next', '!renovate/**'] },
  'a start by another workflow': { change: override('on.repository_dispatch.types', ['deploy']), seen: ({ deploy }) => deploy.on!.repository_dispatch, expected: { types: ['deploy'] } },
  'one more question': {
    change: override('on.workflow_dispatch.inputs.ticket', { description: 'Why', type: 'string', required: false }, 'rollbackWorkflow'),
    seen: ({ rollback }) => JSON.stringify(rollback.on).includes('ticket'),
    expected: true,
  },
  'a required input for people who deploy by hand': {
    change: override('on.workflow_dispatch.inputs.ticket', { description: 'Why', type: 'string', required: true }),
    seen: ({ deploy }) => deploy.on!.workflow_dispatch,
    expected: expect.objectContaining({ inputs: expect.objectContaining({ ticket: { description: 'Why', type: 'string', required: true } }) }),
  },
  'a name of the runs': { change: ({ workflow }) => { workflow.runName = 'deploy ${{ github.ref_name }}'; }, seen: ({ deploy }) => deploy['run-name'], expected: 'deploy ${{ github.ref_name }}' },
  'another name of the workflow': { change: override('name', 'Deploy'), seen: ({ deploy }) => deploy.name, expected: 'Deploy' },
  // jobs of one's own
  'a job of one\'s own with a group of its own': {
    change: ({ workflow }) => workflow.addJob('docs', { runsOn: ['ubuntu-latest'], permissions: {}, concurrency: { group: 'docs' }, steps: [step('docs')] }),
    seen: ({ deploy }) => deploy.jobs.docs.concurrency,
    expected: { group: 'docs' },
  },
  'a patch of a job of one\'s own': { change: ({ workflow }) => workflow.file!.patch(JsonPatch.replace('/jobs/lint/name', 'style')), seen: key('lint', 'name'), expected: 'style' },
};

test.each(Object.entries(CUSTOMISATIONS))('%s', (_, { change, seen, expected }) => {
  const delivery = everything();
  change(delivery);
  expect(seen(synthesize(delivery.project))).toEqual(expected);
});

/** The validators do not know `vars`. */
const SOME = [
  'a login before the deployment', 'packages: write', 'services', 'more minutes', 'no plan for a bot', 'one more need that must succeed', 'one more branch and a schedule', 'a variable of all jobs',
];

test('several of them are right in the eyes of the validators, and warn of nothing', async () => {
  const project = plainProject();
  const delivery = everything(project);
  const alone = new Set(warningsOf(everything(plainProject()).project));
  for (const name of SOME) CUSTOMISATIONS[name].change(delivery);
  expect(warningsOf(project).filter((warning) => !alone.has(warning))).toEqual([]);
  expect(await validate(synthesize(project).deployText, 'deploy.yml')).toEqual([]);
});
