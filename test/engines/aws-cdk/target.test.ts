import { awscdk, javascript, Project } from 'projen';
import {
  ChangeSetMode, Duration, LambdaAlias, LambdaAliasOptions, Login, NamedEnvironment, StackOutput, Strategy, Target, Trigger,
} from '../../../src';
import { deliver, environment, plainProject, pythonProject, synthesize, temporaryFolder } from '../../test-project';

function cdkApp(options: Partial<awscdk.AwsCdkTypeScriptAppOptions> = {}): awscdk.AwsCdkTypeScriptApp {
  return new awscdk.AwsCdkTypeScriptApp({
    name: 'shop', cdkVersion: '2.276.0', defaultReleaseBranch: 'main', outdir: temporaryFolder(), packageManager: javascript.NodePackageManager.NPM, ...options,
  });
}

function manifestOf(options?: Parameters<typeof Target.awsCdk>[0], project: Project = cdkApp(), strategy?: Strategy) {
  deliver(project, { target: Target.awsCdk(options), environments: [environment('production', { trigger: Trigger.branch('main'), strategy })] });
  return synthesize(project);
}

it('Target.awsCdk takes a project of projen new awscdk-app-ts as it is', () => {
  const { manifest, deploy } = manifestOf();
  expect(manifest.environments[0].target).toEqual({ deploy: { kind: 'driver', call: 'deploy' }, driver: { kind: 'awsCdk', assembly: 'cdk.out' } });
  expect(manifest.artifact).toEqual({ paths: ['cdk.out'], buildLine: 'npx projen synth:silent' });
  expect(JSON.stringify(deploy.jobs.build)).toContain('npx projen synth:silent');
  expect(manifest.environments[0].strategy.commandTimeoutMs).toBe(900_000);
});

it('Target.awsCdk takes the folder that cdk.json names', () => {
  expect(manifestOf({}, cdkApp({ cdkout: 'dist/assembly' })).manifest.artifact?.paths).toEqual(['dist/assembly']);
});

it('Target.awsCdk installs the CLI of a Python app, which no lock file pins', () => {
  const project = new awscdk.AwsCdkPythonApp({
    name: 'shop', moduleName: 'shop', authorName: 'a', authorEmail: 'a@example.com', version: '0.1.0', cdkVersion: '2.276.0', cdkCliVersion: '2.1148.1', outdir: temporaryFolder(),
  });
  expect(JSON.stringify(manifestOf({}, project).deploy.jobs.deploy_production)).toContain('npm install --global --ignore-scripts aws-cdk@2.1148.1');
});

it('Target.awsCdk hands its options to the driver', () => {
  const options = { stacks: ['shop-production', 'Production/*'], region: 'eu-central-1', account: '123456789012', concurrency: 3 };
  expect(manifestOf(options).manifest.environments[0].target.driver).toEqual({ kind: 'awsCdk', assembly: 'cdk.out', ...options });
});

it('the strategy\'s commandTimeout precedes the target\'s', () => {
  const { manifest } = manifestOf({}, cdkApp(), Strategy.redeploy({ commandTimeout: Duration.minutes(40) }));
  expect(manifest.environments[0].strategy.commandTimeoutMs).toBe(2_400_000);
});

it('Target.awsCdk hands the aliases of its fast path to the driver', () => {
  const fastPath = [LambdaAlias.of({ functionName: 'shop', alias: 'live' }), LambdaAlias.of({ output: StackOutput.of('shop-api', 'Function'), alias: 'live' })];
  expect(manifestOf({ fastPath }).manifest.environments[0].target.driver).toMatchObject({
    fastPath: [{ functionName: 'shop', alias: 'live' }, { output: 'shop-api.Function', alias: 'live' }],
  });
});

it.each<[string, () => object, string]>([
  ['an alias without a function', () => ({ alias: 'live' }), 'LambdaAlias.of functionName: neither it nor output is set. Set one of them'],
  ['a function twice', () => ({ alias: 'live', functionName: 'shop', output: StackOutput.of('Api', 'Fn') }), 'LambdaAlias.of functionName: it and output are both set'],
  ['a version as the alias', () => ({ alias: '7', functionName: 'shop' }), 'LambdaAlias.of alias: \'7\' is not the name of an alias'],
  ['an ARN as the function', () => ({ alias: 'live', functionName: 'arn:aws:lambda:eu-central-1:1:function:shop' }), 'functionName: \'arn:aws:lambda:eu-central-1:1:function:shop\' is an ARN. Write only \'shop\''],
  ['a text as the output', () => ({ alias: 'live', output: 'Api.Fn' }), 'LambdaAlias.of output: \'Api.Fn\' is not an output. Use StackOutput.of'],
  ['an unknown option', () => ({ alias: 'live', function: 'shop' }), 'LambdaAlias.of function: there is no such option'],
])('%s fails at once', (_, options, message) => {
  expect(() => LambdaAlias.of(options() as LambdaAliasOptions)).toThrow(message);
});

