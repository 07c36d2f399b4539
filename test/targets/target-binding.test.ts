import { github } from 'projen';
import {
  Delivery, DeliveryOptions, DrillOptions, HealthCheck, Strategy, Target, TargetBinding, TargetCapability, TargetCommand, TargetContext, Trigger,
} from '../../src';
import { deliver, environment, plainProject, synthesize, typescriptProject } from '../test-project';

const { READ, WRITE } = github.workflows.JobPermission;

/** A target of another package: it brings what it is given. */
class OtherTarget extends Target {
  public readonly bound: TargetContext[] = [];

  constructor(private readonly binding: (context: TargetContext) => Partial<TargetBinding> = () => ({})) {
    super();
  }

  public bind(context: TargetContext): TargetBinding {
    this.bound.push(context);
    return { commands: { deploy: TargetCommand.line('./ship') }, ...this.binding(context) };
  }
}

interface Step {
  readonly id: string;
  readonly if?: string;
  readonly run?: string;
}

type Jobs = Record<string, { readonly permissions: Record<string, string>; readonly steps: Step[] }>;

function synthesized(target: Target, options: Partial<DeliveryOptions> = {}) {
  const project = typescriptProject();
  deliver(project, { target, ...options });
  return synthesize(project);
}

function jobsOf(target: Target, file: string, options: Partial<DeliveryOptions> = {}): Jobs {
  return synthesized(target, options).workflow(file).jobs as unknown as Jobs;
}

