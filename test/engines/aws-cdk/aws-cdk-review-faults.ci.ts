/** Change sets that are reviewed, with an account that throttles, fails, hangs or refuses at every call that matters, before and after it took effect. */
import { ReviewRun, ReviewWorld } from './aws-cdk-review-world';
import { CdkFaultKind } from '../../../tools/aws-cdk-stand-in/stand-in';
import { Ended } from '../../runtime/world';

let jobs: ReviewWorld;
afterEach(() => jobs.cdk.world.destroy());

async function second(): Promise<ReviewRun> {
  jobs = await ReviewWorld.create();
  await jobs.ship('v1');
  jobs.aws.fails();
  return jobs.build('v2');
}

async function finish(run: ReviewRun, deployed: Ended): Promise<void> {
  expect(deployed.code).toBe(0);
  await jobs.monitor(run);
  await jobs.cdk.stands('v2');
}

it.each<[CdkFaultKind, string]>([
  ['throttled', 'cdk prepare'], ['unavailable', 'cdk prepare'], ['appliedUnavailable', 'cdk prepare'],
  ['throttled', 'describe-change-set'], ['unavailable', 'describe-change-set'], ['throttled', 'list-change-sets'], ['unavailable', 'get-template'],
])('%s at %s: the plan prepares as without', async (how, on) => {
  const run = await second();
  jobs.aws.fails({ on, nth: 1, how });
  const plan = await jobs.plan(run);
  expect(plan.code).toBe(0);
  await finish(run, await jobs.deploy(run, plan));
});

it.each<CdkFaultKind>(['hangs', 'appliedHangs'])('%s at cdk prepare: the plan ends at its time limit, and its next attempt prepares', async (how) => {
  const run = await second();
  jobs.cdk.limitCommands(15_000);
  jobs.aws.fails({ on: 'cdk prepare', nth: 2, how });
  const plan = await jobs.plan(run);
  expect([0, 2]).toContain(plan.code);
  expect(jobs.aws.served).toBe('v1');
  jobs.aws.fails();
  jobs.cdk.limitCommands(60_000);
  const next = await jobs.plan(run, 2);
  await finish(run, await jobs.deploy(run, next, 2));
});

it.each<[CdkFaultKind, string]>([
  ['throttled', 'execute-change-set'], ['unavailable', 'execute-change-set'], ['appliedUnavailable', 'execute-change-set'],
  ['throttled', 'describe-change-set'], ['unavailable', 'describe-change-set'],
])('%s at %s: the deployment ends as without', async (how, on) => {
  const run = await second();
  const plan = await jobs.plan(run);
  jobs.aws.fails({ on, nth: 1, how });
  const deployed = await jobs.deploy(run, plan);
  // the change set is executed once
  expect(jobs.aws.account.stacks['shop-api']!.events.filter((event) => JSON.stringify(event).includes('User Initiated'))).toHaveLength(2);
  await finish(run, deployed);
});

it('permission that is missing for the execution: nothing of the release is left', async () => {
  const run = await second();
  const plan = await jobs.plan(run);
  jobs.aws.fails({ on: 'execute-change-set', nth: 1, how: 'denied' });
  const deployed = await jobs.deploy(run, plan);
  expect(deployed.code).toBe(1);
  expect(deployed.output).toContain('deploy failed: cloudformation execute-change-set: AccessDenied');
  await jobs.cdk.stands('v1');
});

it.each([
  // the last look before the execution
  ['describe-stacks', 10, 'the stack shop-api has changed since the plan'],
  ['execute-change-set', 1, 'cloudformation execute-change-set: ChangeSetNotFound'],
] as const)('someone who deploys between the check and the execution, at %s: it is not executed, and Stable is restored', async (on, nth, message) => {
  const run = await second();
  const plan = await jobs.plan(run);
  jobs.aws.fails({ on, nth, how: 'other' });
  const deployed = await jobs.deploy(run, plan);
  expect(deployed.code).toBe(1);
  expect(deployed.output).toContain('::group::Deploy');
  expect(deployed.output).toContain(message);
  await jobs.cdk.stands('v1');
});
