import { github } from 'projen';
import { Delivery, Duration, Login, NamedEnvironment, Strategy, Target, Trigger } from '../../../../src';
import { deliver, environment, plainProject, Synthesized, synthesize, typescriptProject } from '../../../test-project';
import { Job } from '../../../validators/workflow';

const ROLE = 'arn:aws:iam::111122223333:role/deploy';
const LOGIN = Login.aws({ role: ROLE, region: 'eu-central-1' });
const READS = Login.aws({ role: 'arn:aws:iam::444455556666:role/shop/deploy', readRole: 'arn:aws:iam::444455556666:role/read', region: 'eu-west-1' });
const PRODUCTION = { trigger: Trigger.tag('v*'), rollbackEnvironment: 'production-back', monitorEnvironment: 'production-look' };

function written(environments: NamedEnvironment[], change: (delivery: Delivery) => void = () => undefined): Synthesized {
  const project = plainProject();
  change(deliver(project, { environments, artifact: { paths: ['dist'], buildTask: 'ship' }, drill: { environments: ['staging'] }, monitoring: {} }));
  return synthesize(project);
}

function jobsOf(synthesized: Synthesized): [string, Job][] {
  return synthesized.workflows.flatMap((file) => Object.entries(synthesized.workflow(file).jobs).map(([id, job]): [string, Job] => [`${file} ${id}`, job]));
}

function holders(synthesized: Synthesized): string[] {
  return jobsOf(synthesized).filter(([, { permissions }]) => permissions?.['id-token'] !== undefined).map(([id]) => id);
}

function signsIn({ steps }: Job) {
  return steps!.find(({ id }) => id === 'aws-login');
}

describe('the jobs that sign in', () => {
  it('are those that deploy or roll back, and no other has the permission', () => {
    const synthesized = written([environment('staging', { login: LOGIN }), environment('production', PRODUCTION)]);
    const expected = ['deploy deploy_staging', 'deploy rollback_staging', 'rollback rollback', 'rollback recover', 'drill drill', 'drill recover'];
    expect(holders(synthesized)).toEqual(expected);
    expect(jobsOf(synthesized).filter(([, job]) => signsIn(job)).map(([id]) => id)).toEqual(expected);
    expect(synthesized.deploy.jobs.deploy_staging.permissions).toEqual({ 'contents': 'read', 'deployments': 'write', 'actions': 'read', 'id-token': 'write' });
    expect(synthesized.deploy.jobs.build.permissions).toEqual({ contents: 'read' });
  });

  it('are also those that look, where a role for reading is given, and in the environment that it trusts', () => {
    const synthesized = written([environment('staging'), environment('production', { ...PRODUCTION, login: READS })]);
    const expected = [
      'deploy environment_production', 'deploy deploy_production', 'deploy monitor_production', 'deploy rollback_production',
      'rollback rollback', 'rollback monitor', 'rollback recover', 'rollback decision', 'monitor watch_production',
    ];
    expect(holders(synthesized)).toEqual(expected);
    expect(jobsOf(synthesized).filter(([, job]) => signsIn(job)).map(([id]) => id)).toEqual(expected);
    const looking = jobsOf(synthesized).filter(([id]) => expected.includes(id));
    const places = Object.fromEntries(looking.map(([id, job]) => [id, (job.environment as { name: string }).name]));
    expect(places).toMatchInlineSnapshot(`
{
  "deploy deploy_production": "production",
  "deploy environment_production": "production-look",
  "deploy monitor_production": "production-look",
  "deploy rollback_production": "production-back",
  "monitor watch_production": "production-look",
  "rollback decision": "\${{ fromJSON('{"production":"production-look"}')[inputs.environment] }}",
  "rollback monitor": "\${{ fromJSON('{"production":"production-look"}')[inputs.environment] }}",
  "rollback recover": "\${{ fromJSON('{"staging":"staging","production":"production-back"}')[inputs.environment] }}",
  "rollback rollback": "\${{ fromJSON('{"staging":"staging","production":"production-back"}')[inputs.environment] }}",
}
`);
    expect(synthesized.deploy.jobs.environment_production.permissions).toEqual({ 'contents': 'read', 'deployments': 'read', 'actions': 'read', 'id-token': 'write' });
  });

  it('are none without a login', () => {
    expect(holders(written([environment('staging')]))).toEqual([]);
  });
});

