/** Target.awsCdk, the assets of Stable before the first change: through the bundled runtime, with the stand-in for the CDK CLI, S3 and ECR as real processes. */
import { AwsCdkWorld } from './aws-cdk-world';
import { CdkFaultKind } from '../../../tools/aws-cdk-stand-in/stand-in';

let cdk: AwsCdkWorld;
afterEach(() => cdk.world.destroy());

const FILE = 'cdk-hnb659fds-assets-000000000000/v1.zip';
const IMAGE = 'cdk-hnb659fds-container-assets:v1';

/** v1 is Stable, and its assets are gone, as after `cdk gc`. */
async function withoutAssets(account: { readonly hasDocker?: boolean } = {}): Promise<void> {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1', 'good', { hasImage: true });
  expect(cdk.aws.account).toMatchObject({ objects: [FILE], images: [IMAGE] });
  cdk.aws.account = { ...cdk.aws.account, objects: [], images: [], ...account };
  cdk.aws.fails();
}

it('both kinds are looked for, and what is there is not published again', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1', 'good', { hasImage: true });
  cdk.aws.fails();
  expect((await cdk.ship('v2')).code).toBe(0);
  expect(cdk.aws.calls).toEqual(expect.arrayContaining(['head-object', 'describe-images']));
  expect(cdk.aws.changes).toEqual(['cdk deploy']);
});

it('what is gone is published again from the assembly of Stable before the first change', async () => {
  await withoutAssets();
  const ended = await cdk.ship('v2', 'bad');
  expect(ended.output).toContain(`2 of 2 assets of v1 are gone: s3://${FILE}, ${IMAGE}`);
  expect(ended.output).toContain('A container image of v1 is built again');
  expect(ended.output).toContain('the assets of v1 are published again');
  expect(ended.code).toBe(1);
  expect(cdk.aws.changes).toEqual(['cdk publish-assets', 'cdk deploy', 'cdk deploy']);
  await cdk.stands('v1');
});

it('an image that cannot be built again refuses the deployment, with the fix', async () => {
  await withoutAssets({ hasDocker: false });
  const ended = await cdk.ship('v2');
  expect(ended.code).toBe(2);
  expect(ended.output).toContain('so a bad release could not be rolled back: cdk publish-assets: Failed to build asset: Unable to execute docker');
  expect(ended.output).toContain('Publish them from the cloud assembly of v1, where docker runs');
  expect(ended.output).toContain('Nothing was changed');
  expect(cdk.aws.changes).toEqual(['cdk publish-assets']);
  await cdk.stands('v1');
});

it.each<CdkFaultKind>(['throttled', 'unavailable', 'denied'])('%s at cdk publish-assets: nothing is changed, and the next deployment publishes them', async (how) => {
  await withoutAssets();
  cdk.aws.fails({ on: 'cdk publish-assets', nth: 1, how });
  const ended = await cdk.ship('v2');
  expect(ended.code).toBe(2);
  expect(cdk.aws.changes).toEqual(['cdk publish-assets']);
  expect((await cdk.deploy('v2')).code).toBe(0);
  await cdk.stands('v2');
});

it('a failure after they were published does not matter', async () => {
  await withoutAssets();
  cdk.aws.fails({ on: 'cdk publish-assets', nth: 1, how: 'appliedUnavailable' });
  expect((await cdk.ship('v2')).code).toBe(0);
  await cdk.stands('v2');
});

it.each<CdkFaultKind>(['killed', 'appliedKilled'])('%s at cdk publish-assets: nothing is open, and the next deployment begins', async (how) => {
  await withoutAssets();
  cdk.aws.fails({ on: 'cdk publish-assets', nth: 1, how });
  expect((await cdk.ship('v2')).code).toBeNull();
  expect((await cdk.status()).last?.state).toBe('stable');
  await cdk.stands('v1');
  cdk.aws.fails();
  expect((await cdk.deploy('v2')).code).toBe(0);
  expect(cdk.aws.changes).toEqual(how === 'killed' ? ['cdk publish-assets', 'cdk deploy'] : ['cdk deploy']);
  await cdk.stands('v2');
});

it('publishing that does not end is stopped at the time limit of a command', async () => {
  await withoutAssets();
  cdk.limitCommands(15_000);
  cdk.aws.fails({ on: 'cdk publish-assets', nth: 1, how: 'hangs' });
  const ended = await cdk.ship('v2');
  expect(ended.code).toBe(2);
  expect(ended.output).toContain('cdk publish-assets did not end in time');
  await cdk.stands('v1');
});

it('a repository that may not be read is named, and the rollback publishes what is gone', async () => {
  await withoutAssets();
  cdk.aws.fails({ on: 'describe-images', nth: 1, times: 9, how: 'denied' });
  const ended = await cdk.ship('v2', 'bad');
  expect(ended.output).toContain('the assets of v1 could not be looked for; a rollback publishes those that are gone');
  expect(ended.code).toBe(1);
  expect(cdk.aws.account.images).toContain(IMAGE);
  await cdk.stands('v1');
});

it('an older CLI than the assembly of Stable is refused before the first change', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.build('v2', 'good', { schema: 50 });
  const ended = await cdk.world.run(['deploy', 'production', '--release', 'v2'], { ...cdk.aws.env, CDK_STAND_IN_SCHEMA: '52' });
  expect(ended.code).toBe(2);
  expect(ended.output).toContain('This CDK CLI is not compatible');
  expect(ended.output).toContain('Install a CDK CLI that is at least as new as aws-cdk-lib');
  expect(ended.output).toContain('Nothing was changed');
  await cdk.stands('v1');
});
