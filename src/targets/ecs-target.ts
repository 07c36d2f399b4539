import { TargetBinding } from './target-binding';
import { TargetCommand } from './target-command';
import { EcsDriverManifest } from '../contract/ecs-manifest';
import { checkAwsRegion } from '../validation/aws-region';
import { Duration } from '../validation/duration';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

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

/** A service of ECS. */
export function ecsTarget(options: EcsTargetOptions): TargetBinding {
  const { account, cluster, container, region, service } = optionsOf('Target.ecs', options, OPTIONS, '{ cluster: \'shop\', service: \'web\' }');
  check('cluster', cluster, /^([\w-]{1,255}|arn:aws[\w-]*:ecs:[\w-]+:\d{12}:cluster\/[\w-]{1,255})$/, 'shop');
  check('service', service, /^[\w-]{1,255}$/, 'web');
  if (container !== undefined) check('container', container, /^[\w-]{1,255}$/, 'web');
  if (region !== undefined) checkAwsRegion('Target.ecs region', region);
  if (account !== undefined) check('account', account, /^\d{12}$/, '123456789012');
  const driver: EcsDriverManifest = { kind: 'ecs', cluster, service, container, region, account };
  return {
    commands: { deploy: TargetCommand._ofDriver('deploy', driver), rollback: TargetCommand._ofDriver('rollback', driver) },
    commandTimeout: COMMAND_TIMEOUT,
  };
}

function check(option: string, value: unknown, pattern: RegExp, example: string): void {
  if (typeof value === 'string' && pattern.test(value)) return;
  invalid(`Target.ecs ${option}`, value === undefined ? 'it is missing' : `${show(value)} is not valid`, `Write it as AWS does, for example ${example}`);
}