describe('the step', () => {
  it('comes after the checkout and the toolchain, before the steps of the target and of the delivery', () => {
    const project = typescriptProject();
    deliver(project, {
      environments: [environment('staging', { login: LOGIN })],
      target: new class extends Target {
        public bind() {
          return { ...Target.commands({ deploy: './ship' }).bind(undefined as never), setupSteps: [{ id: 'cli', run: './install' }] };
        }
      }(),
      setupSteps: [{ id: 'mine', run: './mine' }],
    });
    const ids = synthesize(project).deploy.jobs.deploy_staging.steps!.map(({ id, name }) => id ?? name);
    expect(ids[0]).toBe('checkout');
    expect(ids.slice(-5)).toEqual(['aws-login', 'cli', 'mine', 'deploy', 'recover']);
    expect(ids.length).toBeGreaterThan(6);
  });

  it('names the role of a known environment as it is', () => {
    expect(signsIn(written([environment('staging', { login: LOGIN })]).deploy.jobs.deploy_staging)).toMatchInlineSnapshot(`
{
  "id": "aws-login",
  "name": "sign in to AWS",
  "uses": "aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c",
  "with": {
    "aws-region": "eu-central-1",
    "role-duration-seconds": "3600",
    "role-to-assume": "arn:aws:iam::111122223333:role/deploy",
  },
}
`);
  });

  it('continues where only reading fails', () => {
    expect(signsIn(written([environment('staging'), environment('production', { ...PRODUCTION, login: READS })]).deploy.jobs.monitor_production)).toMatchInlineSnapshot(`
{
  "continue-on-error": true,
  "id": "aws-login",
  "name": "sign in to AWS",
  "uses": "aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c",
  "with": {
    "aws-region": "eu-west-1",
    "role-duration-seconds": "3600",
    "role-to-assume": "arn:aws:iam::444455556666:role/read",
  },
}
`);
  });

  it('looks the role of a chosen environment up in an input of the action: no shell line holds it', () => {
    const { rollback } = written([environment('staging', { login: LOGIN }), environment('production', { ...PRODUCTION, login: READS }), environment('qa', { trigger: Trigger.manual() })]);
    expect(signsIn(rollback.jobs.rollback)).toMatchInlineSnapshot(`
{
  "id": "aws-login",
  "if": "\${{ contains(fromJSON('["staging","production"]'), inputs.environment) }}",
  "name": "sign in to AWS",
  "uses": "aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c",
  "with": {
    "aws-region": "\${{ fromJSON('{"staging":"eu-central-1","production":"eu-west-1"}')[inputs.environment] }}",
    "role-duration-seconds": "\${{ fromJSON('{"staging":"3600","production":"3600"}')[inputs.environment] }}",
    "role-to-assume": "\${{ fromJSON('{"staging":"arn:aws:iam::111122223333:role/deploy","production":"arn:aws:iam::444455556666:role/shop/deploy"}')[inputs.environment] }}",
  },
}
`);
    for (const { steps } of Object.values(rollback.jobs)) for (const { run } of steps!) expect(run ?? '').not.toMatch(/\$\{\{|arn:/);
  });

  it('has no condition where all environments sign in', () => {
    const { rollback } = written([environment('staging', { login: LOGIN }), environment('production', { ...PRODUCTION, login: READS })]);
    expect(signsIn(rollback.jobs.rollback)).not.toHaveProperty('if');
    expect(signsIn(rollback.jobs.monitor)).toMatchObject({ if: '${{ contains(fromJSON(\'["production"]\'), inputs.environment) }}' });
  });

  it('has the audience of China there', () => {
    const login = Login.aws({ role: 'arn:aws-cn:iam::111122223333:role/deploy', region: 'cn-north-1' });
    expect(signsIn(written([environment('staging', { login })]).deploy.jobs.deploy_staging)!.with).toMatchObject({ audience: 'sts.amazonaws.com.cn' });
  });
});

describe('the session', () => {
  const durationOf = (login: Login, strategy: Strategy) => (
    signsIn(written([environment('staging', { login, strategy })]).deploy.jobs.deploy_staging)!.with!['role-duration-seconds']
  );
  const slow = Strategy.redeploy({ bake: Duration.minutes(30), commandTimeout: Duration.minutes(20) });

  it('lasts as long as the longest job may take, at least an hour', () => {
    const { deploy, rollback } = written([environment('staging', { login: LOGIN, strategy: slow })]);
    const jobs = [deploy.jobs.deploy_staging, deploy.jobs.rollback_staging, rollback.jobs.rollback, rollback.jobs.recover];
    const longest = Math.max(...jobs.map((job) => job['timeout-minutes']!));
    expect(longest).toBeGreaterThan(60);
    expect(durationOf(LOGIN, slow)).toBe(String(longest * 60));
    expect(durationOf(LOGIN, Strategy.redeploy())).toBe('3600');
  });

  it('is rejected where it could end before a rollback does, at the very second', () => {
    const longest = Number(durationOf(LOGIN, slow));
    const login = (seconds: number) => Login.aws({ role: ROLE, region: 'eu-central-1', sessionDuration: Duration.seconds(seconds) });
    expect(durationOf(login(longest), slow)).toBe(String(longest));
    expect(durationOf(login(43_200), slow)).toBe('43200');
    expect(() => durationOf(login(longest - 1), slow)).toThrow(
      new RegExp(`^environment 'staging' login sessionDuration: .* could end before a rollback does: with bake 30 min and commandTimeout 20 min a job may take .*\\. Set Duration\\.minutes\\(${longest / 60}\\) or more, or leave it out; or shorten bake, `),
    );
  });
});

describe('what others change of it', () => {
  const change = (act: (delivery: Delivery) => void) => () => written([environment('staging', { login: LOGIN }), environment('production', { ...PRODUCTION, login: READS })], act);
  const override = (path: string, value: unknown) => change(({ workflow }) => workflow.file!.addOverride(path, value));
  const withInput = (name: string, value: string, job = 'deploy_staging') => change(({ workflow }) => workflow.patchStep(job, 'aws-login', { with: { ...workflow.getStep(job, 'aws-login').with, [name]: value } }));
  const GUARANTEE = 'breaks the guarantee that the commands have the credentials of the environment\'s role, for as long as the job may take';

  it.each<[string, () => unknown, string]>([
    ['is removed', change(({ workflow }) => workflow.removeStep('deploy_staging', 'aws-login')), 'steps: lack \'aws-login\', which breaks the guarantee that the commands have'],
    ['is removed from the recovery', change(({ workflow }) => workflow.removeStep('rollback_production', 'aws-login')), 'job \'rollback_production\' steps: lack \'aws-login\''],
    ['is removed from a rollback by hand', change(({ rollbackWorkflow }) => rollbackWorkflow.removeStep('rollback', 'aws-login')), 'job \'rollback\' steps: lack \'aws-login\''],
    ['is removed from the confirmation', change(({ workflow }) => workflow.removeStep('monitor_production', 'aws-login')), 'job \'monitor_production\' steps: lack \'aws-login\''],
    ['has another role', withInput('role-to-assume', 'arn:aws:iam::111122223333:role/admin'), 'has another \'role-to-assume\''],
    ['has a shorter session', withInput('role-duration-seconds', '900'), 'has another \'role-duration-seconds\''],
    ['uses stored keys', withInput('aws-access-key-id', '${{ secrets.KEY }}'), `says aws-access-key-id, which ${GUARANTEE}`],
    ['hands the credentials to a profile', withInput('aws-profile', 'deploy'), `says aws-profile, which ${GUARANTEE}`],
    ['signs in elsewhere', withInput('sts-endpoint', 'https://sts.example.com'), `says sts-endpoint, which ${GUARANTEE}`],
    ['may fail', change(({ workflow }) => workflow.patchStep('deploy_staging', 'aws-login', { continueOnError: true })), 'continue-on-error: is true'],
    ['is skipped', change(({ workflow }) => workflow.patchStep('deploy_staging', 'aws-login', { if: 'false' })), 'if: is \'false\''],
    ['is another action', change(({ workflow }) => workflow.patchStep('deploy_staging', 'aws-login', { uses: `acme/login@${'a'.repeat(40)}` })), 'uses: is \'acme/login@'],
    ['has no token', override('jobs.deploy_staging.permissions.id-token', 'none'), 'permissions: lack \'id-token: write\', which breaks the guarantee that the job can sign in'],
    ['has no token in a rollback by hand', change(({ rollbackWorkflow }) => rollbackWorkflow.file!.addOverride('jobs.rollback.permissions.id-token', 'none')), 'lack \'id-token: write\''],
  ])('%s: rejected', (_, act, expected) => {
    expect(act).toThrow(expected);
  });

  it.each<[string, () => unknown]>([
    ['another version', change(({ project }) => github.GitHub.of(project)!.actions.set('aws-actions/configure-aws-credentials', `aws-actions/configure-aws-credentials@${'b'.repeat(40)}`))],
    ['a name for the session', withInput('role-session-name', 'delivery')],
    ['a policy that narrows the session', withInput('managed-session-policies', 'arn:aws:iam::111122223333:policy/narrow')],
  ])('%s: accepted', (_, act) => {
    expect(act).not.toThrow();
  });

  it('a step of the user\'s cannot take its id', () => {
    const act = () => deliver(plainProject(), { setupSteps: [{ id: 'aws-login', run: './login' }] });
    expect(act).toThrow('setupSteps[0].id: \'aws-login\' is the id of a step of the delivery\'s own. Choose another id');
  });
});
