/** Target.lambda with an engine that throttles, fails, hangs or refuses at every call that matters, before and after the change took effect. */
import { LambdaWorld } from './lambda-world';
import { Fault, FaultKind } from '../../../tools/aws-cli-stand-in/stand-in';

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

  it.each<[string, Fault, string, RegExp, string]>([
    ['a conflict', { on: 'update-alias', nth: 1, how: 'other' }, 'halted', /someone else moved live from version 2 to version 1 meanwhile; it serves version 1, which no delivery published, which is left alone/, 'v0'],
    ['a permission that is missing', { on: 'update-alias', nth: 1, how: 'denied' }, 'rolledBack', /deploy failed: lambda update-alias: AccessDeniedException/, 'v1'],
    ['AWS is not reached', { on: 'update-alias', nth: 1, times: 99, how: 'unreachable' }, 'rolledBack', /Could not connect|time limit has passed/, 'v1'],
    ['no space for the code', { on: 'update-function-code', nth: 1, how: 'full' }, 'rolledBack', /CodeStorageExceededException/, 'v1'],
    ['a sign-in that expired', { on: 'update-alias', nth: 1, how: 'expired' }, 'rolledBack', /ExpiredTokenException/, 'v1'],
  ])('is not the release\'s fault: %s', async (_, fault, state, cause, users) => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.limitCommands(12_000);
    lambda.aws.fails(fault);
    expect((await lambda.ship('v2')).code).toBe(state === 'halted' ? 3 : 1);
    lambda.aws.fails();
    expect(await lambda.aftermath()).toEqual({ state, cause: expect.stringMatching(cause), blocked: [], users });
    if (state === 'rolledBack') expect((await lambda.deploy('v2')).code).toBe(0);
  });

  it('halts if the rollback is rejected', async () => {
    lambda = await LambdaWorld.create();
    await lambda.ship('v1');
    lambda.aws.fails({ on: 'update-alias', nth: 2, times: 9, how: 'denied' });
    expect((await lambda.ship('v2', 'bad')).code).toBe(3);
    expect((await lambda.status()).last?.state).toBe('halted');
  });
});
