/** The synthesized jobs of a target whose change sets are reviewed, executed: what the plan prepares is what the approval lets happen, and nothing else. */
import { CdkShop } from './cdk-shop';
import { results } from './run-results';
import { reviewIn } from '../../src/engines/aws-cdk/runtime/review';
import { GithubActionsOptions } from '../../tools/github-actions-emulator';

const DEPLOYER = 'arn:aws:iam::111122223333:role/deploy';
const PLANNER = 'arn:aws:iam::111122223333:role/plan';
const subjectsOf = (...names: string[]) => ({ subjects: names.map((name) => `repo:acme/shop:environment:${name}`), maxSession: 43_200 });

let shop: CdkShop;
let onEvent: GithubActionsOptions['onEvent'];
/** What happens while the deployment waits for its approval, and whether it gets it. */
let approve: () => boolean = () => true;

beforeAll(async () => {
  shop = await CdkShop.open({
    projenrc: 'aws-cdk-review.projenrc.ts',
    actions: ({ aws }) => ({
      awsRoles: { [DEPLOYER]: subjectsOf('production', 'production-rollback'), [PLANNER]: subjectsOf('production-monitor') },
      environments: { production: { approve: async ({ job }) => job !== 'deploy_production' || approve() } },
      extraEnv: { ...aws.env },
      onEvent: (event, run) => onEvent?.(event, run),
    }),
  });
});

beforeEach(() => {
  [approve, onEvent] = [() => true, undefined];
  shop.aws.fails();
});

afterAll(() => shop.close());

// The tests are one story: what one of them leaves, the next finds.

test('the first release: the approval finds its change sets prepared and nothing deployed; the deployment executes them', async () => {
  const before: unknown[] = [];
  approve = () => {
    before.push(shop.aws.status('shop-api'), shop.aws.served, changes());
    return true;
  };
  const run = await shop.push('v1');
  expect(results(run)).toMatchObject({ build: 'success', environment_production: 'success', deploy_production: 'success', monitor_production: 'success', rollback_production: 'skipped' });
  expect(before).toEqual(['REVIEW_IN_PROGRESS', undefined, ['cdk prepare', 'cdk prepare']]);
  expect(changes()).toEqual(['cdk prepare', 'cdk prepare', 'execute-change-set', 'execute-change-set']);
  expect(shop.aws.served).toBe('v1');
});

test('the next release: the plan shows the change, and exactly its change set is executed', async () => {
  const run = await shop.push('v2', { assembly: { resources: { Role: { Type: 'AWS::IAM::Role', Properties: {} } } } });
  expect(results(run)).toMatchObject({ deploy_production: 'success', monitor_production: 'success' });
  const { log, outputs, summary } = run.jobs.environment_production;
  expect(log).toContain(`Assumed the role ${PLANNER}`);
  expect(shown(summary)).toMatch(/added \(permissions\).*AWS::IAM::Role/);
  const { changeSet } = reviewIn(outputs.review)!;
  expect(changeSet).toContain(`delivery-production-${run.runId}-1-`);
  expect(run.jobs.deploy_production.log).toContain(`Assumed the role ${DEPLOYER}`);
  expect(setsOf('shop-api')).toEqual([[changeSet, 'EXECUTE_COMPLETE']]);
  expect(changes().filter((call) => call !== 'cdk prepare')).toEqual(['execute-change-set']);
  expect(shop.aws.served).toBe('v2');
});

test('no approval: nothing is executed, and the next run deploys', async () => {
  approve = () => false;
  const run = await shop.push('v3');
  expect(results(run)).toMatchObject({ environment_production: 'success', deploy_production: 'failure' });
  expect(changes().filter((call) => call !== 'cdk prepare')).toEqual([]);
  expect(shop.aws.served).toBe('v2');
  approve = () => true;
  expect(results(await shop.push('v4'))).toMatchObject({ deploy_production: 'success' });
  expect(shop.aws.served).toBe('v4');
});

