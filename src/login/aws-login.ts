import { checkAwsRegion } from '../validation/aws-name';
import { Duration, millisecondsOfGiven } from '../validation/duration';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for a sign-in to AWS.
 */
export interface AwsLoginOptions {
  /**
   * The ARN of the IAM role that deploys and rolls back: `arn:aws:iam::111122223333:role/deploy`. The role trusts the GitHub environments
   * of these jobs. `npx projen delivery trust` prints the trust policy.
   *
   * @see https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
   */
  readonly role: string;

  /** The AWS region, for example `eu-central-1`. The commands find it as AWS_REGION and AWS_DEFAULT_REGION. */
  readonly region: string;

  /**
   * How long the credentials are valid: 15 minutes to 12 hours, and at least as long as the longest job that uses them may take. A session
   * that could end before a rollback does is rejected at synthesis. The role's maximum session duration (1 hour by default) must allow it.
   *
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html
   * @default - the time limit of the longest job that deploys or rolls back, at least 1 hour
   */
  readonly sessionDuration?: Duration;

  /**
   * The ARN of an IAM role that only reads. The jobs that plan, confirm and watch sign in with it, for one hour, in the environment's
   * `monitorEnvironment`. If this sign-in fails, they continue without credentials.
   *
   * @default - none: these jobs have no credentials
   */
  readonly readRole?: string;

  /**
   * The ARN of an IAM role that prepares change sets and executes none, for `Target.awsCdk({ changeSet: ChangeSetMode.REVIEW })`. The job that plans signs in
   * with it, for one hour, in the environment's `monitorEnvironment`, before anyone approves.
   *
   * @default - none: the job that plans has `readRole`, if that is set
   */
  readonly planRole?: string;
}

/** A sign-in to AWS, checked for what can be wrong with it alone. */
export interface AwsLogin {
  readonly kind: 'aws';
  readonly role: string;
  readonly region: string;
  readonly readRole?: string;
  readonly planRole?: string;
  readonly sessionMs?: number;
}

const AWS_LOGIN: OptionNames<AwsLoginOptions> = { role: true, region: true, sessionDuration: true, readRole: true, planRole: true };

const EXAMPLE_ROLE = 'arn:aws:iam::111122223333:role/deploy';

/** By partition: how the names of its regions begin. */
const REGIONS: Record<string, RegExp> = { 'aws': /^(?!cn-|us-gov-)/, 'aws-cn': /^cn-/, 'aws-us-gov': /^us-gov-/ };

const LEAST_MS = 15 * 60_000;
const MOST_MS = 12 * 3_600_000;

export function awsLogin(options: AwsLoginOptions): AwsLogin {
  const { role, region, planRole, readRole, sessionDuration } = optionsOf('Login.aws', options, AWS_LOGIN, `{ role: '${EXAMPLE_ROLE}', region: 'eu-central-1' }`);
  checkRole('role', role);
  if (readRole !== undefined) checkRole('readRole', readRole);
  if (readRole === role) invalid('Login.aws readRole', 'it is the role that deploys, and the jobs that only read would sign in with it before anyone approves', 'Name a role that only reads, or leave it out');
  if (planRole !== undefined) checkRole('planRole', planRole);
  if (planRole === role && planRole !== undefined) invalid('Login.aws planRole', 'it is the role that deploys, and the job that plans would sign in with it before anyone approves', 'Name a role that prepares change sets and executes none');
  if (planRole === readRole && planRole !== undefined) invalid('Login.aws planRole', 'it is the role that only reads, and the jobs that watch sign in with that', 'Name a role of its own, or leave readRole out');
  for (const [name, other] of Object.entries({ readRole, planRole })) {
    if (other === undefined || accountOf(other) === accountOf(role)) continue;
    invalid(`Login.aws ${name}`, `it is of the account ${accountOf(other)}, and role of ${accountOf(role)}, so its jobs would read another account`, 'Name roles of one account');
  }
  checkRegion(region, role, readRole, planRole);
  return { kind: 'aws', role, region, readRole, planRole, sessionMs: sessionDuration === undefined ? undefined : sessionMsOf(sessionDuration) };
}

/** The account of an IAM role. */
export function accountOf(role: string): string {
  return role.split(':')[4];
}

function checkRole(name: string, role: string): void {
  const option = `Login.aws ${name}`;
  const fix = `Write the ARN of an IAM role, for example '${EXAMPLE_ROLE}'`;
  if (typeof role !== 'string' || role === '') invalid(option, role === undefined ? 'it is missing' : `${show(role)} is not the ARN of a role`, fix);
  if (role.includes('${{')) invalid(option, `${show(role)} is an expression, and the trust policy cannot be made from it`, fix);
  if (!/^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:role\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/.test(role)) invalid(option, `${show(role)} is not the ARN of a role`, fix);
}

function checkRegion(region: string, ...roles: (string | undefined)[]): void {
  const option = 'Login.aws region';
  checkAwsRegion(option, region);
  const other = roles.find((role) => role !== undefined && !REGIONS[role.split(':')[1]].test(region));
  if (other !== undefined) invalid(option, `${show(region)} is in another partition of AWS than the role ${show(other)}`, 'Name a region and a role of the same partition');
}

function sessionMsOf(sessionDuration: Duration): number {
  const option = 'Login.aws sessionDuration';
  const sessionMs = millisecondsOfGiven(option, sessionDuration, Duration.hours(2));
  if (sessionMs < LEAST_MS || sessionMs > MOST_MS) {
    invalid(option, `${sessionDuration.toString()} is not a session that AWS gives`, 'Set 15 minutes to 12 hours, for example Duration.hours(2)');
  }
  // AWS counts whole seconds
  if (sessionMs % 1000 !== 0) invalid(option, `${sessionDuration.toString()} is not a number of whole seconds`, `Write Duration.seconds(${Math.ceil(sessionMs / 1000)})`);
  return sessionMs;
}
