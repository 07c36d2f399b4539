import { errorOf } from './kubectl-errors';
import { RuntimeContext } from '../../context';
import { InterruptedError } from '../../errors';
import { environmentWithoutOurs } from '../../processes/command-environment';
import { EngineError, EngineErrorKind } from '../engine-error';
import { withRetries } from '../engine-retries';

export interface KubectlCall {
  /** The command first: `apply`, `get`. */
  readonly argv: readonly string[];
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
  /** For one attempt. @default 60000 */
  readonly timeoutMs?: number;
  /** Whether it needs no cluster. @default false */
  readonly isLocal?: boolean;
  /** Whether the objects hold secrets: then what kubectl says of them is not shown. @default false */
  readonly isSecret?: boolean;
  /** What makes output count although the call failed: a part of it is enough. @default - nothing */
  readonly accepts?: RegExp;
}

const TIMEOUT_MS = 60_000;

/** The machine's own defaults for kubectl's options (kuberc) do not count. */
const CLI_ENV = { KUBECTL_KUBERC: 'false' };

/** Calls kubectl, a process per call, without a shell. Rejects with `EngineError` and `InterruptedError`. */
export class Kubectl {
  /** @param cluster the options that every call of the cluster has */
  constructor(private readonly context: RuntimeContext, private readonly cluster: readonly string[]) {}

  /** Calls what changes nothing. Returns what it printed. */
  public read(call: KubectlCall): Promise<string> {
    return this.withRetries(call, ['throttled', 'unavailable', 'timeout']);
  }

  /** Calls what changes something. If the result is uncertain, the caller reads the state again. */
  public write(call: KubectlCall): Promise<string> {
    return this.withRetries(call, ['throttled']);
  }

  private withRetries(call: KubectlCall, retried: readonly EngineErrorKind[]): Promise<string> {
    return withRetries({ context: this.context, giveUpAt: call.giveUpAt, retried }, () => this.once(call));
  }

  private async once({ accepts, argv, giveUpAt, isLocal = false, isSecret = false, timeoutMs = TIMEOUT_MS }: KubectlCall): Promise<string> {
    const { clock, execute, interrupted } = this.context;
    if (interrupted.aborted) throw new InterruptedError();
    const leftMs = giveUpAt - clock.now();
    const name = `kubectl ${argv[0]}${argv.includes('--dry-run=server') ? ' --dry-run=server' : ''}`;
    if (leftMs <= 0) throw new EngineError('timeout', `${name} was not begun: the command's time limit has passed`);
    const [output, error]: string[][] = [[], []];
    const result = await execute({ kind: 'exec', argv: ['kubectl', ...argv, ...isLocal ? [] : this.cluster] }, {
      env: { ...this.plainEnv, ...CLI_ENV },
      timeoutMs: Math.min(timeoutMs, leftMs),
      capture: { output: (line) => void output.push(line), error: (line) => void error.push(line) },
    });
    if (result.outcome === 'interrupted') throw new InterruptedError();
    const printed = output.join('\n');
    if (result.outcome === 'succeeded' || (accepts?.test(error.join('\n')) && printed !== '')) return printed;
    // without an exit code it never began, and why is in the output
    const isAbsent = result.outcome === 'failed' && !result.signal && result.exitCode === undefined;
    throw errorOf(name, result, [...error, ...(isAbsent ? output : [])].join('\n'), isSecret);
  }

  private get plainEnv(): NodeJS.ProcessEnv {
    const { environment, processEnv } = this.context;
    return { ...environmentWithoutOurs(processEnv, environment), ...environment.variables };
  }
}
