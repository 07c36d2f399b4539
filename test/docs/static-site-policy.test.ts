/** The policy in docs/targets/static-site.md allows exactly the operations that the driver calls. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const SOURCE = join(ROOT, 'src/engines/static-site/runtime');

/** What an operation needs. `cp` uploads large files in parts. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  's3api head-bucket': ['s3:ListBucket'],
  's3api list-objects-v2': ['s3:ListBucket'],
  's3api get-object': ['s3:GetObject'],
  's3api put-object': ['s3:PutObject'],
  's3api delete-object': ['s3:DeleteObject'],
  's3 cp': ['s3:AbortMultipartUpload', 's3:PutObject'],
  's3 rm': ['s3:DeleteObject', 's3:ListBucket'],
  'cloudfront get-distribution': ['cloudfront:GetDistribution'],
  'cloudfront update-distribution': ['cloudfront:UpdateDistribution'],
  'cloudfront create-invalidation': ['cloudfront:CreateInvalidation'],
  'cloudfront get-invalidation': ['cloudfront:GetInvalidation'],
};

/** The calls in the driver's source, by the file's service. */
function called(): string[] {
  const text = (file: string) => readFileSync(join(SOURCE, file), 'utf8');
  const operations = (file: string, pattern: RegExp) => [...text(file).matchAll(pattern)].map(([, operation]) => operation);
  const others = readdirSync(SOURCE).filter((file) => !['site-bucket.ts', 'distribution-pointer.ts'].includes(file));
  // only these two call the CLI, and the preflight that asks for the account
  expect(others.filter((file) => /service: '(?!sts)|transfer\(/.test(text(file)))).toEqual([]);
  return [
    ...operations('site-bucket.ts', /this\.(?:read|write)\('([a-z0-9-]+)'/g).map((one) => `s3api ${one}`),
    ...operations('site-bucket.ts', /operation: '([a-z]+)'/g).map((one) => `s3 ${one}`),
    ...operations('distribution-pointer.ts', /this\.(?:look|write)\('([a-z-]+)'/g).map((one) => `cloudfront ${one}`),
  ];
}

it('allows what is called, and nothing else', () => {
  const [, policy] = /```json\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/targets/static-site.md'), 'utf8'))!;
  const { Statement: statements } = JSON.parse(policy) as { Statement: { Action: string | string[] }[] };
  const calls = called();
  expect(calls.filter((call) => !ACTIONS[call])).toEqual([]);
  const needed = new Set(calls.flatMap((call) => ACTIONS[call]));
  expect(new Set(statements.flatMap(({ Action }) => Action))).toEqual(needed);
});
