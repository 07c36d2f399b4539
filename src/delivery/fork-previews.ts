import { invalid, show } from '../validation/validation-error';

/**
 * Whether pull requests from forks get previews. Their code never runs with secrets unless a person approved the very commit.
 *
 * @see https://docs.github.com/en/actions/reference/security/secure-use
 */
export class ForkPreviews {
  /** Gives pull requests from forks no preview. */
  public static never(): ForkPreviews {
    return new ForkPreviews();
  }

  /**
   * Lets a person deploy one commit of a fork: by hand, with the number of the pull request and the full sha of its head commit, and after the
   * approval of a reviewer. A push to the fork deploys nothing.
   *
   * @param environment the GitHub environment of these jobs. Give it required reviewers, and secrets that may be lost
   */
  public static afterApproval(environment: string): ForkPreviews {
    if (typeof environment === 'string' && /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,63}$/.test(environment)) return new ForkPreviews(environment);
    return invalid('ForkPreviews.afterApproval environment', `${show(environment)} is not a name for an environment`,
      'Name a GitHub environment with required reviewers, for example \'fork-previews\'');
  }

  /** @internal */
  public readonly _isForkPreviews = true;

  /** @internal */
  public readonly _environment?: string;

  private constructor(environment?: string) {
    this._environment = environment;
  }
}