it('Target.awsCdk sets how often the driver looks for drift, if a schedule watches the environment', () => {
  const watched = (options: Parameters<typeof Target.awsCdk>[0], monitoring?: object) => {
    const project = cdkApp();
    deliver(project, { target: Target.awsCdk(options), environments: [environment('production', { trigger: Trigger.branch('main') })], monitoring });
    return synthesize(project).manifest.environments[0].target.driver;
  };
  expect(watched({ drift: true }, {})).toMatchObject({ driftIntervalMs: 86_400_000 });
  expect(watched({ drift: true, driftInterval: Duration.hours(6) }, {})).toMatchObject({ driftIntervalMs: 21_600_000 });
  expect(watched({ drift: false }, {})).not.toHaveProperty('driftIntervalMs');
  expect(() => watched({ drift: true })).toThrow('Target.awsCdk drift: no schedule watches \'production\', so nothing would look for drift. Set monitoring: {}');
});

it.each<[string, object, string]>([
  ['an interval without drift', { driftInterval: Duration.hours(6) }, 'Target.awsCdk driftInterval: it is set without drift'],
  ['an interval of minutes', { drift: true, driftInterval: Duration.minutes(5) }, 'Target.awsCdk driftInterval: 5 min is out of range. Set Duration.hours(1) to Duration.days(30)'],
  ['an interval that is a number', { drift: true, driftInterval: 6 }, 'Target.awsCdk driftInterval: 6 is not a Duration'],
  ['drift as a text', { drift: 'yes' }, 'Target.awsCdk drift: '],
  ['no alias', { fastPath: [] }, 'Target.awsCdk fastPath: it names 0 aliases. Name 1 to 10, or leave it out'],
  ['the name of an alias', { fastPath: ['live'] }, 'Target.awsCdk fastPath: \'live\' is not an alias. Use LambdaAlias.of'],
  ['an alias that is no list', { fastPath: 'live' }, 'Target.awsCdk fastPath: \'live\' is not a list'],
  ['an alias twice', { fastPath: [1, 2].map(() => LambdaAlias.of({ functionName: 'shop', alias: 'live' })) }, 'Target.awsCdk fastPath: the alias live of shop is there twice'],
  ['no stack', { stacks: [] }, 'Target.awsCdk stacks: it names no stack'],
  ['a text as the stacks', { stacks: 'shop' }, 'Target.awsCdk stacks: \'shop\' is not a list. Write [\'shop\']'],
  ['a pattern', { stacks: ['shop-*'] }, 'Target.awsCdk stacks: \'shop-*\' is not the name of a stack'],
  ['an option of the CLI as a stack', { stacks: ['--all'] }, 'Target.awsCdk stacks: \'--all\' is not the name of a stack'],
  ['a stack twice', { stacks: ['a', 'a'] }, 'Target.awsCdk stacks: \'a\' is there twice'],
  ['a command as the app', { app: 'node ../app.js' }, 'Target.awsCdk app: \'node ../app.js\' is a command'],
  ['a folder outside of the project', { app: '../cdk.out' }, 'Target.awsCdk app: \'../cdk.out\' is not a file or folder inside the project'],
  ['an availability zone as the region', { region: 'eu-central-1a' }, 'Target.awsCdk region: \'eu-central-1a\' is not the name of a region'],
  ['an account that is a number', { account: 123456789012 }, 'Target.awsCdk account: 123456789012 is not the id of an account. Write its 12 digits in quotes'],
  ['no concurrency', { concurrency: 0 }, 'Target.awsCdk concurrency: 0 is out of range'],
  ['an unknown mode of change sets', { changeSet: 'show' }, 'Target.awsCdk changeSet: \'show\' is not a mode. Write ChangeSetMode.EXECUTE or ChangeSetMode.REVIEW'],
  ['an unknown option', { stack: 'shop' }, 'Target.awsCdk stack: there is no such option'],
  ['a task that does not exist', { buildTask: 'sinth' }, 'there is no task \'sinth\''],
])('%s fails at synthesis', (_, options, message) => {
  expect(() => manifestOf(options as object)).toThrow(message);
});

it('a project without a task that synthesizes must name one', () => {
  expect(() => manifestOf({}, plainProject())).toThrow('Target.awsCdk buildTask: the project has no task \'synth\'');
  expect(manifestOf({ buildTask: 'ship' }, pythonProject()).manifest.artifact?.paths).toEqual(['cdk.out']);
});

it('Target.awsCdk has no slots', () => {
  expect(() => manifestOf({}, cdkApp(), Strategy.blueGreen())).toThrow('Strategy.redeploy()');
});

