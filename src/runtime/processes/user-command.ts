import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { Clock, SYSTEM_CLOCK } from '../clock';
import { LineCutter } from './line-cutter';
import { signalGroup, stopGroup } from './process-group';
import { ProcessGuard } from './process-guard';
import { CommandManifest } from '../../contract/manifest';

export { commandEnvironment, environmentWithoutOurs } from './command-environment';
export type { CommandContext } from './command-environment';

/** What a command reads from standard input: a text, or the bytes of a file. */
export type CommandInput = { readonly text: string } | { readonly file: string };

export interface CommandOptions {
  /** Where the command runs: the project's directory. */
  readonly cwd: string;
  /** The whole process environment: see `commandEnvironment`. */
  readonly env: NodeJS.ProcessEnv;
  /** @default - nothing */
  readonly input?: CommandInput;
  /** After this the command and everything it started is stopped. */
  readonly timeoutMs: number;
  /** Aborts when the process receives a signal to stop: then the command is stopped too. */
  readonly signal?: AbortSignal;
  /** Gets each line of the output without its line break; a very long one in pieces, unless `keepsLines` is set. */
  readonly onLine: (line: string) => void;
  /** Gets each line of standard error. @default - `onLine` */
  readonly onErrorLine?: (line: string) => void;
  /** Whether long lines stay whole, for output that a program reads. @default false */
  readonly keepsLines?: boolean;
  /** The length from which a line comes in pieces, characters. @default 8192 */
  readonly longestLine?: number;
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
 * Runs a command of the target in its own process group. It is over when its process ends: a server that it
 * leaves running is not waited for, and its output is not read. Never rejects.
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

/** bash reads no start-up files, stops at the first failure, and accepts a line that starts with `-`. */
function argvOf(command: CommandManifest): string[] {
  return command.kind === 'exec' ? command.argv : ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', '--', command.line];
}

interface Started extends ChildProcess {
  readonly pid: number;
}

type Start = { readonly child: Started; readonly problem?: undefined } | { readonly child?: undefined; readonly problem: NodeJS.ErrnoException };

async function start(file: string, args: string[], { cwd, env, input }: CommandOptions): Promise<Start> {
  let source: number | undefined;
  try {
    source = input && 'file' in input ? openSync(input.file, 'r') : undefined;
    const child = spawn(file, args, { cwd, env, detached: true, stdio: [source ?? (input ? 'pipe' : 'ignore'), 'pipe', 'pipe'] });
    // a command may end before it has read all
    child.stdin?.on('error', () => undefined);
    if (input && 'text' in input) child.stdin?.end(input.text);
    await once(child, 'spawn');
    return { child: child as Started };
  } catch (error) {
    return { problem: error as NodeJS.ErrnoException };
  } finally {
    // at once: a command that ends meanwhile would not be seen
    if (source !== undefined) closeSync(source);
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

const GUARD = new ProcessGuard();

/** Waits for the end, or stops the command. */
async function finish(child: Started, options: CommandOptions): Promise<{ why?: WhyStopped; exit: Exit }> {
  const output = new Output(child, options);
  const over = new AbortController();
  const exit = exitOf(child);
  const dismissGuard = GUARD.begin(child.pid);
  // if this process ends first, the command must not continue
  const killAtExit = () => void signalGroup(child.pid, 'SIGKILL');
  process.on('exit', killAtExit);
  try {
    const why = await Promise.race([exit.then(() => undefined), reasonToStop(options, over.signal)]);
    if (!why) return { exit: await exit };
    const graceMs = options.graceMs ?? (why === 'interrupted' ? 5_000 : 10_000);
    await stopGroup({ pid: child.pid, exit, graceMs, clock: options.clock ?? SYSTEM_CLOCK });
    // a process that survives SIGKILL hangs in the kernel
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
    // the signal may have come while the command was starting
    if (signal?.aborted) resolve('interrupted');
    signal?.addEventListener('abort', () => resolve('interrupted'), { once: true, signal: over });
    void clock.sleep(timeoutMs, over).then(() => {
      if (!over.aborted) resolve('timedOut');
    });
  });
}

/** How long to read on if another process holds the output, in milliseconds. */
const DRAIN_MS = 200;

/** Both streams of a command, line by line. */
class Output {
  private readonly streams;

  constructor(child: ChildProcess, { keepsLines, longestLine, onErrorLine, onLine, secrets }: CommandOptions) {
    this.streams = ([[child.stdout!, onLine], [child.stderr!, onErrorLine ?? onLine]] as const).map(([stream, onText]) => {
      const cutter = new LineCutter({ onLine: onText, secrets, keepsLines, longestLine });
      stream.on('data', (chunk: Buffer) => cutter.write(chunk));
      // a broken stream has no more output
      const ended = finished(stream).catch(() => undefined);
      return { stream, cutter, ended };
    });
  }

  /** Reads the rest, then closes: a server that was left running may keep the pipes open. */
  public async drain(): Promise<void> {
    const enough = new AbortController();
    const patience = pause(DRAIN_MS, undefined, { signal: enough.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.streams.map(({ ended }) => ended)), patience]);
    enough.abort();
    // reads what arrived while this process was busy
    await turn();
    for (const { stream, cutter } of this.streams) {
      stream.destroy();
      cutter.end();
    }
  }
}
