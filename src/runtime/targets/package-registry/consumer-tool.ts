import { RuntimeContext } from '../../context';
import { scriptEnvironment } from '../../processes/script-environment';
import { safeLine } from '../../reporting/untrusted-text';
import { callCli, hasBegun } from '../cli-call';
import { EngineError, EngineErrorKind } from '../engine-error';
import { withRetries } from '../engine-retries';

export interface ToolCall {
  /** For messages: `pip install`. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Settings of the tool; undefined removes one. */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
}

/** What the tool says, and what it means. */
export type ToolTexts = readonly (readonly [RegExp, EngineErrorKind])[];

/** For one attempt. A build of a package may take long. */
const TIMEOUT_MS = 8 * 60_000;

/** Calls the tool by which users install packages: a process per call, without a shell and without secrets. */
export class ConsumerTool {
  constructor(private readonly context: RuntimeContext, private readonly texts: ToolTexts) {}

  /** The process environment of the tool and of packages: no secrets. */
  public get env(): NodeJS.ProcessEnv {
    return scriptEnvironment(this.context.processEnv, this.context.environment);
  }

  /** Returns what it printed. Rejects with `EngineError` and `InterruptedError`. */
  public run(call: ToolCall): Promise<string> {
    return withRetries({ context: this.context, giveUpAt: call.giveUpAt, retried: ['throttled', 'unavailable'] }, () => this.once(call));
  }

  private async once({ argv, cwd, env, giveUpAt, name }: ToolCall): Promise<string> {
    const plain = Object.fromEntries(Object.entries({ ...this.env, ...env }).filter(([, value]) => value !== undefined));
    const { error, output, result } = await callCli(this.context, { name, argv, cwd, env: plain, giveUpAt, timeoutMs: TIMEOUT_MS });
    if (result.outcome === 'succeeded') return output.join('\n');
    if (result.outcome === 'timedOut') throw new EngineError('timeout', `${name} did not end in time`);
    if (!hasBegun(result)) throw new EngineError('cliMissing', `${argv[0]} was not found on this machine`);
    throw this.errorOf(name, [...output, ...error], result.signal ?? `exit code ${result.exitCode}`);
  }

  private errorOf(name: string, lines: readonly string[], ended: string): EngineError {
    const printed = lines.join('\n');
    const [, kind] = this.texts.find(([text]) => text.test(printed)) ?? [undefined, 'rejected' as const];
    const last = [...lines].reverse();
    const said = last.find((line) => /error/i.test(line)) ?? last.find((line) => line.trim() !== '') ?? '';
    return new EngineError(kind, `${name}: ${safeLine(said.trim(), 300) || `ended with ${ended}`}`);
  }
}
