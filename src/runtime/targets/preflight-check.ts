import { EngineError, EngineErrorKind } from './engine-error';
import { Intent } from './target-driver';
import { AwsCliVersion, installAwsCli, isAtLeast, LEAST_AWS_CLI } from '../aws/aws-cli-versions';
import { ConfigurationError } from '../errors';
import { Release } from '../release';

/** Who calls AWS, and with what. */
export interface AwsCaller {
  readonly version: Promise<string>;
  readonly account: Promise<string>;
  readonly least: AwsCliVersion;
  /** @default - any account */
  readonly wanted?: string;
}

const SIGN_IN = 'Sign in before the deployment: set login: Login.aws({ role, region }) in the options of the environment; on a laptop run aws sso login, or set AWS_PROFILE';

/** The fixes for the errors of AWS that a retry does not help. `page` is the target's page in docs/targets. */
export function awsFixes(page: string, least = LEAST_AWS_CLI): Partial<Record<EngineErrorKind, string>> {
  return {
    signedOut: SIGN_IN,
    accessDenied: `Add the permissions of docs/targets/${page}.md to the role`,
    cliMissing: installAwsCli(least),
  };
}

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
   * @param missing the problem and its fix, if the engine does not find it
   */
  public async fixed<T>(response: Promise<T>, missing?: string): Promise<T> {
    try {
      return await response;
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

  /**
   * Refuses a deployment that could not be rolled back, and a rollback to a release that the engine does not have any more.
   *
   * @param problemOf why the engine cannot restore a release; undefined if it can
   */
  public async restorable({ kind, release, stable }: Intent, problemOf: (needed: Release) => Promise<string | undefined>, fix = 'Record what is live as Stable'): Promise<void> {
    const needed = kind === 'rollback' ? release : stable;
    const problem = needed && await problemOf(needed);
    if (problem === undefined) return;
    if (kind === 'rollback') this.refuse(`${problem}, so it cannot be restored`, 'Choose another release');
    this.refuse(`${problem}, so a bad release could not be rolled back`, `${fix}: adopt ${this.environment} --release VERSION`);
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
