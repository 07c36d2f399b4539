import { AwsCliVersion, isAtLeast } from './aws-cli';
import { EngineError, EngineErrorKind } from './engine-error';
import { ConfigurationError } from '../errors';

/** Who calls AWS, and with what. */
export interface AwsCaller {
  readonly version: Promise<string>;
  readonly account: Promise<string>;
  readonly least: AwsCliVersion;
  /** @default - any account */
  readonly wanted?: string;
}

/** What to do without credentials. */
export const SIGN_IN = 'Sign in before the deployment: set login: Login.aws({ role, region }) in the options of the environment; on a laptop run aws sso login, or set AWS_PROFILE';

/** Returns the result of `Promise.allSettled` as a promise, so that faults are named in one order. */
export function settled<T>(result: PromiseSettledResult<T>): Promise<T> {
  return result.status === 'fulfilled' ? Promise.resolve(result.value) : Promise.reject(result.reason as Error);
}

/** The checks of a driver before the first change: what a retry does not help is an error of the configuration. */
export class PreflightCheck {
  /** @param fixes what to do, for the kinds of errors that a retry does not help */
  constructor(
    private readonly environment: string, private readonly target: string, private readonly fixes: Partial<Record<EngineErrorKind, string>>,
  ) {}

  /**
   * Returns the engine's response. Other errors keep their type.
   *
   * @param missing the problem and its fix, if the engine does not find what was asked for
   */
  public async fixed<T>(asked: Promise<T>, missing?: string): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.kind === 'notFound' && missing !== undefined) this.fail(missing);
      const fix = this.fixes[error.kind];
      if (fix !== undefined) this.refuse(error.message, fix);
      throw error;
    }
  }

  /** Refuses a CLI that is older than `least`, and credentials of another account than `wanted`. Returns the account. */
  public async awsAccount({ account, least, version, wanted }: AwsCaller): Promise<string> {
    // the CLI is named before the account
    const [installed, caller] = await Promise.allSettled([version, account]);
    const found = await this.fixed(settled(installed));
    if (!isAtLeast(found, least)) this.refuse(`the AWS CLI ${found} is too old`, this.fixes.cliMissing!);
    const id = await this.fixed(settled(caller));
    if (wanted !== undefined && wanted !== id) {
      this.refuse(`account: the credentials belong to the account ${id}, not ${wanted}`, `Sign in to the right account, or correct ${this.target} account`);
    }
    return id;
  }

  public refuse(problem: string, fix: string): never {
    // what the CLI printed may be a sentence
    this.fail(`${problem.replace(/\.$/, '')}. ${fix}`);
  }

  private fail(message: string): never {
    const isAboutOption = /^\w+: /.test(message);
    throw new ConfigurationError(`${this.environment}: ${this.target}${isAboutOption ? '' : ':'} ${message}. Nothing was changed.`);
  }
}
