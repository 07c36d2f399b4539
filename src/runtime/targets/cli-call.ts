import { EngineError } from './engine-error';
import { ExecuteOptions, RuntimeContext } from '../context';
import { InterruptedError } from '../errors';
import { CommandResult } from '../processes/user-command';

export interface CliCall extends Pick<ExecuteOptions, 'cwd' | 'env' | 'input'> {
  readonly argv: readonly string[];
  /** For messages: `npm publish`. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
  /** At most so long. @default - until `giveUpAt` */
  readonly timeoutMs?: number;
  /** Gets each line of its output instead. @default - the lines are in the result */
  readonly capture?: ExecuteOptions['capture'];
}

export interface CliResult {
  readonly result: CommandResult;
  readonly output: readonly string[];
  /** What it printed on standard error; why it did not begin, if it did not. */
  readonly error: readonly string[];
}

/** Calls the CLI of an engine once, without a shell. Rejects with `InterruptedError`, and with `EngineError` if no time is left. */
export async function callCli(
  { clock, execute, interrupted }: Pick<RuntimeContext, 'clock' | 'execute' | 'interrupted'>, { argv, capture, cwd, env, giveUpAt, input, name, timeoutMs = Infinity }: CliCall,
): Promise<CliResult> {
  if (interrupted.aborted) throw new InterruptedError();
  const leftMs = giveUpAt - clock.now();
  if (leftMs <= 0) throw new EngineError('timeout', `${name} was not begun: the command's time limit has passed`);
  const [output, error]: string[][] = [[], []];
  const result = await execute({ kind: 'exec', argv: [...argv] }, {
    env,
    input,
    ...(cwd !== undefined && { cwd }),
    timeoutMs: Math.min(timeoutMs, leftMs),
    capture: capture ?? { output: (line) => void output.push(line), error: (line) => void error.push(line) },
  });
  if (result.outcome === 'interrupted') throw new InterruptedError();
  return { result, output, error: hasBegun(result) ? error : [...error, ...output] };
}

/** Whether a CLI that failed could be started: otherwise it has no exit code, and why is in its output. */
export function hasBegun({ exitCode, outcome, signal }: Pick<CommandResult, 'exitCode' | 'outcome' | 'signal'>): boolean {
  return outcome !== 'failed' || exitCode !== undefined || signal !== undefined;
}
