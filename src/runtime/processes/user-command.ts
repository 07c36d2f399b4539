import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { Clock, SYSTEM_CLOCK } from '../clock';
import { LineCutter } from './line-cutter';
import { guardGroup, signalGroup, stopGroup } from './process-group';
import { CommandManifest } from '../../contract/manifest';

export { commandEnvironment, environmentWithoutOurs } from './command-environment';
export type { CommandContext } from './command-environment';

export interface CommandOptions {
  /** Where the command runs: the project's directory. */
  readonly cwd: string;
  /** The whole process environment: see `commandEnvironment`. */
  readonly env: NodeJS.ProcessEnv;
  /** After this the command and everything it started is stopped. */
  readonly timeoutMs: number;
  /** Aborts when the process is asked to stop: then the command is stopped too. */
  readonly signal?: AbortSignal;
  /** Gets each line of the output without its line break; a very long one in pieces. */
  readonly onLine: (line: string) => void;
  /** @default - the machine's */
  readonly clock?: Clock;
  /** Hidden in a line that comes in pieces, where the log cannot see a secret whole. */
  readonly secrets?: readonly string[];
  /**
   * Between SIGTERM and SIGKILL, milliseconds.
   *
   * @default 10000; 5000 when interrupted, because a cancelled run is killed 10 s after its first signal
   */
  readonly graceMs?: number;
}

export interface CommandResult {
  readonly outcome: 'succeeded' | 'failed' | 'timedOut' | 'interrupted';
  /** Absent where a signal ended the command, or where it never began. */
  readonly exitCode?: number;
  readonly signal?: NodeJS.Signals;
  readonly durationMs: number;
}

/**
 * Runs a command of the target, in a process group of its own and without standard input. It is over when its
 * process is: what it left running on purpose may hold on to its output, and is not waited for (nor read any more:
 * such a server is to redirect its own output). Never rejects.
 *
 * A shell line runs as GitHub runs one with `shell: bash`: it stops at the first failure, in a pipe too.
 */
export async function runUserCommand(command: CommandManifest, options: CommandOptions): Promise<CommandResult> {
  const { clock = SYSTEM_CLOCK, onLine, signal } = options;
  const startedAt = clock.now();
  const result = (outcome: CommandResult['outcome'], exit?: Exit): CommandResult => ({ outcome, ...exit, durationMs: clock.now() - startedAt });

  if (signal?.aborted) return result('interrupted');
  const [file, ...args] = argvOf(command);
  const { child, problem } = await start(file, args, options);
  if (!child) {
    onLine(explain(problem, file, options.cwd));
    return result('failed');
  }
  const { why, exit } = await finish(child, options);
  return result(why ?? (exit.exitCode === 0 ? 'succeeded' : 'failed'), exit);
}

/** What bash adds: no files of the machine's user, stop at the first failure, and a line that starts with `-` is a line. */
function argvOf(command: CommandManifest): string[] {
  return command.kind === 'exec' ? command.argv : ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', '--', command.line];
}

interface Started extends ChildProcess {
  readonly pid: number;
}

type Start = { readonly child: Started; readonly problem?: undefined } | { readonly child?: undefined; readonly problem: NodeJS.ErrnoException };

async function start(file: string, args: string[], { cwd, env }: CommandOptions): Promise<Start> {
  try {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    await once(child, 'spawn');
    return { child: child as Started };
  } catch (error) {
    return { problem: error as NodeJS.ErrnoException };
  }
}

function explain(error: NodeJS.ErrnoException, file: string, cwd: string): string {
  if (error.code === 'ENOENT') return `${file}: not found on this machine (or the folder ${cwd} is not there). Install it in setupSteps.`;
  if (error.code === 'EACCES') return `${file}: is not executable (chmod +x), or its folder is closed to this user.`;
  return `${file ?? 'the command'}: could not be started (${error.code ?? error.message})`;
}

interface Exit {
  readonly exitCode?: number;
  readonly signal?: NodeJS.Signals;
}

type WhyStopped = 'timedOut' | 'interrupted';

/** Waits for the end, or brings it about. */
async function finish(child: Started, options: CommandOptions): Promise<{ why?: WhyStopped; exit: Exit }> {
  const output = new Output(child, options);
  const over = new AbortController();
  const exit = exitOf(child);
  const dismissGuard = guardGroup(child.pid);
  // The process that runs us may end first: nothing of the command may go on then.
  const killAtExit = () => void signalGroup(child.pid, 'SIGKILL');
  process.on('exit', killAtExit);
  try {
    const why = await Promise.race([exit.then(() => undefined), reasonToStop(options, over.signal)]);
    if (!why) return { exit: await exit };
    const graceMs = options.graceMs ?? (why === 'interrupted' ? 5_000 : 10_000);
    await stopGroup({ pid: child.pid, exit, graceMs, clock: options.clock ?? SYSTEM_CLOCK });
    // A process that even SIGKILL does not end hangs in the kernel: nobody can wait for that.
    return { why, exit: await Promise.race([exit, pause(2_000, {}, { ref: false })]) };
  } finally {
    over.abort();
    process.off('exit', killAtExit);
    dismissGuard();
    await output.drain();
  }
}

/** On `exit`, not on `close`: a daemon may keep the pipes open. */
function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ exitCode: code ?? undefined, signal: signal ?? undefined }));
  });
}

/** Never settles when the command ends by itself first. */
function reasonToStop({ timeoutMs, clock = SYSTEM_CLOCK, signal }: CommandOptions, over: AbortSignal): Promise<WhyStopped> {
  return new Promise((resolve) => {
    // it may have come while the command was being started
    if (signal?.aborted) resolve('interrupted');
    signal?.addEventListener('abort', () => resolve('interrupted'), { once: true, signal: over });
    void clock.sleep(timeoutMs, over).then(() => {
      if (!over.aborted) resolve('timedOut');
    });
  });
}

/** What the command wrote before its end is read at once; whoever else holds its output is given this long, milliseconds. */
const DRAIN_MS = 200;

/** Both streams of a command, line by line. */
class Output {
  private readonly streams;

  constructor(child: ChildProcess, { onLine, secrets }: CommandOptions) {
    this.streams = [child.stdout!, child.stderr!].map((stream) => {
      const cutter = new LineCutter({ onLine, secrets });
      stream.on('data', (chunk: Buffer) => cutter.write(chunk));
      // a stream that breaks has nothing more to say, and no one to tell
      const ended = finished(stream).catch(() => undefined);
      return { stream, cutter, ended };
    });
  }

  /** Reads what is left, then lets go: a server that was left behind may keep the pipes open for years. */
  public async drain(): Promise<void> {
    const enough = new AbortController();
    const patience = pause(DRAIN_MS, undefined, { signal: enough.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.streams.map(({ ended }) => ended)), patience]);
    enough.abort();
    // were we kept busy meanwhile, what has arrived is still to be read
    await turn();
    for (const { stream, cutter } of this.streams) {
      stream.destroy();
      cutter.end();
    }
  }
}