describe('a target of another package', () => {
  it('is bound once to each environment', () => {
    const target = new OtherTarget();
    const project = plainProject();
    deliver(project, { target, environments: [environment('staging'), environment('production', { trigger: Trigger.after('staging') })] });
    expect(target.bound).toEqual([
      { project, environment: 'staging', url: 'https://staging.example.com' },
      { project, environment: 'production', url: 'https://production.example.com' },
    ]);
  });

  it('brings commands, variables, secrets and health checks to the manifest', () => {
    const target = new OtherTarget(({ environment: name }) => ({
      commands: {
        migrate: TargetCommand.task('migrate'),
        deploy: TargetCommand.argv(['./ship', '--to', name]),
        promote: TargetCommand.line('./switch "$DELIVERY_SLOT"'),
        rollback: TargetCommand.line('./restore'),
      },
      capabilities: [TargetCapability.SLOTS],
      variables: { REGION: 'eu', TIER: 'small' },
      secrets: ['API_KEY'],
      healthChecks: [HealthCheck.tcp('machine.example.com:443', { name: 'machine' })],
    }));
    const { manifest } = synthesized(target, { variables: { TIER: 'large' }, secrets: ['TOKEN'], environments: [environment('staging', { strategy: Strategy.blueGreen() })] });
    const [staging] = manifest.environments;
    expect(staging.target).toMatchObject({
      migrate: { kind: 'exec', argv: ['npx', 'projen', 'migrate'] },
      deploy: { kind: 'exec', argv: ['./ship', '--to', 'staging'] },
      promote: { kind: 'bash', line: './switch "$DELIVERY_SLOT"' },
      rollback: { kind: 'bash', line: './restore' },
      // one of them is a task
      warmUp: { kind: 'exec', argv: ['npx', 'projen', '--version'] },
    });
    expect(staging.variables).toEqual({ REGION: 'eu', TIER: 'large' });
    expect(staging.secrets).toEqual(['API_KEY', 'TOKEN']);
    expect(staging.healthChecks.map(({ name }) => name)).toContain('machine');
  });

  it('brings its permissions to the jobs that deploy or roll back, and to no other; what a job has already is never lowered', () => {
    const target = new OtherTarget(() => ({ permissions: { packages: WRITE, idToken: WRITE, deployments: READ } }));
    const drill: DrillOptions = { environments: ['staging'] };
    const jobs = (['deploy', 'rollback', 'drill'] as const).flatMap((file) => Object.entries(jobsOf(target, file, { drill })));
    const having = jobs.filter(([, { permissions }]) => permissions.packages === 'write');
    expect(having.map(([id]) => id)).toEqual(['deploy_staging', 'rollback_staging', 'rollback', expect.stringMatching(/recover/), 'drill', expect.stringMatching(/recover/)]);
    for (const [, { permissions }] of having) expect(permissions).toMatchObject({ 'deployments': 'write', 'id-token': 'write', 'contents': 'read' });
    for (const [id, { permissions }] of jobs) if (!having.some(([one]) => one === id)) expect(permissions).not.toHaveProperty('id-token');
  });

  it('writes its permissions in one order, whatever order the target gives them in', () => {
    const orders = [{ packages: READ, idToken: WRITE }, { idToken: WRITE, packages: READ }];
    const [one, other] = orders.map((permissions) => JSON.stringify(jobsOf(new OtherTarget(() => ({ permissions })), 'deploy')));
    expect(one).toContain('id-token');
    expect(one).toBe(other);
  });

  it('brings set-up steps: after the toolchain, before the delivery\'s', () => {
    const target = new OtherTarget(() => ({ setupSteps: [{ id: 'sign-in', run: './sign-in' }] }));
    const steps = jobsOf(target, 'deploy', { setupSteps: [{ id: 'mine', run: './mine' }] }).deploy_staging.steps.map(({ id }) => id);
    const ours = steps.filter((id) => ['checkout', 'sign-in', 'mine', 'deploy'].includes(id));
    expect(ours).toEqual(['checkout', 'sign-in', 'mine', 'deploy']);
    expect(steps.indexOf('sign-in')).toBe(steps.indexOf('mine') - 1);
  });

  it('in a workflow for a chosen environment, only that environment\'s steps run, under ids of their own', () => {
    const target = new OtherTarget(({ environment: name }) => ({
      setupSteps: [{ id: 'sign-in', run: `./sign-in ${name}` }, { id: 'use', run: './use', env: { SESSION: '${{ steps.sign-in.outputs.session }}' }, if: 'runner.os == \'Linux\'' }],
    }));
    const environments = [environment('staging'), environment('production', { trigger: Trigger.tag('v*') })];
    const steps = jobsOf(target, 'rollback', { environments }).rollback.steps.filter(({ id }) => /^(sign-in|use)/.test(id));
    expect(steps).toMatchObject([
      { id: 'sign-in-1', if: '${{ contains(fromJSON(\'["staging"]\'), inputs.environment) }}', run: './sign-in staging' },
      { id: 'use-1', if: '${{ contains(fromJSON(\'["staging"]\'), inputs.environment) && (runner.os == \'Linux\') }}', env: { SESSION: '${{ steps.sign-in-1.outputs.session }}' } },
      { id: 'sign-in-2', if: '${{ contains(fromJSON(\'["production"]\'), inputs.environment) }}', run: './sign-in production' },
      { id: 'use-2', env: { SESSION: '${{ steps.sign-in-2.outputs.session }}' } },
    ]);
    // the same steps everywhere need no condition
    const same = new OtherTarget(() => ({ setupSteps: [{ id: 'sign-in', run: './sign-in' }] }));
    expect(jobsOf(same, 'rollback', { environments }).rollback.steps.filter(({ id }) => id === 'sign-in')).toEqual([expect.not.objectContaining({ if: expect.anything() })]);
  });

  it('brings the artifact: it is built once, and every job knows it', () => {
    const artifact = { buildTask: 'ship', paths: ['cdk.out'], setupSteps: [{ run: './prepare' }] };
    const target = new OtherTarget(() => ({ artifact }));
    const written = synthesized(target, { environments: [environment('staging'), environment('production', { trigger: Trigger.after('staging') })] });
    expect(written.manifest.artifact).toEqual({ paths: ['cdk.out'], buildLine: 'npx projen ship' });
    const jobs = written.workflow('deploy').jobs as unknown as Jobs;
    expect(jobs.build.steps.map(({ run }) => run)).toEqual(expect.arrayContaining(['./prepare', 'npx projen ship', expect.stringContaining('-- cdk.out')]));
    expect(jobs.deploy_production).toMatchObject({ needs: expect.arrayContaining(['build']) });
    expect(jobs.environment_staging.permissions).toMatchObject({ actions: 'read' });
  });

  it('may come with the first environment that is added', () => {
    const project = typescriptProject();
    const delivery = new Delivery(project, { target: new OtherTarget(() => ({ artifact: { paths: ['dist'] } })) });
    const { name, ...options } = environment('staging');
    delivery.addEnvironment(name, options);
    expect(synthesize(project).deploy.jobs).toHaveProperty('build');
  });
});

