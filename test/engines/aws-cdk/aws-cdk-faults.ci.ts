/** Target.awsCdk with an account that throttles, fails, hangs or refuses at every call that matters, before and after the change took effect. */
import { AwsCdkWorld } from './aws-cdk-world';
import { CdkFault, CdkFaultKind, Course, UNTIL_CANCELLED } from '../../../tools/aws-cdk-stand-in/stand-in';

let cdk: AwsCdkWorld;
afterEach(() => cdk.world.destroy());

it.each<[CdkFaultKind, string]>([
  ['throttled', 'cdk deploy'], ['unavailable', 'cdk deploy'], ['appliedUnavailable', 'cdk deploy'],
  ['throttled', 'describe-stacks'], ['unavailable', 'describe-stacks'], ['throttled', 'get-template'], ['unavailable', 'get-template'],
  ['throttled', 'get-caller-identity'], ['throttled', 'get-parameter'], ['denied', 'head-object'],
])('%s at %s: the deployment ends as without', async (how, on) => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.aws.fails({ on, nth: 1, how });
  expect((await cdk.ship('v2')).code).toBe(0);
  await cdk.stands('v2');
});

it.each<[CdkFaultKind, string]>([
  ['throttled', 'cdk deploy'], ['unavailable', 'cdk deploy'], ['appliedUnavailable', 'cdk deploy'],
])('%s at %s: the rollback ends verified', async (how, on) => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.aws.fails({ on, nth: 2, how });
  expect((await cdk.ship('v2', 'bad')).code).toBe(1);
  expect((await cdk.status()).last?.state).toBe('rolledBack');
  await cdk.stands('v1');
});

it.each<CdkFaultKind>(['throttled', 'unavailable', 'appliedUnavailable'])('%s at continue-update-rollback: the stack is released all the same', async (how) => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.aws.fails({ on: 'continue-update-rollback', nth: 1, how });
  expect((await cdk.ship('v2', 'good', { how: 'sticks' })).code).toBe(1);
  await cdk.stands('v1');
});

it.each<CdkFaultKind>(['hangs', 'appliedHangs'])('%s at cdk deploy: the command is stopped at its time limit, and Stable is restored', async (how) => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.limitCommands(30_000);
  cdk.aws.fails({ on: 'cdk deploy', nth: 1, how });
  expect((await cdk.ship('v2', 'good', { looks: 20 })).code).toBe(1);
  expect((await cdk.status()).last?.state).toBe('rolledBack');
  await cdk.stands('v1');
});

it.each<[string, CdkFault, string, RegExp, string]>([
  ['a conflict', { on: 'cdk deploy', nth: 1, how: 'other' }, 'halted', /someone else changed shop-data, shop-api meanwhile; it serves .* which is left alone/, 'v0'],
  ['a permission that is missing', { on: 'cdk deploy', nth: 1, how: 'denied' }, 'rolledBack', /deploy failed: cdk deploy: AccessDenied/, 'v1'],
  ['AWS is not reached', { on: 'cdk deploy', nth: 1, times: 4, how: 'unreachable' }, 'rolledBack', /ECONNREFUSED/, 'v1'],
  ['no space on this machine', { on: 'cdk deploy', nth: 1, how: 'full' }, 'rolledBack', /ENOSPC/, 'v1'],
  ['a sign-in that expired', { on: 'cdk deploy', nth: 1, how: 'expired' }, 'rolledBack', /ExpiredToken/, 'v1'],
])('is not the release\'s fault: %s', async (_, fault, state, cause, users) => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.aws.fails(fault);
  expect((await cdk.ship('v2')).code).toBe(state === 'halted' ? 3 : 1);
  expect(await cdk.aftermath()).toEqual({ state, cause: expect.stringMatching(cause), blocked: [], users });
});

