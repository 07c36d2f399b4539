import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Circumstances, RELEASE, TIMES, lookOnce } from './probe-once';
import { CommandCheckManifest } from '../../../src/contract/manifest';
import { InterruptedError } from '../../../src/runtime/errors';

let directory: string;
beforeEach(() => { directory = realpathSync(mkdtempSync(join(tmpdir(), 'delivery-check-'))); });
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function look(line: string, changes: Partial<CommandCheckManifest> = {}, rest: Circumstances = {}) {
  return lookOnce({ ...TIMES, kind: 'command', url: line, command: { kind: 'bash', line }, secrets: [], ...changes }, { directory, ...rest });
}

describe('the exit code', () => {
  test('0 is healthy', async () => {
    expect(await look('true')).toMatchObject({ outcome: 'healthy', saw: expect.stringMatching(/^exit code 0 in \d+ ms$/) });
  });

  test('another one is unhealthy, with the last line it said', async () => {
    expect(await look('echo first; echo "the basket is empty" >&2; echo; exit 3')).toMatchObject({ outcome: 'unhealthy', saw: 'exit code 3: the basket is empty' });
  });

  test('75 is unreachable: it may still be starting', async () => {
    expect(await look('echo not yet; exit 75')).toMatchObject({ outcome: 'unreachable', saw: 'exit code 75: not yet' });
  });

  test.each([
    ['a command that is not there', 'no-such-command-anywhere'],
    ['one that may not be run', '/etc/hostname'],
  ])('of %s says nothing about the service', async (_, line) => {
    expect(await look(line)).toMatchObject({ outcome: 'blind', saw: expect.stringContaining('cannot probe') });
  });

  test('is none where the tool is missing', async () => {
    const command = { kind: 'exec' as const, argv: ['no-such-tool-anywhere', 'smoke'] };
    expect(await look('', { command })).toMatchObject({ outcome: 'blind', saw: expect.stringContaining('no-such-tool-anywhere: not found') });
  });

  test('stops at the first failure, in a pipe too', async () => {
    expect(await look('false | cat; true')).toMatchObject({ outcome: 'unhealthy' });
  });

  test('is none where a signal ended it: unhealthy', async () => {
    expect(await look('kill -KILL $$')).toMatchObject({ outcome: 'unhealthy', saw: 'stopped by SIGKILL' });
  });
});

describe('the output', () => {
  test('must match, from either stream', async () => {
    expect(await look('echo "3 passed"', { output: '^3 passed$' })).toMatchObject({ outcome: 'healthy' });
    expect(await look('echo "3 passed" >&2', { output: '^3 passed$' })).toMatchObject({ outcome: 'healthy' });
    expect(await look('echo "2 passed"', { output: '^3 passed$' })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('its output does not match /^3 passed$/') });
  });

  test('of a failure is not looked at', async () => {
    expect(await look('echo ok; exit 1', { output: 'ok' })).toMatchObject({ outcome: 'unhealthy', saw: 'exit code 1: ok' });
  });

  test('that is too long for a pattern is unhealthy', async () => {
    expect(await look('head --bytes 300000 /dev/zero | tr "\\0" x', { output: 'x' })).toMatchObject({ outcome: 'unhealthy', saw: expect.stringContaining('longer than 256 KiB') });
  });

  test('that no pattern is matched against may have any length', async () => {
    expect(await look('head --bytes 3000000 /dev/zero | tr "\\0" x')).toMatchObject({ outcome: 'healthy' });
  });

  test('shows no secret', async () => {
    const { saw } = await look('echo "token $TOKEN is wrong"; exit 1', { secrets: ['TOKEN'] }, { target: { env: { PATH: process.env.PATH, TOKEN: 'abc-123-def' } } });
    expect(saw).toContain('exit code 1: token');
    expect(saw).not.toContain('abc-123-def');
  });
});

describe('it runs', () => {
  const environment = { name: 'production', url: 'https://www.example.com', variables: { GREETING: 'hello; $(id)' }, secrets: ['DEPLOY_TOKEN'] };
  // in another environment the greeting is a secret
  const secretNames = ['DEPLOY_TOKEN', 'PROBE_TOKEN', 'SLACK_WEBHOOK', 'GREETING'];
  const env = {
    PATH: process.env.PATH, SLACK_WEBHOOK: 'for alerts', GITHUB_TOKEN: 'ghs_x', GITHUB_OUTPUT: '/x', DEPLOY_TOKEN: 'for deploys', PROBE_TOKEN: 'for probes', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
  };
  const variables = async (names: string[], target = {}) => {
    const { saw } = await look(`echo "${names.map((name) => `\${${name}-none}`).join(' | ')}"; exit 1`, { secrets: ['PROBE_TOKEN'] }, { environment, secretNames, target: { env, ...target } });
    return saw.replace('exit code 1: ', '');
  };

  test('in the project\'s directory', async () => {
    expect(await look('pwd; exit 1')).toMatchObject({ saw: `exit code 1: ${directory}` });
  });

  test('with the release that must respond, and the variables as they are', async () => {
    expect(await variables(['DEPLOY_ENV', 'DELIVERY_VERSION', 'DELIVERY_SHA', 'GREETING'])).toBe(`production | ${RELEASE.version} | ${RELEASE.sha} | hello; $(id)`);
  });

  test('with the address to probe: that of users or of the candidate', async () => {
    expect(await variables(['DELIVERY_URL', 'DELIVERY_SLOT'])).toBe('https://www.example.com | none');
    expect(await variables(['DELIVERY_URL', 'DELIVERY_SLOT'], { url: 'https://green.example.com', slot: 'green' })).toBe('https://green.example.com | green');
  });

  test('with its own secrets and no others, in the job that deploys too', async () => {
    const { saw } = await look('test "$PROBE_TOKEN" = "for probes" && test -z "${DEPLOY_TOKEN-}${SLACK_WEBHOOK-}${GITHUB_TOKEN-}${GITHUB_OUTPUT-}${ACTIONS_ID_TOKEN_REQUEST_TOKEN-}"',
      { secrets: ['PROBE_TOKEN'] }, { environment, secretNames, target: { env } });
    expect(saw).toMatch(/^exit code 0/);
  });
});

test('what it masks is shown nowhere', async () => {
  const { saw } = await look('TOKEN=f00ba4-t0ken; echo "::add-mask::$TOKEN"; false');
  expect(saw).toBe('exit code 1');
  expect(await look('echo "::add-mask::f00ba4-t0ken"; echo "refused: f00ba4-t0ken"; false')).toMatchObject({ saw: 'exit code 1: refused: ***' });
});

describe('what does not end in time', () => {
  test('is unreachable, and is stopped with all its processes', async () => {
    expect(await look('sleep 60 & sleep 60; touch survived', { timeoutMs: 200 })).toMatchObject({ outcome: 'unreachable', saw: expect.stringMatching(/within 200 ms$/) });
    expect(existsSync(join(directory, 'survived'))).toBe(false);
  });

  test('is killed where it ignores that', async () => {
    expect(await look('trap "" TERM; while true; do sleep 0.1; done', { timeoutMs: 200 })).toMatchObject({ outcome: 'unreachable' });
  });
});

test('a process that receives a signal to stop takes the command with it', async () => {
  const stop = new AbortController();
  const looking = look('sleep 120', { timeoutMs: 120_000 }, { signal: stop.signal });
  stop.abort();
  await expect(looking).rejects.toBeInstanceOf(InterruptedError);
});
