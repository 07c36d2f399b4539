import { awscdk, javascript, Project } from 'projen';
import { Duration, Strategy, Target, Trigger } from '../../src';
import { deliver, environment, plainProject, pythonProject, synthesize, temporaryFolder } from '../test-project';

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

it.each<[string, object, string]>([
  ['no stack', { stacks: [] }, 'Target.awsCdk stacks: it names no stack'],
  ['a text as the stacks', { stacks: 'shop' }, 'Target.awsCdk stacks: \'shop\' is not a list. Write [\'shop\']'],
  ['a pattern', { stacks: ['shop-*'] }, 'Target.awsCdk stacks: \'shop-*\' is not the name of a stack'],
  ['an option of the CLI as a stack', { stacks: ['--all'] }, 'Target.awsCdk stacks: \'--all\' is not the name of a stack'],
  ['a stack twice', { stacks: ['a', 'a'] }, 'Target.awsCdk stacks: \'a\' is there twice'],
  ['a command as the app', { app: 'node ../app.js' }, 'Target.awsCdk app: \'node ../app.js\' is a command'],
  ['a folder outside of the project', { app: '../cdk.out' }, 'Target.awsCdk app: \'../cdk.out\' is not a file or folder inside the project'],
  ['an availability zone as the region', { region: 'eu-central-1a' }, 'Target.awsCdk region: \'eu-central-1a\' is not the name of a region'],
  ['an account that is a number', { account: 123456789012 }, 'Target.awsCdk account: 123456789012 is not valid'],
  ['no concurrency', { concurrency: 0 }, 'Target.awsCdk concurrency: 0 is out of range'],
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
