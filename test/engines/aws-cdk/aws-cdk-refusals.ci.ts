/** Target.awsCdk, what is refused before the first change: through the bundled runtime, with the stand-in for the CDK CLI and CloudFormation as real processes. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AwsCdkWorld } from './aws-cdk-world';
import { AwsCdkDriverManifest } from '../../../src/engines/aws-cdk/manifest';
import { AssemblyOptions, CdkStandIn } from '../../../tools/aws-cdk-stand-in/stand-in';

let cdk: AwsCdkWorld;
afterEach(() => cdk.world.destroy());

const cases: readonly (readonly [string, Partial<AwsCdkDriverManifest>, AssemblyOptions, Parameters<CdkStandIn['reset']>[0], string])[] = [
  ['an unknown stack', { stacks: ['Web'] }, {}, {}, 'stacks: in v1 the app has no stack "Web". It has Api (shop-api), Data (shop-data), Staging/Api (Staging-Api)'],
  ['several stacks of which none is named', { stacks: undefined }, {}, {}, 'the app has several stacks'],
  ['another account', { account: '999999999999' }, {}, {}, 'account: the credentials belong to the account 000000000000, not 999999999999'],
  ['a stack of another account', {}, { environment: 'aws://111122223333/eu-central-1' }, {}, 'Data (shop-data) belongs to the account 111122223333, and the credentials to 000000000000'],
  ['an account without bootstrap', {}, {}, { bootstrap: null }, 'the account is not bootstrapped for the CDK'],
  ['a bootstrap that is too old', {}, {}, { bootstrap: 5 }, 'has version 5, and the app needs 6'],
  ['a region without bootstrap', { region: 'eu-west-1' }, {}, { region: 'eu-central-1' }, 'not bootstrapped for the CDK in eu-west-1'],
  ['an assembly that is newer than the CLI', {}, { schema: 56 }, {}, 'This CDK CLI is not compatible'],
  ['an asset outside of the assembly', {}, { asset: '../../src' }, {}, 'the asset ../../src of v1 is outside of machine/cdk.out'],
];

it.each(cases)('%s is named before anything is changed', async (_, settings, assembly, account, message) => {
  cdk = await AwsCdkWorld.create(settings);
  cdk.aws.reset(account);
  const ended = await cdk.ship('v1', 'good', assembly);
  expect(ended.output).toContain(message);
  expect(ended.output).toContain('Nothing was changed');
  expect(ended.code).toBe(2);
  expect(cdk.aws.changes).toEqual([]);
  expect((await cdk.status()).last).toBeUndefined();
});

it.each([
  ['UPDATE_ROLLBACK_FAILED', 'aws cloudformation continue-update-rollback --stack-name shop-api'],
  ['UPDATE_FAILED', 'Roll it back: cdk rollback'],
  ['DELETE_FAILED', 'aws cloudformation delete-stack --stack-name shop-api'],
])('a stack that is %s is not deployed to', async (status, fix) => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.aws.byHand('shop-api', { status });
  cdk.aws.fails();
  const ended = await cdk.ship('v2');
  expect(ended.code).toBe(2);
  expect(ended.output).toContain(fix);
  expect(cdk.aws.changes).toEqual([]);
});

it('a stack whose creation failed is created again, unless termination protection forbids it', async () => {
  cdk = await AwsCdkWorld.create();
  cdk.aws.byHand('shop-api', { status: 'ROLLBACK_COMPLETE', isProtected: true, template: {} });
  expect((await cdk.ship('v1')).output).toContain('aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name shop-api');
  cdk.aws.byHand('shop-api', { isProtected: false });
  expect((await cdk.deliver('deploy', 'production', '--release', 'v1')).code).toBe(0);
  await cdk.stands('v1');
});

it('a CDK CLI that is missing, and an AWS CLI that is too old, are named', async () => {
  cdk = await AwsCdkWorld.create();
  cdk.build('v1');
  const deploy = ['deploy', 'production', '--release', 'v1'];
  const old = await cdk.world.run(deploy, { ...cdk.aws.env, CDK_STAND_IN_AWS: '1.16.0' });
  expect(old.output).toContain('the AWS CLI 1.16.0 is too old. Install the AWS CLI, version 2.13 or 1.29, or later, in setupSteps');
  const none = await cdk.world.run(deploy, { ...cdk.aws.env, PATH: process.env.PATH });
  expect([old.code, none.code]).toEqual([2, 2]);
  expect(cdk.aws.changes).toEqual([]);
});

it.each(['denied', 'expired', 'signedOut'] as const)('%s is an error with its fix', async (how) => {
  cdk = await AwsCdkWorld.create();
  cdk.aws.fails({ on: 'describe-stacks', nth: 1, times: 99, how });
  const ended = await cdk.ship('v1');
  expect(ended.code).toBe(2);
  expect(ended.output).toContain(how === 'denied' ? 'Add the permissions' : 'Sign in before the deployment: set login: Login.aws({ role, region })');
  expect(cdk.aws.changes).toEqual([]);
});

it('does not begin if the files of Stable are gone', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  rmSync(join(cdk.world.root, '.git/delivery/artifacts'), { recursive: true });
  cdk.aws.fails();
  expect((await cdk.ship('v2')).output).toContain('the release\'s files are not on this machine');
  expect(cdk.aws.changes).toEqual([]);
});
