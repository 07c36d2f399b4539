/** The oldest minor version by major version. Later major versions are accepted. */
export type AwsCliVersion = Readonly<Record<1 | 2, number>>;

/** The first ones with `AWS_ENDPOINT_URL`, and with all options and fields of the calls that need no newer one. */
export const LEAST_AWS_CLI: AwsCliVersion = { 1: 29, 2: 13 };

/**
 * The first minor versions that all know `PolicyAction` of a change set (1.32.77, 2.15.36). Without it a resource that is kept looks like one that
 * is removed, and the plan misses what becomes of replaced ones.
 *
 * @see https://github.com/aws/aws-cli/blob/v2/CHANGELOG.rst
 */
export const LEAST_FOR_CHANGE_SETS: AwsCliVersion = { 1: 33, 2: 16 };

/** The first minor versions that all know the `strategy` of a service (1.41.5, 2.27.51). An older one hides that ECS itself moves the users. */
export const LEAST_FOR_ECS_STRATEGIES: AwsCliVersion = { 1: 42, 2: 28 };

/**
 * The first versions that upload with checksums by default. `put-object --if-match` is older: 1.36.10.
 *
 * @see https://github.com/aws/aws-cli/issues/9214
 */
export const LEAST_FOR_UPLOADS: AwsCliVersion = { 1: 37, 2: 23 };

/** Whether a version of the CLI is new enough. */
export function isAtLeast(version: string, least: AwsCliVersion): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 1 || major === 2) return minor >= least[major];
  return major > 2;
}

/** What to do about a CLI that is missing or too old. */
export function installAwsCli(least: AwsCliVersion, where = 'in setupSteps'): string {
  return `Install the AWS CLI, version 2.${least[2]} or 1.${least[1]}, or later, ${where}`;
}
