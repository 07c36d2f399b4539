import { Task } from 'projen';
import { LambdaDriverManifest } from './manifest';
import { DriverCall, ecrOf } from '../../contract/manifest';
import { Artifact, ArtifactOptions } from '../../delivery/artifact';
import { artifactPaths } from '../../delivery/artifact-paths';
import { TargetBinding, TargetCapability } from '../../targets/target-binding';
import { TargetCommand } from '../../targets/target-command';
import { ALIAS_NAME, checkAwsAccount, checkAwsName, checkAwsRegion, FUNCTION_NAME } from '../../validation/aws-name';
import { objectOf, OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * Options for a target that deploys a zip file or a container image to an AWS Lambda function. The runtime calls the AWS CLI (version 2.13 or 1.29, or later),
 * which must be installed and signed in where the deployment runs.
 *
 * The function and the alias must exist. The target publishes a version for each release, and points the alias at it. The version's
 * description names the release.
 */
export interface LambdaTargetOptions {
  /** The name of the function. */
  readonly functionName: string;

  /** The alias that users invoke. Environments that share a function each have an alias of their own. */
  readonly alias: string;

  /**
   * The zip file with the function's code, relative to the project's directory, at most 50 MB. It is the delivery's artifact: it is built
   * once and deployed unchanged to every environment.
   *
   * @default - none: `image` is deployed
   */
  readonly code?: string;

  /**
   * The container image that the function runs, in a private registry of AWS (Amazon ECR) in the region of the function. It is the
   * delivery's artifact: every environment gets the same digest.
   *
   * @default - none: `code` is deployed
   */
  readonly image?: Artifact;

  /**
   * The task that builds `code`, or its name.
   *
   * @default - the file is already there: the release's own build makes it
   */
  readonly buildTask?: string | Task;

  /**
   * The AWS region of the function.
   *
   * @default - the one that the AWS CLI is configured for (AWS_REGION)
   */
  readonly region?: string;

  /**
   * The id of the AWS account that the credentials must belong to, 12 digits. A deployment with other credentials changes nothing.
   *
   * @default - any account
   */
  readonly account?: string;

  /**
   * The event that each new version is invoked with before the alias moves. If the function reports an error, users never see the version.
   *
   * @default - the version is not invoked
   */
  readonly testEvent?: Record<string, unknown>;
}

const OPTIONS: OptionNames<LambdaTargetOptions> = {
  functionName: true, alias: true, code: true, image: true, buildTask: true, region: true, account: true, testEvent: true,
};
const EXAMPLE = '{ functionName: \'shop\', alias: \'live\', code: \'dist/function.zip\' }';

/** A Lambda function. */
export function lambdaTarget(options: LambdaTargetOptions): TargetBinding {
  optionsOf('Target.lambda', options, OPTIONS, EXAMPLE);
  const { account, region, testEvent } = options;
  checkAwsName('Target.lambda functionName', options.functionName, FUNCTION_NAME);
  checkAwsName('Target.lambda alias', options.alias, ALIAS_NAME);
  if (region !== undefined) checkAwsRegion('Target.lambda region', region);
  if (account !== undefined) checkAwsAccount('Target.lambda account', account);
  if (testEvent !== undefined) checkEvent(testEvent);
  const { artifact, zip } = codeOf(options);
  const driver: LambdaDriverManifest = { kind: 'lambda', functionName: options.functionName, alias: options.alias, code: zip, region, account, testEvent };
  const command = (call: DriverCall) => TargetCommand._ofDriver(call, driver);
  return {
    commands: { deploy: command('deploy'), promote: command('promote'), setWeight: command('setWeight'), rollback: command('rollback') },
    capabilities: [TargetCapability.SLOTS, TargetCapability.WEIGHTS],
    artifact,
  };
}

/** The event is written as JSON. What JSON does not have would be left out, and the function would get another event. */
function checkEvent(event: object): void {
  const option = 'Target.lambda testEvent';
  objectOf(option, event, '{ path: \'/health\' }');
  const lost: unknown[] = [];
  const isLost = (value: unknown) => ['bigint', 'function', 'symbol'].includes(typeof value) || (typeof value === 'number' && !Number.isFinite(value));
  try {
    JSON.stringify(event, (_, value: unknown) => (isLost(value) ? void lost.push(value) : value));
  } catch {
    invalid(option, 'it contains itself, and cannot be written as JSON', 'Write text, numbers, booleans, lists and objects');
  }
  if (lost.length > 0) invalid(option, `${show(lost[0])} cannot be written as JSON`, 'Write text, numbers, booleans, lists and objects');
}

/** What the function runs: a zip file or an image. */
function codeOf({ buildTask, code, image, region }: LambdaTargetOptions): { readonly artifact: ArtifactOptions | Artifact; readonly zip?: string } {
  if (image === undefined) {
    if (code === undefined) invalid('Target.lambda code', 'it is missing, and there is no image', 'Name the zip file that the build makes, for example dist/function.zip');
    const [zip] = artifactPaths([code], 'Target.lambda code');
    if (!zip.endsWith('.zip')) invalid('Target.lambda code', `${show(code)} is not a zip file`, 'Name the file that the build makes, for example dist/function.zip');
    return { artifact: { paths: [zip], buildTask }, zip };
  }
  if (code !== undefined) invalid('Target.lambda image', `the function would run ${show(code)}, too`, 'Leave code or image out');
  if (buildTask !== undefined) invalid('Target.lambda buildTask', 'it builds code, and the function runs an image', 'Set buildTask in Artifact.image');
  checkImage(image, region);
  return { artifact: image };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/images-create.html */
function checkImage(image: Artifact, region: string | undefined): void {
  const option = 'Target.lambda image';
  if (!(image instanceof Artifact)) invalid(option, `${show(image)} is not an Artifact`, 'Write Artifact.image({ repository: \'111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop\' })');
  const { repository } = image._definition.manifest;
  const ecr = ecrOf(repository.split('/')[0]!);
  if (!ecr) invalid(option, `${show(repository)} is not in Amazon ECR, and Lambda runs no other images`, 'Push it to a private registry of AWS');
  if (region !== undefined && ecr.region !== region) invalid(option, `${show(repository)} is in ${ecr.region}, and the function in ${region}`, 'Push it to the region of the function');
}