describe('the binding of a target is checked', () => {
  const rejection = (binding: Partial<TargetBinding> | Record<string, unknown>, options: Partial<DeliveryOptions> = {}) => {
    try {
      deliver(typescriptProject(), { target: new OtherTarget(() => binding as Partial<TargetBinding>), ...options });
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  };

  it.each<[Record<string, unknown>, string]>([
    [{ commands: undefined }, 'commands: they are missing'],
    [{ commands: {} }, 'commands deploy: it is missing. Set the command that deploys a release'],
    [{ commands: { deploy: './ship' } }, 'commands deploy: \'./ship\' is not a TargetCommand. Write TargetCommand.line(\'./ship\')'],
    [{ commands: { deploy: TargetCommand.line('./ship'), migrat: TargetCommand.line('x') } }, 'migrat: there is no such option'],
    [{ comands: {} }, 'bind() comands: there is no such option'],
    [{ capabilities: ['shares'] }, 'capabilities: \'shares\' is no capability of a target. Write TargetCapability.SLOTS, TargetCapability.WEIGHTS or'],
    [{ capabilities: ['weights'] }, 'capabilities: TargetCapability.WEIGHTS needs a command that splits the traffic, and commands.setWeight is missing'],
    [
      { commands: { deploy: TargetCommand.line('a'), setWeight: TargetCommand.line('b') } },
      'commands setWeight: no strategy would run it, because the target does not have TargetCapability.WEIGHTS',
    ],
    [{ capabilities: ['slots'] }, 'capabilities: TargetCapability.SLOTS needs a command that moves traffic to a slot, and commands.promote is missing'],
    [
      { commands: { deploy: TargetCommand.line('a'), promote: TargetCommand.line('b') } },
      'commands promote: no strategy would run it, because the target does not have TargetCapability.SLOTS',
    ],
    [{ permissions: { package: 'write' } }, 'permissions package: there is no such option'],
    [{ permissions: { packages: 'admin' } }, 'permissions packages: \'admin\' is not a permission that a target can add'],
    [{ permissions: { packages: 'none' } }, 'permissions packages: \'none\' is not a permission that a target can add'],
    [{ permissions: { idToken: 'read' } }, 'permissions idToken: GitHub knows no read access to it'],
    [{ secrets: ['GITHUB_PAT'] }, 'secrets: \'GITHUB_PAT\' is not a name that GitHub accepts for a secret'],
    [{ secrets: 'API_KEY' }, 'secrets: \'API_KEY\' is not a list'],
    [{ variables: { PATH: '/bin' } }, 'variables: \'PATH\' is taken'],
    [{ variables: { API_KEY: 'x' }, secrets: ['API_KEY'] }, 'variables: API_KEY is a secret as well'],
    [{ healthChecks: ['https://x.example.com'] }, 'healthChecks: \'https://x.example.com\' is not a HealthCheck'],
    [{ setupSteps: [{ run: ['a'] }] }, 'setupSteps[0].run: ["a"] is not a text'],
    [{ setupSteps: [{ id: 'deploy', run: 'a' }] }, 'setupSteps[0].id: \'deploy\' is the id of a step of the delivery\'s own'],
    [{ artifact: { paths: ['../x'] } }, 'artifact.paths: \'../x\' is not a file or folder inside the project'],
    [{ artifact: { path: ['x'] } }, 'artifact path: there is no such option'],
  ])('%j', (binding, message) => {
    expect(rejection(binding)).toContain(message);
    expect(rejection(binding)).toContain('environment \'staging\'');
  });

  it('an artifact from two sources', () => {
    expect(rejection({ artifact: { paths: ['cdk.out'] } }, { artifact: { paths: ['dist'] } })).toBe(
      'environment \'staging\' target artifact: the delivery\'s options define an artifact, too (["dist"]), and a delivery has one. '
      + 'Leave artifact out of the delivery\'s options, or use a target without one',
    );
    const different = new OtherTarget(({ environment: name }) => ({ artifact: { paths: [name] } }));
    const environments = [environment('staging'), environment('production', { trigger: Trigger.tag('v*') })];
    expect(rejection({}, { target: different, environments })).toContain(
      'environment \'production\' target artifact: it is ["production"], which is not what environment \'staging\' target artifact says (["staging"])',
    );
  });

  it('an artifact that comes too late', () => {
    const delivery = deliver(typescriptProject());
    const target = new OtherTarget(() => ({ artifact: { paths: ['dist'] } }));
    expect(() => delivery.addEnvironment('production', { trigger: Trigger.tag('v*'), url: 'https://www.example.com', target })).toThrow(
      'environment \'production\' target artifact: the jobs of \'staging\', which were added before, do without it. Add this environment first',
    );
  });

  it('a task that does not exist, when the project is synthesized', () => {
    const project = typescriptProject();
    deliver(project, { target: new OtherTarget(() => ({ commands: { deploy: TargetCommand.task('shp') } })) });
    expect(() => synthesize(project)).toThrow('environment \'staging\' target commands deploy: there is no task \'shp\'');
  });

  it('a step id that the delivery\'s own set-up has, too', () => {
    expect(rejection({ setupSteps: [{ id: 'login', run: 'a' }] }, { setupSteps: [{ id: 'login', run: 'b' }] })).toContain('\'login\' is the id of another step of the same job');
  });
});
