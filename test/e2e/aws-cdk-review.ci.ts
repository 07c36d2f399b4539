/** The synthesized jobs of a target whose change sets are reviewed, executed: what the plan prepares is what the approval lets happen, and nothing else. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { results } from './run-results';
import { shortenTimes } from './short-times';
import { reviewIn } from '../../src/runtime/targets/aws-cdk/review';
import { CdkStandIn, writeAssembly } from '../../tools/aws-cdk-stand-in/stand-in';
import { GithubActions, GithubActionsOptions, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareExample, Workspace } from '../examples/workspace';

const DEPLOYER = 'arn:aws:iam::111122223333:role/deploy';
const PLANNER = 'arn:aws:iam::111122223333:role/plan';
const subjectsOf = (...names: string[]) => ({ subjects: names.map((name) => `repo:acme/shop:environment:${name}`), maxSession: 43_200 });

let root: string;
let workspace: Workspace;
let api: GithubStandIn;
let aws: CdkStandIn;
let server: Server;
let actions: GithubActions;
let onEvent: GithubActionsOptions['onEvent'];
/** What happens while the deployment waits for its approval, and whether it gets it. */
let approve: () => boolean = () => true;
const bad: string[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-review-'));
  aws = new CdkStandIn(join(root, 'aws'));
  server = createServer((_, response) => {
    response.statusCode = bad.includes(aws.served ?? '') ? 500 : 200;
    response.end(JSON.stringify({ version: aws.served ?? 'none' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env.APP_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  workspace = await prepareExample('shop', { root, projenrc: join(__dirname, 'fixtures', 'aws-cdk-review.projenrc.ts') });
  shortenTimes(workspace.repository);
  await workspace.git('remote', 'add', 'origin', 'https://github.com/acme/shop.git');
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  actions = new GithubActions({
    root,
    repository: workspace.repository,
    api,
    awsRoles: { [DEPLOYER]: subjectsOf('production', 'production-rollback'), [PLANNER]: subjectsOf('production-monitor') },
    environments: { production: { approve: async ({ job }) => job !== 'deploy_production' || approve() } },
    extraEnv: { ...aws.env },
    onEvent: (event, run) => onEvent?.(event, run),
  });
});

beforeEach(() => {
  [approve, onEvent] = [() => true, undefined];
  aws.fails();
});

afterAll(async () => {
  delete process.env.APP_URL;
  server.close();
  const left = actions.cleanUp();
  await api.stop();
  rmSync(root, { recursive: true, force: true });
  expect(left).toEqual([]);
});

// The tests are one story: what one of them leaves, the next finds.

test('the first release: the approval finds its change sets prepared and nothing deployed; the deployment executes them', async () => {
  const before: unknown[] = [];
  approve = () => {
    before.push(aws.status('shop-api'), aws.served, changes());
    return true;
  };
  const run = await push('v1');
  expect(results(run)).toMatchObject({ build: 'success', environment_production: 'success', deploy_production: 'success', monitor_production: 'success', rollback_production: 'skipped' });
  expect(before).toEqual(['REVIEW_IN_PROGRESS', undefined, ['cdk prepare', 'cdk prepare']]);
  expect(changes()).toEqual(['cdk prepare', 'cdk prepare', 'execute-change-set', 'execute-change-set']);
  expect(aws.served).toBe('v1');
});

test('the next release: the plan shows the change, and exactly its change set is executed', async () => {
  const run = await push('v2', { resources: { Role: { Type: 'AWS::IAM::Role', Properties: {} } } });
  expect(results(run)).toMatchObject({ deploy_production: 'success', monitor_production: 'success' });
  const { log, outputs, summary } = run.jobs.environment_production;
  expect(log).toContain(`Assumed the role ${PLANNER}`);
  expect(shown(summary)).toMatch(/added \(permissions\).*AWS::IAM::Role/);
  const { changeSet } = reviewIn(outputs.review)!;
  expect(changeSet).toContain(`delivery-production-${run.runId}-1-`);
  expect(run.jobs.deploy_production.log).toContain(`Assumed the role ${DEPLOYER}`);
  expect(setsOf('shop-api')).toEqual([[changeSet, 'EXECUTE_COMPLETE']]);
  expect(changes().filter((call) => call !== 'cdk prepare')).toEqual(['execute-change-set']);
  expect(aws.served).toBe('v2');
});

test('no approval: nothing is executed, and the next run deploys', async () => {
  approve = () => false;
  const run = await push('v3');
  expect(results(run)).toMatchObject({ environment_production: 'success', deploy_production: 'failure' });
  expect(changes().filter((call) => call !== 'cdk prepare')).toEqual([]);
  expect(aws.served).toBe('v2');
  approve = () => true;
  expect(results(await push('v4'))).toMatchObject({ deploy_production: 'success' });
  expect(aws.served).toBe('v4');
});

test('a stack that moves between the plan and the approval: refused, also when the job is run again; all jobs again prepare anew', async () => {
  approve = () => {
    aws.byHand('shop-api', { updatedAt: 'later' });
    return true;
  };
  const run = await push('v5');
  expect(results(run)).toMatchObject({ environment_production: 'success', deploy_production: 'failure' });
  expect(run.jobs.deploy_production.log).toContain('the stack shop-api has changed since the plan');
  expect(changes().filter((call) => call !== 'cdk prepare')).toEqual([]);
  expect(aws.served).toBe('v4');
  approve = () => true;
  const alone = await actions.rerunFailed(run).execute();
  expect(alone.jobs.deploy_production.log).toContain('the stack shop-api has changed since the plan');
  expect(aws.served).toBe('v4');
  const again = await actions.rerunAll(alone).execute();
  expect(results(again)).toMatchObject({ environment_production: 'success', deploy_production: 'success', monitor_production: 'success' });
  expect(reviewIn(again.jobs.environment_production.outputs.review)!.changeSet).toContain(`-${again.runId}-3-`);
  expect(aws.served).toBe('v5');
});

test('a plan that dies: no one is asked; run again, it replaces the change sets of its first attempt', async () => {
  const asked = jest.fn(() => true);
  approve = asked;
  aws.fails({ on: 'cdk prepare', nth: 2, how: 'appliedKilled' });
  const run = await push('v6');
  expect(results(run)).toMatchObject({ environment_production: 'failure', deploy_production: 'skipped' });
  expect(setsOf('shop-api')).toContainEqual([expect.stringContaining(`-${run.runId}-1-`), 'AVAILABLE']);
  expect(asked).not.toHaveBeenCalled();
  expect(aws.served).toBe('v5');
  aws.fails();
  const again = await actions.rerunFailed(run).execute();
  expect(results(again)).toMatchObject({ environment_production: 'success', deploy_production: 'success' });
  expect(setsOf('shop-api')).toEqual([[expect.stringContaining(`-${run.runId}-2-`), 'EXECUTE_COMPLETE']]);
  expect(aws.served).toBe('v6');
});

test('a bad release: its change set is executed, and Stable follows without a review', async () => {
  bad.push('v7');
  const run = await push('v7');
  expect(results(run)).toMatchObject({ deploy_production: 'failure' });
  expect(run.jobs.monitor_production.outputs.state).toBe('rolledBack');
  expect(changes().filter((call) => call !== 'cdk prepare')).toEqual(['execute-change-set', 'cdk deploy']);
  expect(aws.served).toBe('v6');
});

test('a runner that is lost while the change set is executed: the rollback job restores Stable, and the next release is deployed', async () => {
  onEvent = (event, run) => {
    if (event.kind === 'line' && event.job === 'deploy_production' && event.text.includes('execute the change set')) run.loseRunner('deploy_production');
  };
  const run = await push('v8');
  expect(results(run)).toMatchObject({ deploy_production: 'failure' });
  expect(run.jobs.rollback_production.log).toContain('rolled back');
  expect(aws.served).toBe('v6');
  onEvent = undefined;
  expect(results(await push('v9'))).toMatchObject({ deploy_production: 'success', monitor_production: 'success' });
  expect(aws.served).toBe('v9');
});

const changes = () => aws.changes;

/** The text of a page, as people see it. */
const shown = (page: string) => page.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

/** The change sets of a stack, and whether they can be executed. */
function setsOf(stack: string): (readonly [string, unknown])[] {
  return (aws.account.stacks[stack]?.changeSets ?? []).map(({ executionStatus, name }) => [name, executionStatus]);
}

/** A person pushes the tag of a release, whose build makes this assembly. */
async function push(tag: string, options: Parameters<typeof writeAssembly>[2] = {}): Promise<RunRecord> {
  writeAssembly(join(workspace.repository, 'assembly'), tag, options);
  const sha = await workspace.commit(`feat: ${tag}`);
  await workspace.git('tag', tag);
  const workflow = parse(readFileSync(join(workspace.repository, '.github/workflows/deploy.yml'), 'utf8')) as Workflow;
  return actions.execute(workflow, { name: 'push', ref: `refs/tags/${tag}`, sha });
}
