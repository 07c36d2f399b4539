/** Target.awsCdk with drift as a part of the watch: through the bundled runtime, with the stand-in for CloudFormation as real processes. */
import { AwsCdkWorld } from './aws-cdk-world';
import { CdkFaultKind } from '../../../tools/aws-cdk-stand-in/stand-in';

const DAY_MS = 86_400_000;
const CHANGED = [{ LogicalResourceId: 'Table', ResourceType: 'AWS::DynamoDB::Table', StackResourceDriftStatus: 'MODIFIED', PropertyDifferences: [{ PropertyPath: '/BillingMode' }] }] as const;

let cdk: AwsCdkWorld;
afterEach(() => cdk.world.destroy());

async function begin(settings = { driftIntervalMs: DAY_MS }): Promise<void> {
  cdk = await AwsCdkWorld.create(settings);
  expect((await cdk.ship('v1')).code).toBe(0);
  cdk.watch();
  cdk.aws.fails();
}

const detections = () => cdk.aws.calls.filter((call) => call === 'detect-stack-drift').length;

/** As if the last detection of the stack `shop-api` was so long ago. */
function passes(ms: number): void {
  const { drift, updatedAt } = cdk.aws.account.stacks['shop-api']!;
  const earlier = (at: string) => new Date(Date.parse(at) - ms).toISOString();
  cdk.aws.byHand('shop-api', { updatedAt: earlier(updatedAt!), drift: { ...drift!, checkedAt: earlier(drift!.checkedAt) } });
}

it('CloudFormation looks once for each stack, not in each run, and again after a day and after a deployment', async () => {
  await begin();
  expect((await cdk.deliver('watch')).output).toContain('drift: the drift of the stack shop-api is not detected yet');
  expect(detections()).toBe(2);
  for (let run = 0; run < 3; run++) expect((await cdk.deliver('watch')).code).toBe(0);
  expect(detections()).toBe(2);
  passes(DAY_MS);
  await cdk.deliver('watch');
  expect(detections()).toBe(3);
  await cdk.ship('v2');
  await cdk.deliver('watch');
  // the stack shop-data was not updated
  expect(detections()).toBe(4);
});

it('fires one alert, looks every hour meanwhile, and ends it after the repair', async () => {
  await begin();
  cdk.aws.byHand('shop-api', { drifted: CHANGED });
  await cdk.deliver('watch');
  await cdk.deliver('watch');
  const fired = await cdk.deliver('watch');
  expect(fired.code).toBe(1);
  expect(fired.output).toContain('firing: production/drift');
  expect(fired.output).toContain('changed outside of the releases: shop-api: Table (AWS::DynamoDB::Table) modified: /BillingMode');
  cdk.aws.byHand('shop-api', { drifted: [] });
  expect((await cdk.deliver('watch')).code).toBe(1);
  passes(DAY_MS / 24);
  for (let run = 0; run < 3; run++) await cdk.deliver('watch');
  expect((await cdk.deliver('watch')).code).toBe(0);
  expect(cdk.notifications).toEqual([
    'laptop: production: resources were changed by hand',
    expect.stringMatching(/^laptop: production: the resources are as they were deployed again, after /),
  ]);
});

it.each<[CdkFaultKind, string]>([['denied', 'detect-stack-drift'], ['signedOut', 'describe-stacks'], ['unavailable', 'describe-stack-resource-drifts']])('%s at %s: an alert that fires goes on, and nothing else fails', async (how, on) => {
  await begin();
  cdk.aws.byHand('shop-api', { drifted: CHANGED });
  for (let run = 0; run < 3; run++) await cdk.deliver('watch');
  passes(DAY_MS);
  cdk.aws.fails({ on, nth: 1, times: 99, how });
  expect((await cdk.deliver('watch')).output).toContain('production/drift');
  expect(cdk.notifications).toEqual(['laptop: production: resources were changed by hand']);
});

it.each<CdkFaultKind>(['killed', 'appliedKilled'])('%s at detect-stack-drift: the next run goes on', async (how) => {
  await begin();
  cdk.aws.byHand('shop-api', { drifted: CHANGED });
  cdk.aws.fails({ on: 'detect-stack-drift', nth: 1, how });
  expect((await cdk.deliver('watch')).code).toBeNull();
  for (let run = 0; run < 3; run++) await cdk.deliver('watch');
  expect(cdk.notifications).toEqual(['laptop: production: resources were changed by hand']);
});

it('resources that the role does not read leave it unknown', async () => {
  await begin();
  cdk.aws.byHand('shop-api', { cannotCheck: true });
  for (let run = 0; run < 2; run++) await cdk.deliver('watch');
  const ended = await cdk.deliver('watch');
  expect(ended.output).toContain('CloudFormation could not check all resources of the stack shop-api');
  expect(ended.code).toBe(0);
});

it('without the option nothing is looked for', async () => {
  cdk = await AwsCdkWorld.create();
  await cdk.ship('v1');
  cdk.watch();
  cdk.aws.fails();
  expect((await cdk.deliver('watch')).output).not.toContain('drift');
  expect(detections()).toBe(0);
});