test('a stack that moves between the plan and the approval: refused, also when the job is run again; all jobs again prepare anew', async () => {
  approve = () => {
    shop.aws.byHand('shop-api', { updatedAt: 'later' });
    return true;
  };
  const run = await shop.push('v5');
  expect(results(run)).toMatchObject({ environment_production: 'success', deploy_production: 'failure' });
  expect(run.jobs.deploy_production.log).toContain('the stack shop-api has changed since the plan');
  expect(changes().filter((call) => call !== 'cdk prepare')).toEqual([]);
  expect(shop.aws.served).toBe('v4');
  approve = () => true;
  const alone = await shop.actions.rerunFailed(run).execute();
  expect(alone.jobs.deploy_production.log).toContain('the stack shop-api has changed since the plan');
  expect(shop.aws.served).toBe('v4');
  const again = await shop.actions.rerunAll(alone).execute();
  expect(results(again)).toMatchObject({ environment_production: 'success', deploy_production: 'success', monitor_production: 'success' });
  expect(reviewIn(again.jobs.environment_production.outputs.review)!.changeSet).toContain(`-${again.runId}-3-`);
  expect(shop.aws.served).toBe('v5');
});

test('a plan that dies: no one is asked; run again, it replaces the change sets of its first attempt', async () => {
  const asked = jest.fn(() => true);
  approve = asked;
  shop.aws.fails({ on: 'cdk prepare', nth: 2, how: 'appliedKilled' });
  const run = await shop.push('v6');
  expect(results(run)).toMatchObject({ environment_production: 'failure', deploy_production: 'skipped' });
  expect(setsOf('shop-api')).toContainEqual([expect.stringContaining(`-${run.runId}-1-`), 'AVAILABLE']);
  expect(asked).not.toHaveBeenCalled();
  expect(shop.aws.served).toBe('v5');
  shop.aws.fails();
  const again = await shop.actions.rerunFailed(run).execute();
  expect(results(again)).toMatchObject({ environment_production: 'success', deploy_production: 'success' });
  expect(setsOf('shop-api')).toEqual([[expect.stringContaining(`-${run.runId}-2-`), 'EXECUTE_COMPLETE']]);
  expect(shop.aws.served).toBe('v6');
});

test('a bad release: its change set is executed, and Stable follows without a review', async () => {
  shop.bad.add('v7');
  const run = await shop.push('v7');
  expect(results(run)).toMatchObject({ deploy_production: 'failure' });
  expect(run.jobs.monitor_production.outputs.state).toBe('rolledBack');
  expect(changes().filter((call) => call !== 'cdk prepare')).toEqual(['execute-change-set', 'cdk deploy']);
  expect(shop.aws.served).toBe('v6');
});

test('a runner that is lost while the change set is executed: the rollback job restores Stable, and the next release is deployed', async () => {
  onEvent = (event, run) => {
    if (event.kind === 'line' && event.job === 'deploy_production' && event.text.includes('execute the change set')) run.loseRunner('deploy_production');
  };
  const run = await shop.push('v8');
  expect(results(run)).toMatchObject({ deploy_production: 'failure' });
  expect(run.jobs.rollback_production.log).toContain('rolled back');
  expect(shop.aws.served).toBe('v6');
  onEvent = undefined;
  expect(results(await shop.push('v9'))).toMatchObject({ deploy_production: 'success', monitor_production: 'success' });
  expect(shop.aws.served).toBe('v9');
});

const changes = () => shop.aws.changes;

/** The text of a page, as people see it. */
const shown = (page: string) => page.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

/** The change sets of a stack, and whether they can be executed. */
function setsOf(stack: string): (readonly [string, unknown])[] {
  return (shop.aws.account.stacks[stack]?.changeSets ?? []).map(({ executionStatus, name }) => [name, executionStatus]);
}
