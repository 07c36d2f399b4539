/** Target.awsCdk through the bundled runtime, with the stand-in for the CDK CLI and CloudFormation as real processes. */
import { AwsCdkWorld } from './aws-cdk-world';

let cdk: AwsCdkWorld;
afterEach(() => cdk.world.destroy());

it('a deployment deploys the selected stack and what it depends on, and the ledger names both by their templates', async () => {
  cdk = await AwsCdkWorld.create();
  expect((await cdk.ship('v1')).code).toBe(0);
  expect(Object.keys(cdk.aws.account.stacks)).toEqual(['shop-data', 'shop-api']);
  expect(cdk.aws.changes).toEqual(['cdk deploy']);
  await cdk.stands('v1');
});

it('a bad release is followed by the assembly of Stable, and an unchanged template changes nothing', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  const ended = await cdk.ship('v2', 'bad');
  expect(ended.code).toBe(1);
  expect(ended.output).toContain('shop-data (no changes)');
  expect(ended.output).toContain('deploy again succeeded');
  await cdk.stands('v1');
  expect((await cdk.status()).last?.state).toBe('rolledBack');
});

it('what CloudFormation refuses is named, and not tried again', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.aws.fails();
  const ended = await cdk.ship('v2', 'good', { how: 'fails' });
  expect(ended.code).toBe(1);
  expect(ended.output).toContain('deploy failed: cdk deploy: shop-api failed to deploy. shop-api: Broken (AWS::SSM::Parameter) UPDATE_FAILED: Value is not supported');
  // the release and Stable
  expect(cdk.aws.changes).toEqual(['cdk deploy', 'cdk deploy']);
  expect(cdk.aws.status('shop-api')).toBe('UPDATE_ROLLBACK_COMPLETE');
  await cdk.stands('v1');
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

describe('stacks that someone changed by hand', () => {
  const other = { template: { Metadata: { release: 'by hand' } } };

  it('are shown by plan and status, and the next deployment replaces the change', async () => {
    cdk = await AwsCdkWorld.create();
    await cdk.ship('v1');
    cdk.aws.byHand('shop-api', other);
    expect((await cdk.status()).changedByHand).toContain('the ledger says v1');
    expect((await cdk.deliver('plan', 'production', '--release', 'v1')).output).toContain('changed by hand');
    expect((await cdk.ship('v2')).code).toBe(0);
    await cdk.stands('v2');
  });

  it('are restored by a rollback to Stable', async () => {
    cdk = await AwsCdkWorld.create();
    await cdk.ship('v1');
    cdk.aws.byHand('shop-api', other);
    expect((await cdk.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).code).toBe(0);
    await cdk.stands('v1');
  });

  it('are named as an earlier release where it is one, and a stack that is gone counts, too', async () => {
    cdk = await AwsCdkWorld.create();
    await cdk.ship('v1');
    const { template } = cdk.aws.account.stacks['shop-api']!;
    await cdk.ship('v2');
    cdk.aws.byHand('shop-api', { template });
    expect((await cdk.status()).changedByHand).toMatch(/serves v1 .* the ledger says v2/);
    const { stacks: { 'shop-data': _, ...stacks }, ...account } = cdk.aws.account;
    cdk.aws.account = { ...account, stacks };
    expect((await cdk.status()).changedByHand).toContain('shop-data:missing');
  });
});
