/** The policy in docs/targets/aws-cdk.md allows exactly the operations that the driver calls, and the roles of the bootstrap stack. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** Where the action is not the operation's name. */
const ACTIONS: Readonly<Record<string, string>> = { 's3api:HeadObject': 's3:GetObject' };
/** AWS allows it without a policy. */
const FREE = 'sts:GetCallerIdentity';
/** The CDK CLI itself; and without the list, an object that is missing cannot be told from one that is forbidden. */
const BESIDES = ['sts:AssumeRole', 's3:ListBucket'];

it('allows what is called, and nothing else', () => {
  const [, policy] = /```json\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/targets/aws-cdk.md'), 'utf8'))!;
  const allowed = (JSON.parse(policy) as { Statement: { Action: string[] }[] }).Statement.flatMap(({ Action }) => Action);
  const source = readFileSync(join(ROOT, 'src/runtime/targets/aws-cdk/cloudformation-api.ts'), 'utf8');
  const calls = [
    ...[...source.matchAll(/this\.read\('([a-z0-9]+)', '([a-z-]+)'/g)].map(([, service, operation]) => [service, operation]),
    ...[...source.matchAll(/this\.change\('([a-z-]+)'/g)].map(([, operation]) => ['cloudformation', operation]),
  ];
  const called = calls.map(([service, operation]) => `${service}:${operation!.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`);
  expect(called).toContain('cloudformation:RollbackStack');
  const wanted = called.filter((action) => action !== FREE).map((action) => ACTIONS[action] ?? action);
  expect([...allowed].sort()).toEqual([...new Set([...wanted, ...BESIDES])].sort());
});
