import { Artifact, Strategy, Target, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

const OPTIONS = { functionName: 'shop', alias: 'live', code: 'dist/function.zip' };

function manifestOf(options: Partial<Parameters<typeof Target.lambda>[0]> = {}, strategy?: Strategy) {
  const project = plainProject();
  project.addTask('bundle', { exec: 'zip -j dist/function.zip src/index.js' });
  deliver(project, { environments: [environment('production', { trigger: Trigger.branch('main'), target: Target.lambda({ ...OPTIONS, ...options }), strategy })] });
  return synthesize(project);
}

it('Target.lambda calls the driver for each command, and brings the zip file as the artifact', () => {
  const { manifest, deploy } = manifestOf({ buildTask: 'bundle', region: 'eu-central-1', account: '123456789012', testEvent: { path: '/health' } });
  expect(manifest.environments[0].target).toEqual({
    deploy: { kind: 'driver', call: 'deploy' },
    promote: { kind: 'driver', call: 'promote' },
    setWeight: { kind: 'driver', call: 'setWeight' },
    rollback: { kind: 'driver', call: 'rollback' },
    driver: { kind: 'lambda', ...OPTIONS, region: 'eu-central-1', account: '123456789012', testEvent: { path: '/health' } },
  });
  expect(manifest.artifact?.paths).toEqual(['dist/function.zip']);
  expect(deploy.jobs.build).toBeDefined();
});

it('Target.lambda has what blue/green needs', () => {
  expect(manifestOf({}, Strategy.blueGreen()).manifest.environments[0].strategy.kind).toBe('blueGreen');
});

it('Target.lambda brings an image as the artifact', () => {
  const repository = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop';
  const { manifest } = manifestOf({ code: undefined, image: Artifact.image({ repository }), region: 'eu-central-1' });
  expect(manifest.image?.repository).toBe(repository);
  expect(manifest.environments[0].target.driver).toEqual({ kind: 'lambda', functionName: 'shop', alias: 'live', region: 'eu-central-1' });
});

const LOOP: Record<string, unknown> = {};
LOOP.self = LOOP;
const IMAGE = Artifact.image({ repository: '111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop' });

it.each<[string, object, string]>([
  ['neither code nor image', { code: undefined }, 'Target.lambda code: it is missing, and there is no image'],
  ['code and image', { image: IMAGE }, 'Target.lambda image: the function would run \'dist/function.zip\', too'],
  ['a task that builds code beside an image', { code: undefined, image: IMAGE, buildTask: 'bundle' }, 'Target.lambda buildTask: it builds code, and the function runs an image'],
  ['an image of another registry', { code: undefined, image: Artifact.image({ repository: 'ghcr.io/acme/shop' }) }, 'Target.lambda image: \'ghcr.io/acme/shop\' is not in Amazon ECR'],
  ['an image of another region', { code: undefined, image: IMAGE, region: 'us-east-1' }, 'is in eu-central-1, and the function in us-east-1'],
  ['the name of an image', { code: undefined, image: 'shop' }, 'Target.lambda image: \'shop\' is not an Artifact'],
  ['no alias', { alias: undefined }, 'Target.lambda alias: it is missing'],
  ['the number of a version as the alias', { alias: '7' }, 'Target.lambda alias: \'7\' is not the name of an alias (letters, digits, - and _, and no number of a version)'],
  ['a function with a colon', { functionName: 'shop:live' }, 'Target.lambda functionName: \'shop:live\' is not the name of a function'],
  ['the ARN of a function', { functionName: 'arn:aws:lambda:eu-central-1:123456789012:function:shop' }, 'is an ARN. Write only \'shop\''],
  ['the ARN of an alias as the function', { functionName: 'arn:aws:lambda:eu-central-1:123456789012:function:shop:live' }, 'is an ARN. Write only \'shop\''],
  ['the ARN of a function as the alias', { alias: 'arn:aws:lambda:eu-central-1:123456789012:function:shop' }, 'Target.lambda alias: \'arn:aws:lambda:eu-central-1:123456789012:function:shop\' is not the name of an alias'],
  ['a folder as the code', { code: 'dist' }, 'Target.lambda code: \'dist\' is not a zip file'],
  ['a file outside of the project', { code: '../function.zip' }, 'Target.lambda code: \'../function.zip\' is not a file or folder inside the project'],
  ['an availability zone as the region', { region: 'eu-central-1a' }, 'Target.lambda region: \'eu-central-1a\' is not the name of a region'],
  ['an account that is a number', { account: 123456789012 }, 'Target.lambda account: 123456789012 is not the id of an account. Write its 12 digits in quotes'],
  ['a test event that is text', { testEvent: 'ping' }, 'Target.lambda testEvent: \'ping\' is not a set of options'],
  ['a test event with a function', { testEvent: { path: () => '/health' } }, 'Target.lambda testEvent: the function path cannot be written as JSON. Write text'],
  ['a test event with a big number', { testEvent: { body: { id: 10n } } }, 'Target.lambda testEvent: 10 cannot be written as JSON'],
  ['a test event with a number that is none', { testEvent: { limits: [NaN] } }, 'Target.lambda testEvent: NaN cannot be written as JSON'],
  ['a test event with an infinite number', { testEvent: { limit: -Infinity } }, 'Target.lambda testEvent: -Infinity cannot be written as JSON'],
  ['a test event that contains itself', { testEvent: LOOP }, 'Target.lambda testEvent: it contains itself'],
  ['an unknown option', { function: 'shop' }, 'Target.lambda function: there is no such option'],
])('%s fails at synthesis', (_, options, message) => {
  expect(() => manifestOf(options)).toThrow(message);
});
