/** Target.awsCdk with changeSet: review, as steps of runs of CI: through the bundled runtime, with the stand-in for the CDK CLI and CloudFormation. */
import { ReviewRun, ReviewWorld } from './aws-cdk-review-world';
import { AwsCdkDriverManifest } from '../../../src/engines/aws-cdk/manifest';
import { reviewIn } from '../../../src/engines/aws-cdk/runtime/review';
import { Ended } from '../../runtime/world';

let jobs: ReviewWorld;
afterEach(() => jobs.cdk.world.destroy());

const TABLE = { Table: { Type: 'AWS::DynamoDB::Table', Metadata: { replacement: 'True' }, Properties: { TableName: 'orders' } } };
const OTHER_TABLE = { Table: { ...TABLE.Table, Properties: { TableName: 'orders-2' } }, Role: { Type: 'AWS::IAM::Role', Properties: {} } };

/** A first release, and the plan of the second. */
async function planned(options: Parameters<ReviewWorld['build']>[2] = {}): Promise<{ run: ReviewRun; plan: Ended }> {
  jobs = await ReviewWorld.create();
  expect((await jobs.ship('v1', 'good', { resources: TABLE })).code).toBe(0);
  jobs.aws.fails();
  const run = jobs.build('v2', 'good', { resources: OTHER_TABLE, ...options });
  return { run, plan: await jobs.plan(run) };
}

/** The page of the plan, as people see it. */
const shown = ({ summary }: Ended) => summary.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))).replaceAll('\\', '');

const setsOf = (stack: string) => (jobs.aws.account.stacks[stack]?.changeSets ?? []).map(({ name }) => name);

it('the plan prepares the change sets and shows what they do, permissions first; the deployment executes exactly those', async () => {
  const { run, plan } = await planned();
  expect(plan.code).toBe(0);
  expect(plan.outputs.go).toBe('true');
  expect(jobs.aws.changes).toEqual(['cdk prepare', 'cdk prepare']);
  expect(jobs.aws.served).toBe('v1');
  const rows = shown(plan).split('\n').filter((line) => /^\|.*AWS::(IAM|DynamoDB)/.test(line));
  expect(rows[0]).toMatch(/added \(permissions\).*AWS::IAM::Role.*shop-api: Role/);
  expect(rows[1]).toMatch(/REPLACED.*AWS::DynamoDB::Table.*shop-api: Table.*TableName/);
  expect(shown(plan)).toContain('a rollback does not restore its data');
  const review = reviewIn(plan.outputs.review)!;
  expect(review.changeSet).toMatch(new RegExp(`^delivery-production-${run.id}-1-[0-9a-f]{7}$`));
  expect(review.stacks.map(({ kind, stackName }) => [stackName, kind])).toEqual([['shop-data', 'unchanged'], ['shop-api', 'changeSet']]);
  jobs.aws.fails();
  const ended = await jobs.deploy(run, plan);
  expect(ended.output).toContain('by the change sets that were reviewed');
  expect(ended.code).toBe(0);
  expect(jobs.aws.changes).toEqual(['execute-change-set']);
  expect((await jobs.monitor(run)).code).toBe(0);
  await jobs.cdk.stands('v2');
});

it('a first deployment: the stacks wait for their change sets, and the plan can be repeated', async () => {
  jobs = await ReviewWorld.create();
  const run = jobs.build('v1');
  await jobs.plan(run);
  expect(jobs.aws.status('shop-api')).toBe('REVIEW_IN_PROGRESS');
  const plan = await jobs.plan(run, 2);
  expect(plan.code).toBe(0);
  // those of the first attempt are gone
  expect(setsOf('shop-api')).toEqual([reviewIn(plan.outputs.review)!.changeSet]);
  expect((await jobs.deploy(run, plan, 2)).code).toBe(0);
  await jobs.monitor(run);
  await jobs.cdk.stands('v1');
});

