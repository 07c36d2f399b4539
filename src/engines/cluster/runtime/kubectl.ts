import { errorOf } from './kubectl-errors';
import { RuntimeContext } from '../../../runtime/context';
import { environmentWithoutOurs } from '../../../runtime/processes/command-environment';
import { callCli } from '../../../runtime/targets/cli-call';
import { EngineErrorKind } from '../../../runtime/targets/engine-error';
import { withRetries } from '../../../runtime/targets/engine-retries';

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
    const name = `kubectl ${argv[0]}${argv.includes('--dry-run=server') ? ' --dry-run=server' : ''}`;
    const { error, output, result } = await callCli(this.context, {
      name, argv: ['kubectl', ...argv, ...isLocal ? [] : this.cluster], env: { ...this.plainEnv, ...CLI_ENV }, giveUpAt, timeoutMs,
    });
    const printed = output.join('\n');
    if (result.outcome === 'succeeded' || (accepts?.test(error.join('\n')) && printed !== '')) return printed;
    throw errorOf(name, result, error.join('\n'), isSecret);
  }

  private get plainEnv(): NodeJS.ProcessEnv {
    const { environment, processEnv } = this.context;
    return { ...environmentWithoutOurs(processEnv, environment), ...environment.variables };
  }
}
