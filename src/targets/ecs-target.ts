import { TargetBinding } from './target-binding';
import { TargetCommand } from './target-command';
import { EcsDriverManifest } from '../contract/ecs-manifest';
import { AwsNameRule, checkAwsAccount, checkAwsName } from '../validation/aws-name';
import { checkAwsRegion } from '../validation/aws-region';
import { Duration } from '../validation/duration';
import { OptionNames, optionsOf } from '../validation/option-types';

/**
 * Options for a target that runs a service of Amazon ECS with the delivery's image (`Artifact.image`). The runtime calls the AWS CLI
 * (version 2, or 1.29 and later), which must be installed and signed in where the deployment runs.
 *
 * The cluster and the service must exist. The target registers a revision of the service's task definition for each release, in which only
 * the image and the variables DELIVERY_VERSION and DELIVERY_SHA of one container differ.
 */
export interface EcsTargetOptions {
  /** The name or the ARN of the cluster. */
  readonly cluster: string;

  /** The name of the service. Its deployment controller must be ECS, with any of the strategies of ECS itself. */
  readonly service: string;

  /**
   * The container that gets the image.
   *
   * @default - the only container of the task definition
   */
  readonly container?: string;

  /**
   * The AWS region of the cluster.
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
}

const OPTIONS: OptionNames<EcsTargetOptions> = { cluster: true, service: true, container: true, region: true, account: true };

/** A load balancer takes 5 minutes by default until it lets go of the old tasks, and ECS waits for it. */
const COMMAND_TIMEOUT = Duration.minutes(15);

const CLUSTER: AwsNameRule = {
  pattern: /^([\w-]{1,255}|arn:aws[\w-]*:ecs:[\w-]+:\d{12}:cluster\/[\w-]{1,255})$/,
  meaning: 'the name or the ARN of a cluster',
  example: 'shop',
};
const nameOf = (what: string): AwsNameRule => ({ pattern: /^[\w-]{1,255}$/, meaning: `the name of ${what} (letters, digits, - and _)`, example: 'web' });

/** A service of ECS. */
export function ecsTarget(options: EcsTargetOptions): TargetBinding {
  const { account, cluster, container, region, service } = optionsOf('Target.ecs', options, OPTIONS, '{ cluster: \'shop\', service: \'web\' }');
  checkAwsName('Target.ecs cluster', cluster, CLUSTER);
  checkAwsName('Target.ecs service', service, nameOf('a service'));
  if (container !== undefined) checkAwsName('Target.ecs container', container, nameOf('a container'));
  if (region !== undefined) checkAwsRegion('Target.ecs region', region);
  if (account !== undefined) checkAwsAccount('Target.ecs account', account);
  const driver: EcsDriverManifest = { kind: 'ecs', cluster, service, container, region, account };
  return {
    commands: { deploy: TargetCommand._ofDriver('deploy', driver), rollback: TargetCommand._ofDriver('rollback', driver) },
    commandTimeout: COMMAND_TIMEOUT,
  };
}
