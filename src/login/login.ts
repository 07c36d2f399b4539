import { AwsLogin, awsLogin, AwsLoginOptions } from './aws-login';
import { invalid, show } from '../validation/validation-error';

/**
 * Defines how the jobs of an environment sign in to a cloud, without a stored secret: they exchange an OpenID Connect token of GitHub for
 * credentials that end with the session.
 */
export class Login {
  /**
   * Signs in to AWS by assuming an IAM role with the action `aws-actions/configure-aws-credentials`. The jobs that deploy and roll back get
   * `id-token: write` and sign in after the checkout and the toolchain, and before the steps of the target. The build does not sign in with this role.
   *
   * @param options the role and the region
   * @example
   * Login.aws({ role: 'arn:aws:iam::111122223333:role/deploy', region: 'eu-central-1' })
   */
  public static aws(options: AwsLoginOptions): Login {
    return new Login(awsLogin(options));
  }

  /** @internal */
  public readonly _definition: AwsLogin;

  private constructor(definition: AwsLogin) {
    this._definition = definition;
  }
}

/** Plain JavaScript may pass any value. */
export function checkLogin(option: string, login: Login): AwsLogin {
  return (login as Partial<Login> | null)?._definition
    ?? invalid(option, `${show(login)} is not a Login`, 'Write Login.aws({ role: \'arn:aws:iam::111122223333:role/deploy\', region: \'eu-central-1\' })');
}
