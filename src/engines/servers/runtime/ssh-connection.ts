import { shellCommand } from './shell-quoting';
import { sshErrorOf } from './ssh-error';
import { RuntimeContext } from '../../../runtime/context';
import { CommandInput } from '../../../runtime/processes/user-command';
import { callCli } from '../../../runtime/targets/cli-call';
import { EngineErrorKind } from '../../../runtime/targets/engine-error';
import { withRetries } from '../../../runtime/targets/engine-retries';
import { ServerManifest } from '../manifest';

export interface SshConnectionOptions {
  readonly host: ServerManifest;
  readonly user: string;
  /** The file with the pinned host keys. */
  readonly knownHosts: string;
  /** The socket of the connection that all calls share. */
  readonly control: string;
  /** The socket of the agent that holds the private key. */
  readonly agent: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A script for the host's `sh`. Nothing is interpolated into it: what differs are its arguments. */
export interface HostScript {
  /** One word that names it in messages. */
  readonly name: string;
  /** POSIX sh. It must be idempotent, because a call whose result is unknown is repeated. */
  readonly text: string;
}

export interface HostCall {
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
  /** For one attempt. @default 60000 */
  readonly timeoutMs?: number;
  /** Gets each line that the script prints, untrusted. @default - none; what it prints is returned */
  readonly onLine?: (line: string) => void;
  /** Whether a call that did not end in time is repeated. @default false */
  readonly repeatsTimeouts?: boolean;
}

const TIMEOUT_MS = 60_000;
/** What a script prints is read into memory. */
const LONGEST_LINE = 65_536;
const MOST_LINES = 10_000;

/** The reused connection ends by itself after so many seconds without a call, if this process is killed. */
const PERSIST_SECONDS = 60;

/** Calls one host with the ssh CLI: a process per call, one connection for all of them. Rejects with `EngineError` and `InterruptedError`. */
export class SshConnection {
  private isUsed = false;

  constructor(private readonly context: RuntimeContext, private readonly options: SshConnectionOptions) {}

  /** The host's name, for people. */
  public get host(): string {
    return this.options.host.name;
  }

  /** Runs a script on the host. Returns what it printed on standard output. A script that fails is a `HostCommandError`. */
  public run({ name, text }: HostScript, args: readonly string[], call: HostCall): Promise<string> {
    // as one function: a script that arrives in part does nothing
    return this.withRetries(name, call, shellCommand(['sh', '-s', '--', name, ...args]), { text: `main() {\nshift\n${text}\n}\nmain "$@" </dev/null\n` });
  }

  /** Writes a file of this machine to the host, to a new file. */
  public async upload(file: string, path: string, call: HostCall): Promise<void> {
    await this.withRetries('upload', call, `cat > ${shellCommand([path])}`, { file });
  }

  /** Ends the connection. */
  public async close(): Promise<void> {
    if (!this.isUsed) return;
    // it may have ended already
    await this.context.execute({ kind: 'exec', argv: ['ssh', ...this.arguments, '-O', 'exit', this.options.host.address] }, {
      env: this.options.env, timeoutMs: TIMEOUT_MS, capture: { output: () => undefined, error: () => undefined },
    });
  }

  private withRetries(name: string, call: HostCall, command: string, input: CommandInput): Promise<string> {
    const retried: readonly EngineErrorKind[] = ['throttled', 'unavailable', ...call.repeatsTimeouts ? ['timeout' as const] : []];
    return withRetries({ context: this.context, giveUpAt: call.giveUpAt, retried }, () => this.once(name, call, command, input));
  }

  private async once(name: string, { giveUpAt, onLine, timeoutMs = TIMEOUT_MS }: HostCall, command: string, input: CommandInput): Promise<string> {
    const [output, error]: string[][] = [[], []];
    const keep = (lines: string[]) => (line: string) => {
      if (lines.length < MOST_LINES) lines.push(line);
      onLine?.(line);
    };
    this.isUsed = true;
    const { result } = await callCli(this.context, {
      name: `${this.host}: ${name}`,
      argv: ['ssh', ...this.arguments, this.options.host.address, command],
      env: this.options.env,
      input,
      giveUpAt,
      timeoutMs,
      capture: { output: keep(output), error: keep(error), longestLine: LONGEST_LINE },
    });
    if (result.outcome === 'succeeded') return output.join('\n');
    // without an exit code it never began, and why is in the output
    throw sshErrorOf({ host: this.host, call: name, result, printed: [...output.slice(-20), ...error].join('\n') });
  }

  private get arguments(): readonly string[] {
    const { agent, control, host, knownHosts, user } = this.options;
    const settings = {
      BatchMode: 'yes',
      ClearAllForwardings: 'yes',
      ConnectTimeout: '10',
      ControlMaster: 'auto',
      ControlPath: control,
      ControlPersist: String(PERSIST_SECONDS),
      ForwardAgent: 'no',
      GlobalKnownHostsFile: '/dev/null',
      IdentityAgent: agent,
      IdentityFile: 'none',
      LogLevel: 'ERROR',
      PreferredAuthentications: 'publickey',
      RequestTTY: 'no',
      // a host that is gone is noticed after 15 s
      ServerAliveCountMax: '3',
      ServerAliveInterval: '5',
      StrictHostKeyChecking: 'yes',
      UpdateHostKeys: 'no',
      UserKnownHostsFile: knownHosts,
    };
    // no file of the machine changes what is called
    return ['-F', 'none', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]), '-p', String(host.port), '-l', user];
  }
}
