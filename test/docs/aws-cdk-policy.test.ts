/** The policy in docs/targets/aws-cdk.md allows exactly the operations that the driver calls, and the roles of the bootstrap stack. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Everything that calls AWS. */
const FILES = ['assets-api.ts', 'cloudformation-api.ts'];
/** Where the action is not the operation's name. */
const ACTIONS: Readonly<Record<string, string>> = { 's3api:HeadObject': 's3:GetObject' };
/** AWS allows it without a policy. */
const FREE = 'sts:GetCallerIdentity';
/** The CDK CLI itself; and without the list, a missing object looks like a forbidden one. */
const BESIDES = ['sts:AssumeRole', 's3:ListBucket'];

const PAGE = readFileSync(join(ROOT, 'docs/targets/aws-cdk.md'), 'utf8');
const [ROLE, PLAN_ROLE] = [...PAGE.matchAll(/```json\n([\s\S]*?)```/g)].map(([, policy]) => (
  (JSON.parse(policy!) as { Statement: { Action: string[] }[] }).Statement.flatMap(({ Action }) => Action).sort()
));

/** The operations of Lambda that the fast path calls, by the methods of the API that it shares with `Target.lambda`. */
function lambdaCalls(): string[] {
  const [traffic, api] = ['aws-cdk/runtime/lambda-traffic.ts', 'aws/runtime/lambda-api.ts'].map((file) => (
    readFileSync(join(ROOT, 'src/engines', file), 'utf8')
  )) as [string, string];
  const methods = api.matchAll(/public async (\w+)\(.*?this\.(?:read|write)\('([a-z-]+)'/gs);
  const operations = new Map([...methods].map(([, method, operation]) => [method!, operation!]));
  const used = [...traffic.matchAll(/(?:api|this\.lambda\(one\))\.(alias|published|moveAlias)\(/g)];
  return used.map(([, method]) => actionOf('lambda', operations.get(method!)!));
}

function actionOf(service: string, operation: string): string {
  return `${service}:${operation.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
}

function callsIn(file: string): string[] {
  const source = readFileSync(join(ROOT, 'src/engines/aws-cdk/runtime', file), 'utf8');
  const calls = [
    ...[...source.matchAll(/this\.read\('([a-z0-9]+)', '([a-z-]+)'/g)].map(([, service, operation]) => [service, operation]),
    ...[...source.matchAll(/this\.change\('([a-z-]+)'/g)].map(([, operation]) => ['cloudformation', operation]),
  ];
  return calls.map(([service, operation]) => actionOf(service!, operation!));
}

it('allows what is called, and nothing else', () => {
  const called = [...FILES.flatMap(callsIn), ...lambdaCalls()];
  expect(called).toContain('cloudformation:RollbackStack');
  const wanted = called.filter((action) => action !== FREE).map((action) => ACTIONS[action] ?? action);
  expect(ROLE).toEqual([...new Set([...wanted, ...BESIDES])].sort());
});

/** What CloudFormation asks for in the name of the caller of a detection. */
const OF_DRIFT = ['cloudformation:BatchDescribeTypeConfigurations', 'cloudformation:DetectStackResourceDrift'];

it('the role that looks for drift may do what is called', () => {
  const [, listed = ''] = /```text\n(cloudformation:[\s\S]*?)```/.exec(PAGE) ?? [];
  const source = readFileSync(join(ROOT, 'src/engines/aws-cdk/runtime/drift-api.ts'), 'utf8');
  const written = [...source.matchAll(/operation: '([a-z-]+)'/g)].map(([, operation]) => actionOf('cloudformation', operation!));
  expect(written).toEqual(['cloudformation:DetectStackDrift']);
  expect(listed.trim().split(/,\s+/)).toEqual([...callsIn('drift-api.ts'), ...written, ...OF_DRIFT].sort());
});

/** What the plan calls of the API of stacks. */
const OF_PLAN = ['cloudformation:DescribeStacks', 'cloudformation:GetTemplate', 'ssm:GetParameter'];
/** What the CDK CLI calls itself, and CloudFormation in its name. */
const OF_CDK = ['cloudformation:CreateChangeSet', 'cloudformation:DescribeEvents', 'iam:PassRole', 's3:GetObject', 'sts:AssumeRole'];
const EXECUTE = 'cloudformation:ExecuteChangeSet';

it('the role that prepares change sets may do that, and not execute them', () => {
  const called = callsIn('change-set-api.ts');
  expect(called).toContain(EXECUTE);
  expect(PLAN_ROLE).toEqual([...OF_PLAN, ...OF_CDK, ...called.filter((action) => action !== EXECUTE)].sort());
  // what the deployment calls of them
  expect(PAGE).toContain('the role also needs `cloudformation:DescribeChangeSet` and `cloudformation:ExecuteChangeSet`');
});
