/** Target.awsCdk through the bundled runtime, with the stand-in for the CDK CLI and CloudFormation as real processes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

it('a rollback by hand that is asked for twice deploys the assembly of Stable once', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  await cdk.ship('v2');
  const rollback = ['rollback', 'production', '--release', 'v1', '--reason', 'a test'];
  cdk.aws.fails();
  expect((await cdk.deliver(...rollback)).code).toBe(0);
  expect((await cdk.deliver(...rollback)).output).toContain('nothing to do');
  expect(cdk.aws.changes).toEqual(['cdk deploy']);
  await cdk.stands('v1');
});

it('a reference between stacks that a bad release added goes back in the other order', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  const ended = await cdk.ship('v2', 'bad', { reference: 'table' });
  expect(ended.output).toContain('deploy the stacks in reverse order first');
  expect(ended.code).toBe(1);
  await cdk.stands('v1');
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

it('stacks that were there before are adopted without a rollback point, and the next deployment begins', async () => {
  cdk = await AwsCdkWorld.create();
  cdk.aws.reset({ stacks: { 'shop-api': { status: 'UPDATE_COMPLETE', events: [], template: { Metadata: { release: 'v0' } } } } });
  writeFileSync(join(cdk.world.root, 'machine/the-stack'), 'v0');
  writeFileSync(join(cdk.world.root, 'machine/live'), 'the-stack');
  cdk.world.release('v0');
  expect((await cdk.deliver('adopt', 'production', '--release', 'v0')).code).toBe(0);
  expect((await cdk.ship('v1')).code).toBe(0);
  await cdk.stands('v1');
});

it('a stack that someone changed after the plan was made is found, and nothing is deployed', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.build('v2');
  const file = 'machine/plan.json';
  expect((await cdk.deliver('plan', 'production', '--release', 'v2', '--out', file)).code).toBe(0);
  cdk.aws.byHand('shop-api', { template: { Metadata: { release: 'by hand' }, Resources: { Queue: { Type: 'AWS::SQS::Queue' } } } });
  const ended = await cdk.deliver('deploy', 'production', '--plan', file);
  expect([ended.code, ended.output]).toEqual([2, expect.stringContaining('changedByHand: nothing in the plan, "')]);
  expect(ended.output).toMatch(/changes\["removed AWS::SQS::Queue .*"\]: nothing in the plan, listed now/);
  expect(cdk.aws.changes).toEqual(['cdk deploy']);
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

  it('do not include the value of a template parameter: it belongs to the environment, and releases and rollbacks keep it', async () => {
    cdk = await AwsCdkWorld.create();
    await cdk.ship('v1');
    cdk.aws.byHand('shop-api', { parameters: { Mode: 'by hand' } });
    await cdk.stands('v1');
    expect((await cdk.ship('v2', 'bad')).code).toBe(1);
    await cdk.stands('v1');
    expect((await cdk.ship('v3')).code).toBe(0);
    expect(cdk.aws.account.stacks['shop-api']!.parameters).toEqual({ Mode: 'by hand' });
  });
});
