import { RuntimeContext } from '../../../runtime/context';
import { environmentWithoutOurs } from '../../../runtime/processes/command-environment';
import { scriptEnvironment } from '../../../runtime/processes/script-environment';
import { CommandResult } from '../../../runtime/processes/user-command';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { callCli } from '../../../runtime/targets/cli-call';
import { EngineError, EngineErrorKind } from '../../../runtime/targets/engine-error';
import { withRetries } from '../../../runtime/targets/engine-retries';
import { NpmDriverManifest } from '../manifest';

export interface NpmCall {
  readonly argv: readonly string[];
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
  /** For one attempt. @default 60000 */
  readonly timeoutMs?: number;
  /** @default - the project's directory */
  readonly cwd?: string;
  /** Settings of npm beside those of every call. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether code of packages runs in it: then it gets no secrets. */
  readonly runsScripts?: boolean;
}

const TIMEOUT_MS = 60_000;

/** Retries are this class's own: they use the injected clock, and each is logged. A debug log would stay on the machine. */
const CLI_ENV = {
  npm_config_fetch_retries: '0',
  // a user may prefer npm's cache, which has old tags and versions
  npm_config_offline: 'false',
  npm_config_prefer_offline: 'false',
  npm_config_prefer_online: 'true',
  npm_config_loglevel: 'error',
  npm_config_logs_max: '0',
  npm_config_progress: 'false',
  npm_config_color: 'false',
  npm_config_update_notifier: 'false',
  npm_config_fund: 'false',
  npm_config_audit: 'false',
};

/** Calls the npm CLI, a process per call, without a shell. Rejects with `EngineError` and `InterruptedError`. */
export class NpmCli {
  constructor(private readonly context: RuntimeContext, private readonly settings: Pick<NpmDriverManifest, 'packageName' | 'registry' | 'tokenVariable'>) {}

  /** Whether the environment variable with the token is set. */
  public get hasToken(): boolean {
    return this.token !== undefined;
  }

  /** Calls what changes nothing. Returns what it printed. */
  public read(call: NpmCall): Promise<string> {
    return this.withRetries(call, ['throttled', 'unavailable', 'timeout']);
  }

  /** Calls what changes something. If the result is uncertain, the caller reads the state again. */
  public write(call: NpmCall): Promise<string> {
    return this.withRetries(call, ['throttled']);
  }

  /** The process environment of code that belongs to packages: no secret of the environment, and no way to sign in as this job. */
  public get environmentOfScripts(): NodeJS.ProcessEnv {
    const { environment, processEnv } = this.context;
    return scriptEnvironment(processEnv, environment, [this.settings.tokenVariable, 'NODE_AUTH_TOKEN', 'NPM_TOKEN']);
  }

  private withRetries(call: NpmCall, retried: readonly EngineErrorKind[]): Promise<string> {
    return withRetries({ context: this.context, giveUpAt: call.giveUpAt, retried }, () => this.once(call));
  }

  private async once({ argv, cwd, env, giveUpAt, runsScripts = false, timeoutMs = TIMEOUT_MS }: NpmCall): Promise<string> {
    const name = `npm ${argv.slice(0, argv[0] === 'dist-tag' ? 2 : 1).join(' ')}`;
    const { error, output, result } = await callCli(this.context, {
      name,
      argv: ['npm', ...argv, ...this.registryArgs],
      env: { ...(runsScripts ? this.environmentOfScripts : this.signedInEnv), ...CLI_ENV, ...env },
      cwd,
      giveUpAt,
      timeoutMs,
    });
    if (result.outcome === 'succeeded') return output.join('\n');
    throw errorOf(name, result, error.join('\n'));
  }

  /** On the command line they count more than a .npmrc. */
  private get registryArgs(): readonly string[] {
    const { packageName, registry } = this.settings;
    const [scope] = packageName.startsWith('@') ? packageName.split('/') : [];
    return [`--registry=${registry}`, ...(scope === undefined ? [] : [`--${scope}:registry=${registry}`])];
  }

  /** The token is only in the process environment of npm: in no argument, and in no file. */
  private get signedInEnv(): NodeJS.ProcessEnv {
    const { registry } = this.settings;
    return { ...this.plainEnv, ...(this.token !== undefined && { [`npm_config_${registry.replace(/^https?:/, '')}:_authToken`]: this.token }) };
  }

  private get plainEnv(): NodeJS.ProcessEnv {
    const { environment, processEnv } = this.context;
    return { ...environmentWithoutOurs(processEnv, environment), ...environment.variables };
  }

  private get token(): string | undefined {
    const token = this.context.processEnv[this.settings.tokenVariable]?.trim();
    return token === '' ? undefined : token;
  }
}

const CODES: Readonly<Record<string, EngineErrorKind>> = {
  E401: 'signedOut',
  ENEEDAUTH: 'signedOut',
  E402: 'rejected',
  E403: 'accessDenied',
  EOTP: 'accessDenied',
  E404: 'notFound',
  ETARGET: 'notFound',
  E409: 'conflict',
  EPUBLISHCONFLICT: 'conflict',
  ENOSPC: 'full',
  EDQUOT: 'full',
  E507: 'full',
  E429: 'throttled',
  E500: 'unavailable',
  E502: 'unavailable',
  E503: 'unavailable',
  E504: 'unavailable',
  EAI_AGAIN: 'unavailable',
  ECONNREFUSED: 'unavailable',
  ECONNRESET: 'unavailable',
  ENOTFOUND: 'unavailable',
  EPIPE: 'unavailable',
  ERR_SOCKET_CLOSED: 'unavailable',
  EIDLETIMEOUT: 'timeout',
  ERR_SOCKET_TIMEOUT: 'timeout',
  ESOCKETTIMEDOUT: 'timeout',
  ETIMEDOUT: 'timeout',
};

/** Classifies what the CLI printed. */
export function errorOf(call: string, { exitCode, outcome, signal }: Pick<CommandResult, 'exitCode' | 'outcome' | 'signal'>, printed: string): EngineError {
  if (outcome === 'timedOut') return new EngineError('timeout', `${call} did not end in time`);
  if (exitCode === undefined && signal === undefined) {
    return new EngineError('cliMissing', printed.startsWith('npm: not found on this machine') ? 'npm was not found on this machine' : safeLine(printed.trim(), 300));
  }
  const lines = printed.split('\n').map((line) => line.replace(/^npm (?:error|ERR!) ?/, '').trim()).filter((line) => line !== '');
  const code = lines.map((line) => /^code (\w+)$/.exec(line)?.[1]).find((found) => found !== undefined);
  // the first line that says more than the code
  const said = lines.find((line) => !/^code |^npm |^(?:\d{3}|E[A-Z]+)$/.test(line)) ?? '';
  const message = `${call}: ${code === undefined ? '' : `${code}: `}${safeLine(said, 300) || `ended with ${signal ?? `exit code ${exitCode}`}`}`;
  // npmjs.com says 403, and npm itself says it without a code
  if (/cannot publish over|previously published version/i.test(printed)) return new EngineError('conflict', message);
  return new EngineError((code !== undefined && CODES[code]) || 'rejected', message);
}