it('a plan that no one approved is followed by the next one; after it, the first can no longer be approved', async () => {
  const { run, plan } = await planned();
  const next = jobs.build('v3');
  expect((await jobs.deploy(next, await jobs.plan(next))).code).toBe(0);
  await jobs.monitor(next);
  expect(setsOf('shop-api')).toHaveLength(1);
  jobs.aws.fails();
  expect((await jobs.deploy(run, plan)).code).toBe(2);
  expect(jobs.aws.changes).toEqual([]);
  await jobs.cdk.stands('v3');
});

it('change sets that are older than any approval are deleted, and others stay', async () => {
  jobs = await ReviewWorld.create();
  await jobs.ship('v1');
  const changeSets = [
    { name: 'delivery-production-7-1-0123456', arn: 'a/old', createdAt: '2020-01-01T00:00:00Z' },
    { name: 'delivery-production-8-1-0123456', arn: 'a/new', createdAt: new Date().toISOString() },
    { name: 'by-hand', arn: 'a/hand', createdAt: '2020-01-01T00:00:00Z' },
  ];
  jobs.aws.byHand('shop-api', { changeSets });
  await jobs.plan(jobs.build('v2'));
  expect(setsOf('shop-api').slice(0, 2)).toEqual(['delivery-production-8-1-0123456', 'by-hand']);
  expect(setsOf('shop-api')).toHaveLength(3);
});

describe('a stack that moved after the plan is refused before anything changes', () => {
  const moves: readonly (readonly [string, () => void, string])[] = [
    ['another deployment', () => jobs.aws.byHand('shop-api', { updatedAt: 'later', changeSets: [] }), 'the stack shop-api has changed since the plan'],
    ['another status', () => jobs.aws.byHand('shop-api', { status: 'UPDATE_ROLLBACK_COMPLETE' }), 'it is UPDATE_ROLLBACK_COMPLETE'],
    ['a change set that is gone', () => jobs.aws.byHand('shop-api', { changeSets: [] }), 'that was reviewed is gone'],
    ['a change set of the same name that someone made again', () => jobs.aws.byHand('shop-api', { changeSets: remade({ arn: 'arn:x/other' }) }), 'that was reviewed is gone'],
    ['a change set that is obsolete', () => jobs.aws.byHand('shop-api', { changeSets: remade({ executionStatus: 'OBSOLETE' }) }), 'that was reviewed is OBSOLETE'],
    ['an unchanged stack that someone changed', () => jobs.aws.byHand('shop-data', { updatedAt: 'later' }), 'the stack shop-data has changed since the plan'],
    ['a stack that is gone', () => {
      const { stacks: { 'shop-data': _, ...stacks }, ...account } = jobs.aws.account;
      jobs.aws.account = { ...account, stacks };
    }, 'there is no such stack'],
  ];
  const remade = (changes: object) => jobs.aws.account.stacks['shop-api']!.changeSets!.map((one) => ({ ...one, ...changes }));

  it.each(moves)('%s', async (_, move, message) => {
    const { run, plan } = await planned();
    move();
    jobs.aws.fails();
    const ended = await jobs.deploy(run, plan);
    expect(ended.output).toContain(message);
    expect(ended.output).toContain('Start a new run to deploy');
    expect(ended.output).toContain('Nothing was changed');
    expect(ended.code).toBe(2);
    expect(jobs.aws.changes).toEqual([]);
    expect((await jobs.cdk.status()).last?.state).toBe('stable');
  });
});

it('a plan again after a stack moved prepares new change sets', async () => {
  const { run, plan } = await planned();
  jobs.aws.byHand('shop-api', { updatedAt: 'later', changeSets: [] });
  await jobs.deploy(run, plan);
  expect((await jobs.deploy(run, await jobs.plan(run, 2), 2)).code).toBe(0);
  await jobs.monitor(run);
  await jobs.cdk.stands('v2');
});

