/** Target.lambda with an engine that throttles, fails, hangs or refuses at every call that matters, before and after the change took effect. */
import { LambdaWorld } from './lambda-world';
import { FaultKind } from '../../../../tools/aws-cli-stand-in/stand-in';

let lambda: LambdaWorld;
afterEach(() => lambda.world.destroy());

describe('an engine that fails', () => {
  it.each<[FaultKind, string]>([
    ['throttled', 'update-function-code'], ['throttled', 'publish-version'], ['throttled', 'update-alias'], ['throttled', 'get-alias'],
    ['unavailable', 'update-function-code'], ['unavailable', 'publish-version'], ['unavailable', 'update-alias'], ['unavailable', 'list-versions-by-function'],
    ['appliedUnavailable', 'update-function-code'], ['appliedUnavailable', 'publish-version'], ['appliedUnavailable', 'update-alias'],
    ['busy', 'update-function-code'], ['busy', 'publish-version'],
  ])('%s at %s: the deployment ends as without', async (how, on) => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.aws.fails({ on, nth: 1, how });
    expect((await lambda.ship('v2')).code).toBe(0);
    expect(lambda.aws.described).toHaveLength(2);
    await lambda.stands('v2');
  });

  it.each<[FaultKind, string]>([
    ['throttled', 'update-alias'], ['unavailable', 'update-alias'], ['appliedUnavailable', 'update-alias'], ['other', 'update-alias'],
  ])('%s at %s: the rollback ends verified', async (how, on) => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.aws.fails({ on, nth: 2, how });
    expect((await lambda.ship('v2', 'bad')).code).toBe(1);
    expect((await lambda.status()).last?.state).toBe('rolledBack');
    await lambda.stands('v1');
  });

  it.each<FaultKind>(['hangs', 'appliedHangs'])('%s at update-alias: the command is stopped at its time limit, and Stable is restored', async (how) => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.limitCommands(15_000);
    lambda.aws.fails({ on: 'update-alias', nth: 1, how });
    expect((await lambda.ship('v2')).code).toBe(1);
    expect((await lambda.status()).last?.state).toBe('rolledBack');
    await lambda.stands('v1');
  });

  it('permission that is missing during the deployment: Stable is restored', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.aws.fails({ on: 'update-alias', nth: 1, how: 'denied' });
    const ended = await lambda.ship('v2');
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('deploy failed: lambda update-alias: AccessDeniedException');
    await lambda.stands('v1');
  });

  it('gives way to someone else who moves the alias at the same moment, and restores Stable', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.aws.fails({ on: 'update-alias', nth: 1, how: 'other' });
    const ended = await lambda.ship('v2');
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('someone else moved live from version 2 to version 1 meanwhile');
    await lambda.stands('v1');
  });

  it('halts if the rollback is rejected', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.aws.fails({ on: 'update-alias', nth: 2, times: 9, how: 'denied' });
    expect((await lambda.ship('v2', 'bad')).code).toBe(3);
    expect((await lambda.status()).last?.state).toBe('halted');
  });
});