describe('ChangeSetMode.REVIEW', () => {
  const REGION = 'eu-central-1';
  const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
  const login = Login.aws({ role: role('deploy'), readRole: role('read'), planRole: role('plan'), region: REGION });
  const deliverReviewed = (options: Partial<NamedEnvironment> = {}, changeSet?: ChangeSetMode) => {
    const project = cdkApp();
    deliver(project, { target: Target.awsCdk({ changeSet }), environments: [environment('production', { trigger: Trigger.branch('main'), monitorEnvironment: 'production-look', ...options })] });
    return synthesize(project);
  };

  it('is handed to the driver; the default is not', () => {
    expect(deliverReviewed({ login }, ChangeSetMode.REVIEW).manifest.environments[0].target.driver).toMatchObject({ kind: 'awsCdk', changeSet: 'review' });
    expect(deliverReviewed({}, ChangeSetMode.EXECUTE).manifest.environments[0].target.driver).not.toHaveProperty('changeSet');
  });

  it('lets the job that plans prepare: with its own role, the project and the CLI, and the time that takes', () => {
    const { deploy: { jobs } } = deliverReviewed({ login }, ChangeSetMode.REVIEW);
    const { environment_production: plan, deploy_production: deploy, monitor_production: monitor } = jobs;
    expect(JSON.stringify(plan)).not.toContain('sparse-checkout');
    expect(JSON.stringify(plan.steps)).toContain('npm ci');
    const signIn = plan.steps!.find(({ id }) => id === 'aws-login');
    expect(signIn).toMatchObject({ with: { 'role-to-assume': role('plan'), 'role-duration-seconds': '3600' } });
    expect(signIn).not.toHaveProperty('continue-on-error');
    expect(plan.environment).toMatchObject({ name: 'production-look' });
    expect(plan.needs).toBe('build');
    expect(plan['timeout-minutes']).toBeGreaterThan(25);
    expect(JSON.stringify(monitor)).toContain(role('read'));
    expect(JSON.stringify(monitor)).not.toContain(role('plan'));
    expect(plan.outputs!.review).toBe('${{ steps.plan.outputs.review }}');
    expect(deploy.steps!.find(({ id }) => id === 'deploy')!.env!.DELIVERY_REVIEW).toBe('${{ needs.environment_production.outputs.review }}');
    expect(JSON.stringify(deploy.steps!.filter(({ id }) => id !== 'deploy'))).not.toContain('DELIVERY_REVIEW');
  });

  it('installs the CLI of a Python app in the job that plans', () => {
    const project = new awscdk.AwsCdkPythonApp({
      name: 'shop', moduleName: 'shop', authorName: 'a', authorEmail: 'a@example.com', version: '0.1.0', cdkVersion: '2.276.0', cdkCliVersion: '2.1148.1', outdir: temporaryFolder(),
    });
    const target = Target.awsCdk({ changeSet: ChangeSetMode.REVIEW });
    deliver(project, { target, environments: [environment('production', { trigger: Trigger.branch('main'), monitorEnvironment: 'production-look', login })] });
    expect(JSON.stringify(synthesize(project).deploy.jobs.environment_production)).toContain('npm install --global --ignore-scripts aws-cdk@2.1148.1');
  });

  it('names the role in the trust policies', () => {
    const { manifest } = deliverReviewed({ login }, ChangeSetMode.REVIEW);
    expect(manifest.environments[0].login?.roles.map(({ arn, environments }) => [arn, environments])).toEqual([
      [role('deploy'), ['production']], [role('read'), ['production-look']], [role('plan'), ['production-look']],
    ]);
  });

  it('needs no role that reads', () => {
    const { deploy: { jobs } } = deliverReviewed({ login: Login.aws({ role: role('deploy'), planRole: role('plan'), region: REGION }) }, ChangeSetMode.REVIEW);
    expect(JSON.stringify(jobs.environment_production)).toContain(role('plan'));
    expect(JSON.stringify(jobs.monitor_production)).not.toContain('aws-login');
  });

  it.each<[string, Partial<NamedEnvironment>, ChangeSetMode | undefined, string]>([
    ['no sign-in', {}, ChangeSetMode.REVIEW, 'environment \'production\' login: it is missing, and the job that plans prepares change sets'],
    ['no role that prepares', { login: Login.aws({ role: role('deploy'), readRole: role('read'), region: REGION }) }, ChangeSetMode.REVIEW, 'environment \'production\' login planRole: it is missing'],
    ['a role that nothing uses', { login }, undefined, 'environment \'production\' login planRole: no job would use it'],
    ['no environment of the job', { login, monitorEnvironment: undefined }, ChangeSetMode.REVIEW, 'login readRole: the plan and monitor jobs have no environment'],
  ])('%s fails at synthesis', (_, options, changeSet, message) => {
    expect(() => deliverReviewed(options, changeSet)).toThrow(message);
  });
});
