/** The synthesized jobs of a Lambda function sign in to AWS and deploy: IAM trusts exactly what `delivery trust` prints. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { results } from './run-results';
import { shortenTimes } from './short-times';
import { AwsStandIn } from '../../tools/aws-cli-stand-in/stand-in';
import { GithubActions, RunRecord, Workflow } from '../../tools/github-actions-emulator';
import { AwsRole } from '../../tools/github-actions-emulator/actions/configure-aws-credentials';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { prepareExample, Workspace } from '../examples/workspace';

const DEPLOYER = 'arn:aws:iam::111122223333:role/deploy';
const READER = 'arn:aws:iam::111122223333:role/read';

let root: string;
let workspace: Workspace;
let api: GithubStandIn;
let aws: AwsStandIn;
let server: Server;
let trusted: Record<string, AwsRole>;
const used: GithubActions[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-aws-'));
  aws = new AwsStandIn(join(root, 'aws'));
  server = serveFunction().listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env.FUNCTION_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  workspace = await prepareExample('shop', { root, projenrc: join(__dirname, 'fixtures', 'lambda.projenrc.ts') });
  shortenTimes(workspace.repository);
  await workspace.git('remote', 'add', 'origin', 'https://github.com/acme/shop.git');
  api = await GithubStandIn.start({ repository: 'acme/shop' });
  trusted = rolesOfTrust();
});

afterAll(async () => {
  delete process.env.FUNCTION_URL;
  server.close();
  expect(used.flatMap((actions) => actions.cleanUp())).toEqual([]);
  await api.stop();
  rmSync(root, { recursive: true, force: true });
});

// The tests are one story: what one of them leaves, the next finds.

test('a role that trusts no environment: the plan continues without credentials, nothing is deployed', async () => {
  const run = await push('good', {});
  expect(results(run)).toMatchObject({ environment_production: 'success', deploy_production: 'failure' });
  expect(run.jobs.environment_production.log).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity');
  expect(run.jobs.deploy_production.log).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity');
  expect(aws.changes).toEqual([]);
});

test('a role whose sessions are too short: the deployment ends before its first change', async () => {
  const run = await push('good', { ...trusted, [DEPLOYER]: { ...trusted[DEPLOYER], maxSession: 900 } });
  expect(run.jobs.deploy_production.log).toContain('exceeds the MaxSessionDuration');
  expect(aws.changes).toEqual([]);
});

test('the roles trust what `delivery trust` prints: the release is deployed, and the jobs that only look have the role that only reads', async () => {
  const run = await push('good', trusted);
  expect(results(run)).toMatchObject({ deploy_production: 'success', monitor_production: 'success', rollback_production: 'skipped' });
  expect(assumed(run)).toEqual({ environment_production: READER, deploy_production: DEPLOYER, monitor_production: READER });
  expect(run.jobs.environment_production.summary).not.toContain('Unable to locate credentials');
  expect(aws.served).toBe('good');
});

test('a bad release is rolled back by the same session', async () => {
  const run = await push('bad', trusted);
  expect(results(run)).toMatchObject({ deploy_production: 'failure' });
  expect(run.jobs.monitor_production.outputs.state).toBe('rolledBack');
  expect(aws.served).toBe('good');
});

test('no credential is in a log or in a summary', async () => {
  const { jobs } = await push('good', trusted, 'again');
  for (const { log, summary } of Object.values(jobs)) expect(log + summary).not.toMatch(/session of|secret of|ASIA-/);
});

test('a runner that is lost: the job in the rollback environment signs in and restores', async () => {
  const before = aws.served;
  const run = await push('good', trusted, 'lost', true);
  expect(run.jobs.rollback_production.log).toContain('rolled back');
  expect(assumed(run)).toMatchObject({ rollback_production: DEPLOYER });
  expect(aws.served).toBe(before);
});

test('a role that does not trust the rollback environment: that job fails at the sign-in', async () => {
  const onlyMain = { ...trusted, [DEPLOYER]: { subjects: ['repo:acme/shop:environment:production'] } };
  const run = await push('good', onlyMain, 'lost again', true);
  expect(results(run)).toMatchObject({ rollback_production: 'failure' });
  expect(run.jobs.rollback_production.log).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity');
});

/** Which role each job got. */
function assumed(run: RunRecord): Record<string, string> {
  const found = Object.entries(run.jobs).flatMap(([id, { log }]) => {
    const [, role] = /Assumed the role (\S+)/.exec(log) ?? [];
    return role === undefined ? [] : [[id, role]];
  });
  return Object.fromEntries(found) as Record<string, string>;
}

/** @param isLost the runner of the deployment is lost as soon as the alias has moved */
async function push(kind: 'good' | 'bad', awsRoles: Record<string, AwsRole>, mark = '', isLost = false): Promise<RunRecord> {
  const code = kind + (mark && ` ${mark}`);
  writeFileSync(join(workspace.repository, 'function.txt'), code);
  const sha = await workspace.commit(`feat: ${kind} ${mark}`);
  const roles = { [DEPLOYER]: 'write', [READER]: 'read' };
  const actions: GithubActions = new GithubActions({
    root,
    repository: workspace.repository,
    api,
    awsRoles,
    firstRunId: 1001 + used.length * 10,
    extraEnv: { ...aws.env, AWS_STAND_IN_ROLES: JSON.stringify(roles) },
    onEvent: (event, run) => {
      if (isLost && event.kind === 'line' && event.job === 'deploy_production' && aws.served === code) run.loseRunner('deploy_production');
    },
  });
  used.push(actions);
  const workflow = parse(readFileSync(join(workspace.repository, '.github/workflows/deploy.yml'), 'utf8')) as Workflow;
  return actions.execute(workflow, { name: 'push', ref: 'refs/heads/main', sha });
}

interface PrintedRole {
  readonly arn: string;
  readonly sessionMs: number;
  readonly policy: { readonly Statement: readonly { readonly Condition: { readonly StringEquals: Record<string, string | string[]> } }[] };
}

/** What IAM has after a person pasted the policies. */
function rolesOfTrust(): Record<string, AwsRole> {
  const { PATH, HOME } = process.env;
  const output = execFileSync(process.execPath, ['.projen/delivery.cjs', 'trust', '--json'], { cwd: workspace.repository, env: { PATH, HOME }, encoding: 'utf8' });
  const roles = JSON.parse(output) as PrintedRole[];
  return Object.fromEntries(roles.map(({ arn, policy, sessionMs }) => {
    const [{ Condition: { StringEquals } }] = policy.Statement;
    return [arn, { subjects: StringEquals['token.actions.githubusercontent.com:sub'] as string[], maxSession: sessionMs / 1000 }];
  }));
}

/** Users reach the code of the alias: it says its release, or fails. */
function serveFunction(): Server {
  return createServer((_, response) => {
    const { aliases, versions } = aws.state;
    const { code, description } = versions.find(({ version }) => version === aliases.live.version)!;
    response.statusCode = code.startsWith('bad') ? 500 : 200;
    response.end(JSON.stringify({ version: description.split(' ')[1] ?? 'v0' }));
  });
}