it('a job that is run again executes what the plan of the first attempt prepared', async () => {
  const { run, plan } = await planned();
  jobs.aws.fails({ on: 'describe-stacks', nth: 1, times: 99, how: 'denied' });
  expect((await jobs.deploy(run, plan)).code).toBe(2);
  jobs.aws.fails();
  expect((await jobs.deploy(run, plan, 2)).code).toBe(0);
  expect(jobs.aws.changes).toEqual(['execute-change-set']);
});

it('a job without a plan is refused', async () => {
  const { run, plan } = await planned();
  const ended = await jobs.deploy(run, { ...plan, outputs: {} });
  expect(ended.output).toContain('the plan of this run has prepared no change sets');
  expect(ended.code).toBe(2);
});

it('a change set that cannot be prepared before another stack is deployed is named, and made from the template that was shown', async () => {
  jobs = await ReviewWorld.create();
  const run = jobs.build('v1', 'good', { reference: 'table', resources: TABLE });
  const plan = await jobs.plan(run);
  expect(plan.code).toBe(0);
  expect(shown(plan)).toContain('cannot prepare a change set of shop-api before shop-data is deployed');
  expect(shown(plan)).toContain('No export named table found');
  expect(shown(plan)).toMatch(/added.*AWS::DynamoDB::Table/);
  expect(setsOf('shop-api')).toEqual([]);
  jobs.aws.fails();
  expect((await jobs.deploy(run, plan)).code).toBe(0);
  expect(jobs.aws.changes).toEqual(['execute-change-set', 'cdk deploy']);
  await jobs.monitor(run);
  await jobs.cdk.stands('v1');
});

it('a change set that cannot be prepared is a fault of the plan: no one is asked', async () => {
  jobs = await ReviewWorld.create();
  await jobs.ship('v1');
  const run = jobs.build('v2');
  jobs.aws.fails({ on: 'cdk prepare', nth: 2, how: 'denied' });
  const plan = await jobs.plan(run);
  expect(plan.code).toBe(2);
  expect(plan.outputs).toMatchObject({ go: 'false' });
  expect(plan.outputs.review).toBeUndefined();
  expect(plan.output).toContain('the changes could not be prepared for the approval: cdk deploy: AccessDenied');
  expect(plan.output).toContain('planRole in Login.aws');
});

it.each([
  ['a stack whose creation failed', { status: 'ROLLBACK_COMPLETE' }, {}, 'Delete it: aws cloudformation delete-stack --stack-name shop-api'],
  ['termination protection that the CDK would remove', { isProtected: true }, {}, '--no-enable-termination-protection --stack-name shop-api'],
  ['termination protection that the CDK would set', {}, { isProtected: true }, '--enable-termination-protection --stack-name shop-api'],
  ['a stack that is stuck', { status: 'UPDATE_ROLLBACK_FAILED' }, {}, 'continue-update-rollback --stack-name shop-api'],
])('%s is refused by the plan, which changes nothing', async (_, stack, options, fix) => {
  jobs = await ReviewWorld.create();
  await jobs.ship('v1');
  jobs.aws.byHand('shop-api', stack);
  jobs.aws.fails();
  const plan = await jobs.plan(jobs.build('v2', 'good', options));
  expect(plan.output).toContain(fix);
  expect(plan.code).toBe(2);
  expect(jobs.aws.changes).toEqual([]);
});

it('a plan that does not show every resource says how to list them', async () => {
  jobs = await ReviewWorld.create();
  const resources = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`Parameter${i}`, { Type: 'AWS::SSM::Parameter' }]));
  const plan = await jobs.plan(jobs.build('v1', 'good', { resources }));
  const { changeSet } = reviewIn(plan.outputs.review)!;
  expect(shown(plan)).toContain(`52 resources change, and the table shows the 50 most important ones. All of them: aws cloudformation describe-change-set --change-set-name ${changeSet}`);
});

