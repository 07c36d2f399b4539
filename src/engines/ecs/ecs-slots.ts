import { EcsBlueGreenDriverManifest } from './manifest';
import { ArnPlace, checkAwsName, ecsName } from '../../validation/aws-name';
import { OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/**
 * Two services of Amazon ECS, each behind a target group of its own, and the listener that forwards to both target groups.
 *
 * All three must exist. The weights of the listener decide which service users reach: one of them is 0, except during a canary.
 */
export interface EcsBlueGreenOptions {
  /** The name of the service of the slot `blue`. */
  readonly blue: string;

  /** The name of the service of the slot `green`. */
  readonly green: string;

  /**
   * The ARN of the listener of an Application Load Balancer, or of one of its rules. With the ARN of a listener, its default action counts. The
   * action must forward to the target groups of both services.
   */
  readonly listener: string;
}

const OPTIONS: OptionNames<EcsBlueGreenOptions> = { blue: true, green: true, listener: true };
const ARN = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2';
const LISTENER = /^arn:aws[\w-]*:elasticloadbalancing:([\w-]+):(\d{12}):listener(?:\/app(?:\/[\w-]+){3}|-rule\/app(?:\/[\w-]+){4})$/;

/**
 * Returns the slots' part of the manifest.
 *
 * @param options the services and the listener
 * @param place the account and the region of the cluster, where they are known
 */
export function ecsSlots(
  options: EcsBlueGreenOptions, { account, region }: Partial<ArnPlace>,
): Pick<EcsBlueGreenDriverManifest, 'services' | 'listener'> {
  const within = 'Target.ecs blueGreen';
  const service = ecsName('a service', 'web-blue');
  const { blue, green, listener } = optionsOf(within, options, OPTIONS, `{ blue: 'web-blue', green: 'web-green', listener: '${ARN}' }`);
  checkAwsName(`${within} blue`, blue, service);
  checkAwsName(`${within} green`, green, service);
  if (blue === green) invalid(`${within} green`, `${show(green)} is the service of blue, too`, 'Create a second service behind a target group of its own');
  checkAwsName(`${within} listener`, listener, { pattern: LISTENER, meaning: 'the ARN of a listener of an Application Load Balancer, or of one of its rules', example: ARN, arn: /(?!)/ });
  const [, itsRegion, itsAccount] = LISTENER.exec(listener)!;
  if (region !== undefined && itsRegion !== region) invalid(`${within} listener`, `it is in ${itsRegion}, and the cluster in ${show(region)}`, 'Name the listener in the region of the cluster');
  if (account !== undefined && itsAccount !== account) invalid(`${within} listener`, `it belongs to the account ${itsAccount}, and the cluster to ${show(account)}`, 'Name the listener of that account');
  return { services: { blue, green }, listener };
}
