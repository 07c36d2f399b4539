import { RuntimeContext } from '../context';
import { environmentWithoutOurs } from '../processes/command-environment';
import { CommandResult } from '../processes/user-command';
import { safeLine } from '../reporting/untrusted-text';
import { callCli, CliCall } from '../targets/cli-call';
import { EngineError, EngineErrorKind } from '../targets/engine-error';
import { withRetries } from '../targets/engine-retries';

export type AwsCliContext = Pick<RuntimeContext, 'clock' | 'environment' | 'execute' | 'interrupted' | 'processEnv'> & { readonly log: Pick<RuntimeContext['log'], 'line'> };

export interface AwsCall {
  readonly service: string;
  readonly operation: string;
  readonly args: readonly string[];
  /** A JMESPath expression. Nothing else of the response is read: it may hold secrets. */
  readonly query: string;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
  /** For one attempt. */
  readonly timeoutMs?: number;
  /** Whether the operation has no output. */
  readonly isSilent?: boolean;
}

/** A command of `aws s3`, which makes many requests and prints no JSON. */
export type AwsTransfer = Pick<AwsCall, 'operation' | 'args' | 'giveUpAt'>;

/** A command of the CLI itself, which prints no JSON. */
export type AwsCommand = Pick<AwsCall, 'service' | 'operation' | 'args' | 'giveUpAt' | 'timeoutMs'>;

const TIMEOUT_MS = 30_000;
const RETRIED_READS: readonly EngineErrorKind[] = ['throttled', 'unavailable', 'timeout'];

/** Retries are this class's own: they use the injected clock, and each is logged. `--no-cli-pager` does not exist in version 1. */
const CLI_ENV = { AWS_PAGER: '', AWS_MAX_ATTEMPTS: '1', AWS_CLI_AUTO_PROMPT: 'off' };
/** Names of files are UTF-8, whatever the machine's locale is. */
const TRANSFER_ENV = { ...CLI_ENV, AWS_MAX_ATTEMPTS: '5', AWS_RETRY_MODE: 'standard', PYTHONUTF8: '1' };

/** Calls AWS with its own CLI, a process per call, without a shell. Rejects with `EngineError` and `InterruptedError`. */
export class AwsCli {
  constructor(private readonly context: AwsCliContext, private readonly region?: string) {}

  /** Where the calls go, for people. */
  public get regionName(): string {
    const { AWS_DEFAULT_REGION, AWS_REGION } = this.env;
    return this.region ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? 'the default region of the AWS CLI';
  }

  /** Calls an operation that changes nothing. */
  public read(call: AwsCall): Promise<unknown> {
    return this.withRetries(call, RETRIED_READS);
  }

  /** Calls an operation that changes something. If the result is uncertain, the caller reads the state again. */
  public write(call: AwsCall): Promise<unknown> {
    return this.withRetries(call, ['throttled']);
  }

  /** Runs a command that prints no JSON and changes nothing of AWS. */
  public command(call: AwsCommand): Promise<void> {
    const { args, giveUpAt, operation, service, timeoutMs } = call;
    return withRetries({ context: this.context, giveUpAt, retried: RETRIED_READS }, async () => {
      const { error, result } = await this.run({ argv: ['aws', service, operation, ...args, ...this.regionArgs], giveUpAt, timeoutMs });
      if (result.outcome !== 'succeeded') throw errorOf(`${service} ${operation}`, result, error);
    });
  }

  /** Runs a transfer. The CLI repeats its requests itself. If it fails, a part of it may be done. */
  public async transfer({ args, giveUpAt, operation }: AwsTransfer): Promise<void> {
    const argv = ['aws', 's3', operation, ...args, '--only-show-errors', ...this.regionArgs];
    const { error, result } = await this.run({ argv, giveUpAt, env: TRANSFER_ENV });
    if (result.outcome !== 'succeeded') throw errorOf(`s3 ${operation}`, result, error);
  }

  /** The version of the CLI, for example `2.15.0`. */
  public async version(giveUpAt: number): Promise<string> {
    const { error, output, result } = await this.run({ argv: ['aws', '--version'], giveUpAt, timeoutMs: TIMEOUT_MS });
    const [, version] = /aws-cli\/(\d+\.\d+\.\d+)/.exec(`${output}\n${error}`) ?? [];
    if (version !== undefined) return version;
    if (result.outcome === 'succeeded') throw new EngineError('cliMissing', 'the aws on this machine is not the AWS CLI: aws --version printed no version of it');
    throw errorOf('aws --version', result, error);
  }

  private withRetries(call: AwsCall, retried: readonly EngineErrorKind[]): Promise<unknown> {
    return withRetries({ context: this.context, giveUpAt: call.giveUpAt, retried }, () => this.once(call));
  }

