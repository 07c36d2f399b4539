/** The connections of Target.servers, with the stand-in for ssh. `.ci/targets/servers` does the same with the real one. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HostScript, SshConnection } from '../../../src/engines/servers/runtime/ssh-connection';
import { HostCommandError } from '../../../src/engines/servers/runtime/ssh-error';
import { SshSettings, withSsh } from '../../../src/engines/servers/runtime/ssh-session';
import { SYSTEM_CLOCK } from '../../../src/runtime/clock';
import { RuntimeContext } from '../../../src/runtime/context';
import { EngineError } from '../../../src/runtime/targets/engine-error';
import { FaultyCall, PRIVATE_KEY, SshStandIn } from '../../../tools/ssh-stand-in/stand-in';
import { metricContext } from '../../runtime/metrics/metric-context';

let folder: string;
let hosts: SshStandIn;
let logged: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssh-test-'));
  hosts = new SshStandIn(join(folder, 'stand-in'));
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ECHO: HostScript = { name: 'echo', text: 'printf \'%s|\' "$@"; cat' };
const APPEND: HostScript = { name: 'append', text: 'echo done >> did\necho "$HOST ${SSH_PRIVATE_KEY-no key} ${SHOP-no variable}"' };

/** Calls with a clock that does not wait between attempts. */
function session<T>(work: (connection: SshConnection) => Promise<T>, settings: Partial<SshSettings> = {}, env: NodeJS.ProcessEnv = {}): Promise<T> {
  const { environment, ...given } = metricContext({ processEnv: { ...hosts.env, SHOP: 'shoes', ...env } }, folder);
  const context = {
    ...given,
    environment: { ...environment, secrets: ['SSH_PRIVATE_KEY'], variables: {} },
    clock: { ...SYSTEM_CLOCK, now: () => SYSTEM_CLOCK.now(), sleep: () => Promise.resolve() },
    log: { line: (text: string) => void logged.push(text) },
  } as unknown as RuntimeContext;
  const all = hosts.hosts.map((name) => ({ name, address: name, port: 22 }));
  return withSsh(context, { hosts: all, hostKeys: hosts.hostKeys, user: 'deploy', privateKeyVariable: 'SSH_PRIVATE_KEY', ...settings }, until(), ({ connections: [first] }) => work(first!));
}

const until = () => Date.now() + 600_000;
const run = (script: HostScript, args: string[] = []) => (connection: SshConnection) => connection.run(script, args, { giveUpAt: until() });

async function errorOf(work: Promise<unknown>): Promise<EngineError> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof EngineError)) throw new Error(`no EngineError: ${String(error)}`);
  return error;
}

it('passes arguments as they are, and nothing else of this process', async () => {
  const args = ['it\'s', '$HOME `id` \\', 'a\nb', '', '-n'];
  expect(await session(run(ECHO, args))).toBe(`${args.join('|')}|`);
  expect(await session(run(APPEND))).toBe('web-1 no key no variable');
});

it('uploads the bytes of a file', async () => {
  const bytes = Buffer.from([...Array(70_000).keys()].map((n) => n % 256));
  writeFileSync(join(folder, 'file'), bytes);
  await session((connection) => connection.upload(join(folder, 'file'), '/host+root/srv/it\'s here', { giveUpAt: until() }));
  expect(readFileSync(hosts.path('web-1', 'srv/it\'s here'))).toEqual(bytes);
});

it.each<[FaultyCall['how'], number]>([['unreachable', 1], ['busy', 1], ['lostAfter', 2]])('%s: repeats a call whose result is unknown', async (how, times) => {
  hosts.fails({ how, on: how === 'lostAfter' ? 'append' : '*' });
  expect(await session(run(APPEND))).toContain('web-1');
  expect(readFileSync(hosts.path('web-1', 'did'), 'utf8')).toBe('done\n'.repeat(times));
  expect(logged).toEqual([expect.stringMatching(/^web-1: .*; retry in 500 ms$/)]);
});

it('does nothing where a script arrives in part', async () => {
  hosts.fails({ how: 'lostHalfway' });
  await session(run(APPEND));
  expect(readFileSync(hosts.path('web-1', 'did'), 'utf8')).toBe('done\n');
});

it.each<[FaultyCall['how'], string, string]>([
  ['unreachable', 'unavailable', 'web-1: ssh: connect to host web-1 port 22: Connection refused'],
  ['busy', 'throttled', 'web-1: kex_exchange_identification: Connection closed by remote host'],
  ['lostAfter', 'unavailable', 'web-1: client_loop: send disconnect: Broken pipe'],
  ['denied', 'signedOut', 'web-1: it does not accept the key for this user'],
])('%s: is %s in the end', async (how, kind, message) => {
  hosts.fails({ how, times: 9 });
  expect(await errorOf(session(run(ECHO)))).toMatchObject({ kind, message });
});

it('calls no host whose key is not pinned', async () => {
  hosts.changeHostKey('web-1');
  const error = await errorOf(session(run(APPEND)));
  expect(error).toMatchObject({ kind: 'accessDenied' });
  expect(error.message).toContain('web-1: its host key is none of hostKeys');
  expect(await errorOf(session(run(APPEND), { hostKeys: hosts.hostKeys.slice(1) }))).toMatchObject({ kind: 'accessDenied' });
  expect(hosts.calls).toEqual([]);
});

it('names what a command on the host printed, on one safe line', async () => {
  const error = await errorOf(session(run({ name: 'bad', text: 'printf "no\\033[31m ##[error]\\n" >&2; exit 3' })));
  expect(error).toBeInstanceOf(HostCommandError);
  expect(error).toMatchObject({ kind: 'rejected', message: 'web-1: bad: no ## [error]', exitCode: 3 });
});

it('stops a call that does not end in time', async () => {
  const error = await errorOf(session((connection) => connection.run({ name: 'slow', text: 'exec sleep 1000000' }, [], { giveUpAt: until(), timeoutMs: 200 })));
  expect(error).toMatchObject({ kind: 'timeout', message: 'web-1: slow did not end in time' });
});

it.each([
  ['', 'the environment variable SSH_PRIVATE_KEY is empty, so no host can be reached'],
  ['no key', 'SSH_PRIVATE_KEY holds no private key without a passphrase: Error loading key "(stdin)": error in libcrypto'],
  ['ENCRYPTED', 'SSH_PRIVATE_KEY holds no private key without a passphrase: Enter passphrase for (stdin):'],
])('rejects the private key %j', async (key, message) => {
  expect(await errorOf(session(run(ECHO), {}, { SSH_PRIVATE_KEY: key }))).toMatchObject({ kind: 'signedOut', message });
});

it('leaves no file, and the private key is on no command line', async () => {
  const [, secret] = PRIVATE_KEY.split('\n');
  const own = () => dirname(/UserKnownHostsFile=(\S+)/.exec(hosts.argv)![1]!);
  const during = await session(async (connection) => {
    await run(ECHO)(connection);
    return readdirSync(own()).map((name) => readFileSync(join(own(), name), 'utf8')).join('\n');
  });
  expect(during).toContain(hosts.hostKeys[0]);
  expect(during).not.toContain(secret);
  expect(existsSync(own())).toBe(false);
  expect(hosts.argv).not.toContain(secret);
});
