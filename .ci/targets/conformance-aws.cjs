// The conformance run's measurements of AWS, against the emulator: the bundled program with the real AWS CLI.
const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const { createServer } = require('node:http');
const { resolve } = require('node:path');
const { text } = require('node:stream/consumers');

/** The emulator ignores `--code-sha256`. */
const DIFFERS = ['lambda-other-code-not-published'];

/** GitHub's server of tokens. */
const server = createServer((_, response) => {
  const payload = Buffer.from(JSON.stringify({ sub: 'repo:acme/shop:environment:conformance' })).toString('base64url');
  response.end(JSON.stringify({ value: `e30.${payload}.` }));
});

async function measure() {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const env = {
    ...process.env,
    ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${server.address().port}/?`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'token',
    CONFORMANCE_FUNCTION_ROLE: 'arn:aws:iam::000000000000:role/function',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_ATTEMPT: '1',
  };
  const child = spawn(process.execPath, [resolve('assets/conformance.cjs'), 'measure-aws'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  server.close();
  return { output, code };
}

const aws = (...args) => JSON.parse(execFileSync('aws', [...args, '--output', 'json'], { encoding: 'utf8' }));

async function main() {
  const { output, code } = await measure();
  console.log(output);
  const rows = output.trim().split('\n').map((line) => line.split(/ {2,}/));
  assert.equal(rows.length, 9);
  assert.deepEqual(rows.filter(([, outcome]) => outcome !== 'holds').map(([id, outcome]) => [id, outcome]), DIFFERS.map((id) => [id, 'does not hold']));
  assert.equal(code, 1);
  assert.deepEqual(aws('lambda', 'list-functions').Functions.filter(({ FunctionName: name }) => name.startsWith('conformance-')), []);
  assert.deepEqual(aws('cloudformation', 'describe-stacks').Stacks.filter(({ StackName: name }) => name.startsWith('conformance-')), []);
}

void main();
