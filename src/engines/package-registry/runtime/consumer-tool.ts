import { RuntimeContext } from '../../../runtime/context';
import { scriptEnvironment } from '../../../runtime/processes/script-environment';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { callCli, hasBegun } from '../../../runtime/targets/cli-call';
import { EngineError, EngineErrorKind } from '../../../runtime/targets/engine-error';
import { withRetries } from '../../../runtime/targets/engine-retries';

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

const NO_SPACE: ToolTexts = [[/no space left on device|ENOSPC|disk quota exceeded/i, 'full']];

/** For one attempt. A build of a package may take long. */
const TIMEOUT_MS = 8 * 60_000;

/** Calls the tool by which users install packages: a process per call, without a shell and without secrets. */
export class ConsumerTool {
  /**
   * @param texts what it prints when it fails
   * @param headline the line that says what went wrong: the last one that matches
   */
  constructor(private readonly context: RuntimeContext, private readonly texts: ToolTexts, private readonly headline = /error/i) {}

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
    const [, kind] = [...NO_SPACE, ...this.texts].find(([text]) => text.test(printed)) ?? [undefined, 'rejected' as const];
    const last = [...lines].reverse();
    const headline = last.findIndex((line) => this.headline.test(line));
    const at = headline >= 0 ? headline : last.findIndex((line) => line.trim() !== '');
    const following = at < 0 ? [] : lines.slice(lines.length - at);
    const end = following.findIndex((line) => !line.startsWith('\t'));
    // indented lines go on with it
    const said = [last[at] ?? '', ...following.slice(0, end < 0 ? undefined : end)].join(' ');
    return new EngineError(kind, `${name}: ${safeLine(said.trim(), 300) || `ended with ${ended}`}`);
  }
}