  private async once({ args, giveUpAt, isSilent, operation, query, service, timeoutMs = TIMEOUT_MS }: AwsCall): Promise<unknown> {
    const argv = ['aws', service, operation, ...args, ...this.regionArgs, '--query', query, '--output', 'json'];
    const { error, output, result } = await this.run({ argv, giveUpAt, timeoutMs });
    const name = `${service} ${operation}`;
    if (result.outcome !== 'succeeded') throw errorOf(name, result, error);
    if (isSilent && output.trim() === '') return null;
    try {
      return JSON.parse(output) as unknown;
    } catch {
      throw new EngineError('rejected', `${name} printed no JSON`);
    }
  }

  private get regionArgs(): readonly string[] {
    return this.region === undefined ? [] : ['--region', this.region];
  }

  private async run({ argv, env = CLI_ENV, ...limits }: AwsRun): Promise<Ran> {
    const { error, output, result } = await callCli(this.context, { name: argv.slice(1, 3).join(' '), argv, env: { ...this.env, ...env }, ...limits });
    return { result, output: output.join('\n'), error: error.join('\n') };
  }

  private get env(): NodeJS.ProcessEnv {
    const { environment, processEnv } = this.context;
    return { ...environmentWithoutOurs(processEnv, environment), ...environment.variables };
  }
}

interface AwsRun extends Pick<CliCall, 'argv' | 'giveUpAt' | 'timeoutMs'> {
  /** @default CLI_ENV */
  readonly env?: NodeJS.ProcessEnv;
}

interface Ran {
  readonly result: CommandResult;
  readonly output: string;
  readonly error: string;
}

const CODES: Readonly<Record<string, EngineErrorKind>> = {
  TooManyRequestsException: 'throttled',
  ThrottlingException: 'throttled',
  Throttling: 'throttled',
  RequestLimitExceeded: 'throttled',
  SlowDown: 'throttled',
  TooManyInvalidationsInProgress: 'throttled',
  429: 'throttled',
  ServiceException: 'unavailable',
  ServerException: 'unavailable',
  ServiceUnavailable: 'unavailable',
  ServiceUnavailableException: 'unavailable',
  InternalError: 'unavailable',
  InternalFailure: 'unavailable',
  InternalServerError: 'unavailable',
  500: 'unavailable',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
  AccessDenied: 'accessDenied',
  AccessDeniedException: 'accessDenied',
  UnauthorizedOperation: 'accessDenied',
  ExpiredToken: 'signedOut',
  ExpiredTokenException: 'signedOut',
  InvalidClientTokenId: 'signedOut',
  UnrecognizedClientException: 'signedOut',
  SignatureDoesNotMatch: 'signedOut',
  InvalidSignatureException: 'signedOut',
  // of HEAD requests, whose responses have no text
  403: 'accessDenied',
  404: 'notFound',
  ResourceNotFoundException: 'notFound',
  ClusterNotFoundException: 'notFound',
  ServiceNotFoundException: 'notFound',
  ListenerNotFound: 'notFound',
  RuleNotFound: 'notFound',
  TargetGroupNotFound: 'notFound',
  NoSuchBucket: 'notFound',
  NoSuchDistribution: 'notFound',
  NoSuchKey: 'notFound',
  PreconditionFailed: 'conflict',
  InvalidIfMatchVersion: 'conflict',
  ConditionalRequestConflict: 'conflict',
  PreconditionFailedException: 'conflict',
  ResourceConflictException: 'conflict',
  CodeStorageExceededException: 'full',
};

/** What the CLI says without a response of the service. */
const TEXTS: readonly (readonly [RegExp, EngineErrorKind])[] = [
  [/Unable to locate credentials|Token .*expired|config profile .* could not be found|Partial credentials/i, 'signedOut'],
  [/No space left on device|Disk quota exceeded/i, 'full'],
  [/Read timeout|Connect timeout|Connection was closed|timed out/i, 'timeout'],
  [/Could not connect|Connection (refused|reset)|endpoint URL/i, 'unavailable'],
  [/Unknown options|Invalid choice|usage: aws/i, 'cliMissing'],
];

/** Classifies what the CLI printed. */
function errorOf(call: string, { exitCode, outcome, signal }: Pick<CommandResult, 'exitCode' | 'outcome' | 'signal'>, printed: string): EngineError {
  if (outcome === 'timedOut') return new EngineError('timeout', `${call} did not end in time`);
  const [, code, said] = /An error occurred \(([\w.-]+)\) when calling the \w+ operation(?: \([^)]*\))?: ([^\n]*)/.exec(printed) ?? [];
  if (code !== undefined) return new EngineError(CODES[code] ?? 'rejected', `${call}: ${code}: ${safeLine(said ?? '', 300)}`);
  if (exitCode === undefined && signal === undefined) {
    // what else it says is for commands of the user
    const isAbsent = printed.startsWith('aws: not found on this machine');
    return new EngineError('cliMissing', isAbsent ? 'aws was not found on this machine' : safeLine(printed.trim(), 300));
  }
  const [, kind] = TEXTS.find(([text]) => text.test(printed)) ?? [undefined, 'rejected' as const];
  const last = printed.trim().split('\n').at(-1) ?? '';
  return new EngineError(kind, `${call}: ${safeLine(last, 300) || `ended with ${signal ?? `exit code ${exitCode}`}`}`);
}
