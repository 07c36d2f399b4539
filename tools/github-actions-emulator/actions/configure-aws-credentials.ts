import { Action, ActionFailed } from './action';

/** What IAM knows of a role. */
export interface AwsRole {
  /** The `sub` of the tokens that may assume it. */
  readonly subjects: readonly string[];
  /** Seconds. @default 3600 */
  readonly maxSession?: number;
}

/**
 * aws-actions/configure-aws-credentials with OpenID Connect: the job's token names the repository and the environment, and the role's trust policy
 * decides. The session token names the role, so that a stand-in for the AWS CLI knows who calls.
 */
export const configureAwsCredentials: Action = {
  inputs: { 'role-to-assume': true, 'aws-region': true, 'role-duration-seconds': true, 'audience': false },
  run(context) {
    const [role, region, seconds] = ['role-to-assume', 'aws-region', 'role-duration-seconds'].map((name) => context.input(name));
    if (region === '') throw new ActionFailed('Input required and not supplied: aws-region');
    if (!context.hasIdToken) {
      throw new ActionFailed('Credentials could not be loaded, please check your action inputs: Could not load credentials from any providers');
    }
    const known = context.awsRoles[role];
    if (!known?.subjects.includes(context.subject)) {
      throw new ActionFailed('Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity');
    }
    if (Number(seconds || '3600') > (known.maxSession ?? 3600)) {
      throw new ActionFailed('Could not assume role with OIDC: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
    }
    const secrets = { AWS_ACCESS_KEY_ID: `ASIA-${context.runId}`, AWS_SECRET_ACCESS_KEY: `secret of ${context.subject}`, AWS_SESSION_TOKEN: `session of ${role}` };
    for (const value of Object.values(secrets)) context.mask(value);
    for (const [name, value] of Object.entries({ AWS_REGION: region, AWS_DEFAULT_REGION: region, ...secrets })) context.setEnv(name, value);
    context.log(`Assumed the role ${role}`);
    return Promise.resolve();
  },
};