it('a bad release is followed by Stable, without a review', async () => {
  jobs = await ReviewWorld.create();
  await jobs.ship('v1');
  const run = jobs.build('v2', 'bad');
  const plan = await jobs.plan(run);
  jobs.aws.fails();
  expect((await jobs.deploy(run, plan)).code).toBe(1);
  expect(jobs.aws.changes).toEqual(['execute-change-set', 'cdk deploy']);
  await jobs.cdk.stands('v1');
});

it('what CloudFormation refuses while it executes is named, and Stable is restored', async () => {
  jobs = await ReviewWorld.create();
  await jobs.ship('v1');
  const run = jobs.build('v2', 'good', { how: 'fails' });
  const ended = await jobs.deploy(run, await jobs.plan(run));
  expect(ended.output).toContain('deploy failed: the change set of shop-api: the stack is UPDATE_ROLLBACK_COMPLETE. shop-api: Broken (AWS::SSM::Parameter) UPDATE_FAILED: Value is not supported');
  expect(ended.code).toBe(1);
  await jobs.cdk.stands('v1');
});

it('a plan beside the build prepares nothing; it is a fault only where a person is to approve change sets', async () => {
  jobs = await ReviewWorld.create();
  const run = { ...jobs.build('v1'), digest: '' };
  const plan = await jobs.plan(run);
  expect(plan.output).toContain('this job runs beside the build, so there is nothing to prepare');
  expect(plan.code).toBe(2);
  const { driver, ...target } = jobs.cdk.world.manifest.environments[0]!.target;
  const { changeSet: _, ...settings } = driver as AwsCdkDriverManifest;
  jobs.cdk.world.change({ target: { ...target, driver: settings } });
  const plain = await jobs.plan(run);
  expect(plain.outputs.go).toBe('true');
  expect(plain.code).toBe(0);
  expect(jobs.aws.changes).toEqual([]);
});

it('a CLI that would deploy instead, or that does not say what is kept, prepares nothing', async () => {
  jobs = await ReviewWorld.create();
  const run = jobs.build('v1');
  for (const [env, problem] of [
    [{ CDK_STAND_IN_CDK: '2.43.1' }, 'changeSet: the CDK CLI 2.43.1 cannot prepare a change set (--method, since 2.44.0), and would deploy before the approval. Install a CDK CLI'],
    [{ CDK_STAND_IN_CDK: 'none' }, 'cdk --version printed no version of it. Install a CDK CLI'],
    [{ CDK_STAND_IN_AWS: '2.15.10' }, 'the AWS CLI 2.15.10 is too old. Install the AWS CLI, version 2.16 or 1.33, or later, in setupSteps'],
  ] as const) {
    const plan = await jobs.plan(run, 1, undefined, env);
    expect([plan.code, plan.output]).toEqual([2, expect.stringContaining(problem)]);
  }
  expect(jobs.aws.changes).toEqual([]);
});

it('on a laptop no one approves: the plan prepares nothing, and the deployment makes its own change sets', async () => {
  jobs = await ReviewWorld.create();
  jobs.cdk.build('v1');
  expect((await jobs.cdk.deliver('plan', 'production', '--release', 'v1')).code).toBe(0);
  expect(jobs.aws.changes).toEqual([]);
  expect((await jobs.cdk.deploy('v1')).code).toBe(0);
  expect(jobs.aws.changes).toEqual(['cdk deploy']);
  await jobs.cdk.stands('v1');
});

it('the plan of a frozen environment prepares nothing', async () => {
  jobs = await ReviewWorld.create();
  await jobs.ship('v1');
  const run = jobs.build('v2');
  jobs.aws.fails();
  jobs.cdk.world.change({ freezes: [{ kind: 'between', from: '2020-01-01T00:00', until: '2100-01-01T00:00', timeZone: 'UTC' }] } as never);
  expect((await jobs.plan(run)).outputs.go).toBe('false');
  expect(jobs.aws.changes).toEqual([]);
});
