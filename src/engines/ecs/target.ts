import { EcsBlueGreenOptions, ecsSlots } from './ecs-slots';
import { DriverCall, DriverManifest } from '../../contract/manifest';
import { TargetBinding, TargetCapability } from '../../targets/target-binding';
import { TargetCommand } from '../../targets/target-command';
import { AwsNameRule, checkAwsAccount, checkAwsName, checkAwsRegion, ecsName, placeOfArn } from '../../validation/aws-name';
import { Duration } from '../../validation/duration';
import { OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * Options for a target that runs a service of Amazon ECS with the delivery's image (`Artifact.image`). The runtime calls the AWS CLI
 * (version 2.13 or 1.29, or later; with `blueGreen` 2.28 or 1.42), which must be installed and signed in where the deployment runs.
 *
 * The cluster and the service must exist. The target registers a revision of the service's task definition for each release, in which only
 * the image and the variables DELIVERY_VERSION and DELIVERY_SHA of one container differ.
 */
export interface EcsTargetOptions {
  /** The name or the ARN of the cluster. */
  readonly cluster: string;

  /**
   * The name of the service. Its deployment controller must be ECS, with any of the strategies of ECS itself.
   *
   * @default - none: `blueGreen` names two services
   */
  readonly service?: string;

  /**
   * The two services of `Strategy.blueGreen()` or `Strategy.canary()`, and the listener whose weights decide which of them users reach.
   *
   * @default - none: `service` is updated in place
   */
  readonly blueGreen?: EcsBlueGreenOptions;

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

const OPTIONS: OptionNames<EcsTargetOptions> = { cluster: true, service: true, blueGreen: true, container: true, region: true, account: true };

/** A load balancer takes 5 minutes by default until it lets go of the old tasks, and ECS waits for it. */
const COMMAND_TIMEOUT = Duration.minutes(15);

const CLUSTER: AwsNameRule = {
  pattern: /^([\w-]{1,255}|arn:aws[\w-]*:ecs:[\w-]+:\d{12}:cluster\/[\w-]{1,255})$/,
  meaning: 'the name or the ARN of a cluster',
  example: 'shop',
  arn: /:service\/([\w-]+)\/[\w-]+$/,
};

/** A service of ECS, or two of them with slots. */
export function ecsTarget(options: EcsTargetOptions): TargetBinding {
  const { account, blueGreen, cluster, container, region, service } = optionsOf('Target.ecs', options, OPTIONS, '{ cluster: \'shop\', service: \'web\' }');
  checkAwsName('Target.ecs cluster', cluster, CLUSTER);
  if (blueGreen === undefined) checkAwsName('Target.ecs service', service, ecsName('a service', 'web'));
  else if (service !== undefined) invalid('Target.ecs service', `it is ${show(service)}, and blueGreen names two services`, 'Leave service or blueGreen out');
  if (container !== undefined) checkAwsName('Target.ecs container', container, ecsName('a container', 'web'));
  if (region !== undefined) checkAwsRegion('Target.ecs region', region);
  if (account !== undefined) checkAwsAccount('Target.ecs account', account);
  const place = placeOfArn(cluster);
  if (place && region !== undefined && place.region !== region) invalid('Target.ecs region', `it is ${show(region)}, and the cluster is in ${place.region}`, 'Correct region or cluster');
  if (place && account !== undefined && place.account !== account) invalid('Target.ecs account', `it is ${show(account)}, and the cluster belongs to the account ${place.account}`, 'Correct account or cluster');
  const shared = { cluster, container, region, account };
  if (blueGreen === undefined) return bindingOf({ kind: 'ecs', service: service!, ...shared }, ['deploy', 'rollback']);
  const slots = ecsSlots(blueGreen, { account: account ?? place?.account, region: region ?? place?.region });
  return { ...bindingOf({ kind: 'ecsBlueGreen', ...slots, ...shared }, ['deploy', 'promote', 'setWeight', 'rollback']), capabilities: [TargetCapability.SLOTS, TargetCapability.WEIGHTS] };
}

function bindingOf(driver: DriverManifest, calls: readonly DriverCall[]): TargetBinding {
  const commands = Object.fromEntries(calls.map((call) => [call, TargetCommand._ofDriver(call, driver)]));
  return { commands: commands as Record<DriverCall, TargetCommand>, commandTimeout: COMMAND_TIMEOUT };
}
