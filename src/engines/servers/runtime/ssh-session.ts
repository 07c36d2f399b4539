import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SshConnection } from './ssh-connection';
import { RuntimeContext } from '../../../runtime/context';
import { InterruptedError } from '../../../runtime/errors';
import { environmentWithoutOurs } from '../../../runtime/processes/command-environment';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError } from '../../../runtime/targets/engine-error';
import { ServersDriverManifest } from '../manifest';

/** What the connections of one session share. */
export interface SshSession {
  /** One for each host, in the order of `hosts`. Nothing is connected before its first call. */
  readonly connections: readonly SshConnection[];
}

export type SshSettings = Pick<ServersDriverManifest, 'hosts' | 'hostKeys' | 'privateKeyVariable' | 'user'>;

/** Local calls of the agent. */
const AGENT_MS = 30_000;

/**
 * Calls `work` with connections to all hosts. An agent holds the private key: it is in no file, and in no environment of another process. Host keys are
 * in a temporary file. All of it ends with `work`; if this process is killed, its guard ends the agent, and idle connections end by themselves.
 *
 * @param giveUpAt milliseconds since the epoch
 */
export async function withSsh<T>(
  context: RuntimeContext, settings: SshSettings, giveUpAt: number, work: (session: SshSession) => Promise<T>,
): Promise<T> {
  // short, because the path of a socket has at most 104 characters
  const folder = await mkdtemp(join(tmpdir(), 'ssh-'));
  const over = new AbortController();
  const env = environmentOfSsh(context, settings);
  const connections: SshConnection[] = [];
  let agent: Promise<void> | undefined;
  try {
    await writeFile(join(folder, 'known_hosts'), `${settings.hostKeys.join('\n')}\n`, { mode: 0o600 });
    const socket = join(folder, 'agent');
    ({ ended: agent } = await startAgent(context, { env, giveUpAt, over: over.signal, socket }));
    await addKey(context, settings.privateKeyVariable, { ...env, SSH_AUTH_SOCK: socket });
    connections.push(...settings.hosts.map((host, index) => new SshConnection(context, {
      host, user: settings.user, knownHosts: join(folder, 'known_hosts'), control: join(folder, String(index)), agent: socket, env,
    })));
    return await work({ connections });
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
    over.abort();
    await agent;
    await rm(folder, { recursive: true, force: true });
  }
}

/** No secret: neither ssh nor what it starts needs one. */
function environmentOfSsh({ environment, processEnv }: RuntimeContext, { privateKeyVariable }: SshSettings): NodeJS.ProcessEnv {
  const hidden = new Set([...environment.secrets, privateKeyVariable, 'SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'SSH_ASKPASS', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_URL']);
  const own = Object.entries(environmentWithoutOurs(processEnv, environment)).filter(([name]) => !hidden.has(name));
  return { ...Object.fromEntries(own), LC_ALL: 'C', SSH_ASKPASS_REQUIRE: 'never' };
}

interface AgentStart {
  readonly env: NodeJS.ProcessEnv;
  readonly giveUpAt: number;
  readonly over: AbortSignal;
  readonly socket: string;
}

/** Returns when the agent listens. It is a command of this process, so it is guarded as every command is. */
async function startAgent(
  { clock, execute }: RuntimeContext, { env, giveUpAt, over, socket }: AgentStart,
): Promise<{ readonly ended: Promise<void> }> {
  const printed: string[] = [];
  let listens = (): void => undefined;
  const ready = new Promise<void>((resolve) => { listens = resolve; });
  const end = execute({ kind: 'exec', argv: ['ssh-agent', '-D', '-a', socket] }, {
    env,
    signal: over,
    // longer than anything that uses it
    timeoutMs: Math.max(giveUpAt - clock.now(), 0) + 10 * 60_000,
    capture: {
      output: (line) => {
        printed.push(line);
        if (line.includes('SSH_AUTH_SOCK')) listens();
      },
      error: (line) => void printed.push(line),
    },
  });
  const why = await Promise.race([ready, end]);
  if (why?.outcome === 'interrupted') throw new InterruptedError();
  if (why) throw new EngineError('cliMissing', printed.some((line) => /: not found on this machine/.test(line)) ? 'ssh-agent was not found on this machine' : `ssh-agent did not start: ${safeLine(printed.at(-1) ?? '', 200)}`);
  return { ended: end.then(() => undefined) };
}

async function addKey({ execute, processEnv }: RuntimeContext, variable: string, env: NodeJS.ProcessEnv): Promise<void> {
  const key = processEnv[variable]?.replaceAll('\r\n', '\n').trim() ?? '';
  if (key === '') throw new EngineError('signedOut', `the environment variable ${variable} is empty, so no host can be reached`);
  const printed: string[] = [];
  const result = await execute({ kind: 'exec', argv: ['ssh-add', '-q', '-'] }, {
    env, timeoutMs: AGENT_MS, input: { text: `${key}\n` }, capture: { output: (line) => void printed.push(line), error: (line) => void printed.push(line) },
  });
  if (result.outcome === 'interrupted') throw new InterruptedError();
  if (result.outcome === 'succeeded') return;
  if (printed.some((line) => /: not found on this machine/.test(line))) throw new EngineError('cliMissing', 'ssh-add was not found on this machine');
  throw new EngineError('signedOut', `${variable} holds no private key without a passphrase: ${safeLine(printed.at(-1) ?? 'ssh-add rejects it', 200)}`);
}
