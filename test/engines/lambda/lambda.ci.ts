/** Target.lambda through the bundled runtime, with the stand-in for the AWS CLI as a real process. */
import { LambdaWorld } from './lambda-world';
import { LambdaDriverManifest } from '../../../src/engines/lambda/manifest';
import { FaultKind } from '../../../tools/aws-cli-stand-in/stand-in';

let lambda: LambdaWorld;
afterEach(() => lambda.world.destroy());

describe('a deployment', () => {
  it('publishes a version that names the release, and moves the alias to it', async () => {
    lambda = await LambdaWorld.create();
    expect((await lambda.ship('v1')).code).toBe(0);
    expect(lambda.aws.described).toEqual([`delivery v1 ${lambda.world.git('rev-parse', 'v1')}`]);
    await lambda.stands('v1');
    lambda.aws.fails();
    expect((await lambda.ship('v2')).code).toBe(0);
    expect(lambda.aws.changes).toEqual(['update-function-code', 'publish-version', 'update-alias']);
    await lambda.stands('v2');
  });

  it('takes a bad release back with one change', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    const ended = await lambda.ship('v2', 'bad');
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('live moved from version 3 to version 2 with v1');
    await lambda.stands('v1');
    expect((await lambda.status()).last?.state).toBe('rolledBack');
  });

  it('publishes the same bytes under the name of a new release, where Lambda sees no change', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.build('v2', 'good', 'v1');
    lambda.forgetIdentity();
    lambda.aws.fails();
    expect((await lambda.deliver('deploy', 'production', '--release', 'v2')).code).toBe(0);
    expect(lambda.aws.described.map((one) => one.split(' ')[1])).toEqual(['v1', 'v2']);
    expect(lambda.aws.changes).toEqual(['publish-version', 'update-function-configuration', 'publish-version', 'update-alias']);
  });

  it('with blue/green, moves the alias only after the version responded to the test event', async () => {
    lambda = await LambdaWorld.create({ testEvent: { path: '/health' } }, 'blueGreen');
    expect((await lambda.ship('v1')).code).toBe(0);
    lambda.aws.fails();
    expect((await lambda.ship('v2')).output).toContain('version 3 responded to the test event');
    expect(lambda.aws.calls.indexOf('invoke')).toBeLessThan(lambda.aws.calls.indexOf('update-alias'));
    await lambda.stands('v2');
  });

  it('never shows users a version that fails with the test event', async () => {
    lambda = await LambdaWorld.create({ testEvent: { path: '/health' } });
    await lambda.ship('v1');
    lambda.build('v2', 'good', 'v2 broken');
    lambda.aws.fails();
    const ended = await lambda.deliver('deploy', 'production', '--release', 'v2');
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('version 3 failed with the test event (Unhandled): {"errorMessage":"cannot handle path"}');
    expect(lambda.aws.calls).not.toContain('update-alias');
    await lambda.stands('v1');
  });

  it('is restored by hand, twice with one change', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    await lambda.ship('v2');
    const back = ['rollback', 'production', '--release', 'v1', '--reason', 'a test'];
    lambda.aws.fails();
    expect((await lambda.deliver(...back)).code).toBe(0);
    expect((await lambda.deliver(...back)).output).toContain('nothing to do');
    expect(lambda.aws.changes).toEqual(['update-alias']);
    await lambda.stands('v1');
  });
});

describe('what cannot work', () => {
  const cases: readonly (readonly [string, Partial<LambdaDriverManifest>, string])[] = [
    ['a function that does not exist', { functionName: 'shoop' }, 'functionName: there is no function shoop in'],
    ['an alias that does not exist', { alias: 'prod' }, 'alias: the function shop has no alias prod in'],
    ['another region', { region: 'eu-west-1' }, 'functionName: there is no function shop in eu-west-1 of the account 111122223333'],
    ['another account', { account: '999999999999' }, 'the credentials belong to the account 111122223333, not 999999999999'],
    ['a file that was not built', { code: 'machine/nothing.zip' }, 'code: machine/nothing.zip does not exist'],
  ];

  it.each(cases)('%s is named before anything is changed', async (_, settings, message) => {
    lambda = await LambdaWorld.create(settings);
    lambda.aws.reset({ account: '111122223333', region: 'us-east-1' });
    const ended = await lambda.ship('v1');
    expect(ended.code).toBe(2);
    expect(ended.output).toContain(message);
    expect(ended.output).toContain('Nothing was changed');
    expect(lambda.aws.changes).toEqual([]);
    expect((await lambda.status()).last).toBeUndefined();
  });

  it('names a function that runs a container image', async () => {
    lambda = await LambdaWorld.create();
    lambda.aws.reset({ packageType: 'Image' });
    expect((await lambda.ship('v1')).output).toContain('shop runs a container image');
    expect(lambda.aws.changes).toEqual([]);
  });

  it('names a CLI that is too old, or missing', async () => {
    lambda = await LambdaWorld.create();
    lambda.build('v1');
    const old = await lambda.world.run(['deploy', 'production', '--release', 'v1'], { ...lambda.aws.env, AWS_STAND_IN_VERSION: '1.16.0' });
    expect(old.output).toContain('Target.lambda: the AWS CLI 1.16.0 is too old. Install the AWS CLI, version 2.13 or 1.29, or later, in setupSteps. Nothing was changed.');
    const other = await lambda.world.run(['deploy', 'production', '--release', 'v1'], { ...lambda.aws.env, AWS_STAND_IN_VERSION: 'none' });
    expect(other.output).toContain('the aws on this machine is not the AWS CLI: aws --version printed no version of it. Install the AWS CLI');
    const withoutAws = (process.env.PATH ?? '').split(':').filter((folder) => !/pyenv/.test(folder)).join(':');
    const none = await lambda.world.run(['deploy', 'production', '--release', 'v1'], { ...lambda.aws.env, PATH: withoutAws });
    expect([old.code, other.code, none.code]).toEqual([2, 2, 2]);
    expect(none.output).toContain('Target.lambda: aws was not found on this machine. Install the AWS CLI, version 2');
    expect(lambda.aws.changes).toEqual([]);
  });

  it.each<[FaultKind, string]>([['denied', 'Add the permissions'], ['expired', 'Sign in'], ['signedOut', 'aws configure". Sign in before the deployment: set login: Login.aws']])('%s is an error with its fix', async (how, fix) => {
    lambda = await LambdaWorld.create();
    lambda.aws.fails({ on: 'get-function-configuration', nth: 1, times: 99, how });
    const ended = await lambda.ship('v1');
    expect(ended.code).toBe(2);
    expect(ended.output).toContain(fix);
    expect(lambda.aws.changes).toEqual([]);
  });

  it('does not begin if Stable could not be restored', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    await lambda.ship('v2');
    lambda.aws.moveByHand('1');
    lambda.aws.delete('3');
    lambda.aws.fails();
    const ended = await lambda.ship('v3');
    expect(ended.code).toBe(2);
    expect(ended.output).toContain('has no version with v2');
    expect(ended.output).toContain('so a bad release could not be rolled back');
    expect(lambda.aws.changes).toEqual([]);
  });
});
