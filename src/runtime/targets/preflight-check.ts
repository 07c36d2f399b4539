import { EngineError, EngineErrorKind } from './engine-error';
import { ConfigurationError } from '../errors';

/** The checks of a driver before the first change: what a retry does not help is an error of the configuration. */
export class PreflightCheck {
  /** @param fixes what to do, for the kinds of errors that a retry does not help */
  constructor(
    private readonly environment: string, private readonly target: string, private readonly fixes: Partial<Record<EngineErrorKind, string>>,
  ) {}

  /**
   * Returns the engine's answer. Other errors keep their type.
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

  public refuse(problem: string, fix: string): never {
    this.fail(`${problem}. ${fix}`);
  }

  private fail(message: string): never {
    throw new ConfigurationError(`${this.environment}: ${this.target} ${message}. Nothing was changed.`);
  }
}