it('someone else\'s update that does not end: nothing is changed', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.aws.byHand('shop-api', { status: 'UPDATE_IN_PROGRESS', isForeign: true });
  cdk.aws.fails();
  const ended = await cdk.ship('v2');
  expect(ended.code).toBe(2);
  expect(ended.output).toContain('someone else changes it');
  expect(cdk.aws.changes).toEqual([]);
});

it('halts if the rollback is refused', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.aws.fails({ on: 'cdk deploy', nth: 2, times: 9, how: 'denied' });
  expect((await cdk.ship('v2', 'bad')).code).toBe(3);
  expect((await cdk.status()).last?.state).toBe('halted');
});

it('a stack whose rollback got stuck is continued', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.aws.fails();
  expect((await cdk.ship('v2', 'good', { how: 'sticks' })).code).toBe(1);
  expect(cdk.aws.changes).toEqual(['cdk deploy', 'continue-update-rollback', 'cdk deploy']);
  await cdk.stands('v1');
});

it('a stack that stays stuck is halted with its failed resources; when it is repaired, a rollback continues', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  const ended = await cdk.ship('v2', 'good', { how: 'sticks', locked: 3 });
  expect(ended.code).toBe(3);
  expect(ended.output).toContain('the stack shop-api is UPDATE_ROLLBACK_FAILED');
  expect(ended.output).toContain('Guard (Custom::Guard) UPDATE_FAILED: the guard is locked');
  expect((await cdk.status()).live).toContain('UPDATE_ROLLBACK_FAILED');
  cdk.aws.fails();
  expect((await cdk.deliver('rollback', 'production', '--release', 'v1', '--reason', 'repaired')).code).toBe(0);
  expect(cdk.aws.changes).toEqual(['continue-update-rollback', 'cdk deploy']);
  await cdk.stands('v1');
});

it('an update that someone left failed is rolled back before Stable is deployed', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.aws.fails();
  expect((await cdk.ship('v2', 'good', { how: 'staysFailed' })).code).toBe(1);
  expect(cdk.aws.changes).toEqual(['cdk deploy', 'rollback-stack', 'cdk deploy']);
  await cdk.stands('v1');
});

describe('a deployment whose process is killed', () => {
  // until it is killed, the CDK waits, or CloudFormation updates
  const waits: CdkFault = { on: 'cdk deploy', nth: 1, how: 'waits' };
  it.each<[string, RegExp, Course, readonly CdkFault[], readonly string[]]>([
    ['before the CDK begins', /placed the files/, {}, [waits], []],
    ['while CloudFormation updates', /shop-api: deploying/, { looks: UNTIL_CANCELLED }, [], ['cancel-update-stack']],
    ['while users are asked', /Verify/, {}, [], []],
  ])('%s is recovered to Stable', async (_, pattern, course, faults, changes) => {
    cdk = await AwsCdkWorld.create();
    await cdk.ship('v1');
    cdk.aws.fails(...faults);
    const killed = await cdk.ship('v2', 'good', course, (line, stop) => {
      if (pattern.test(line)) stop('SIGKILL');
    });
    expect(killed.code).toBeNull();
    cdk.aws.fails();
    const ended = await cdk.deliver('rollback', 'production', '--recover');
    expect(cdk.aws.changes.filter((call) => call.startsWith('cancel'))).toEqual(changes);
    expect(ended.code).toBe(0);
    await cdk.stands('v1');
  });

  it('stays open while AWS is not reached, and is recovered later', async () => {
    cdk = await AwsCdkWorld.create();
    await cdk.ship('v1');
    await cdk.ship('v2', 'good', {}, (line, stop) => {
      if (line.includes('Verify')) stop('SIGKILL');
    });
    cdk.aws.fails({ on: 'get-caller-identity', nth: 1, times: 99, how: 'signedOut' });
    expect((await cdk.deliver('rollback', 'production', '--recover')).code).toBe(1);
    expect((await cdk.status()).last?.state).toBe('verifying');
    cdk.aws.fails();
    await cdk.deliver('rollback', 'production', '--recover');
    await cdk.stands('v1');
  });
});
