import { METRIC_OPTIONS, MetricOptions, metricTimes } from './metric-options';
import { CloudWatchMetricManifest } from '../contract/metric-manifest';
import { ALIAS_NAME, checkAwsName, checkAwsRegion, FUNCTION_NAME } from '../validation/aws-name';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * The alias of a Lambda function that shares its traffic between two versions. Its invocations and errors are counted for each version
 * (dimensions `FunctionName`, `Resource` and `ExecutedVersion`).
 */
export interface LambdaAliasMetric {
  /** The name of the function. */
  readonly functionName: string;

  /** The alias that users invoke. */
  readonly alias: string;
}

/**
 * The target groups of an Application Load Balancer that the slots are in. Their requests are counted, and responses with a status of 500
 * or more and connections that failed are errors (dimensions `LoadBalancer` and `TargetGroup`).
 */
export interface TargetGroupsMetric {
  /** The end of the load balancer's ARN: `app/shop/50dc6c495c0c9188`. */
  readonly loadBalancer: string;

  /** The end of the ARN of the target group of the slot `blue`: `targetgroup/shop-blue/6d0ecf831eec9f09`. */
  readonly blue: string;

  /** The end of the ARN of the target group of the slot `green`: `targetgroup/shop-green/73e2d6bc24d8a067`. */
  readonly green: string;
}

/**
 * Options for counters of CloudWatch: of a Lambda alias or of target groups, and in which region.
 */
export interface CloudWatchMetricOptions extends MetricOptions {
  /**
   * The alias of a Lambda function. Set this or `targetGroups`.
   *
   * @default - the counters are those of `targetGroups`
   */
  readonly lambdaAlias?: LambdaAliasMetric;

  /**
   * The target groups of an Application Load Balancer. Set this or `lambdaAlias`.
   *
   * @default - the counters are those of `lambdaAlias`
   */
  readonly targetGroups?: TargetGroupsMetric;

  /**
   * The AWS region of the metrics.
   *
   * @default - the region of the environment's `login`, or the default region of the AWS CLI
   */
  readonly region?: string;
}

const CLOUDWATCH_OPTIONS: OptionNames<CloudWatchMetricOptions> = { ...METRIC_OPTIONS, lambdaAlias: true, targetGroups: true, region: true };
const LAMBDA_OPTIONS: OptionNames<LambdaAliasMetric> = { functionName: true, alias: true };
const GROUPS_OPTIONS: OptionNames<TargetGroupsMetric> = { loadBalancer: true, blue: true, green: true };
const WITHIN = 'Metric.cloudWatch';
const LAMBDA_EXAMPLE = '{ functionName: \'shop\', alias: \'live\' }';
const GROUPS_EXAMPLE = '{ loadBalancer: \'app/shop/50dc6c495c0c9188\', blue: \'targetgroup/shop-blue/6d0ecf831eec9f09\', green: \'targetgroup/shop-green/73e2d6bc24d8a067\' }';

const BALANCER = /^app\/[\w-]{1,32}\/[0-9a-f]{16}$/;
const GROUP = /^targetgroup\/[\w-]{1,32}\/[0-9a-f]{16}$/;

/** CloudWatch has a minute's data a minute or more after its end, and the AWS CLI takes a second to start. */
const TIMES = { intervalMs: 30_000, timeoutMs: 30_000, lateMs: 300_000 };

export function cloudWatchMetric(options: CloudWatchMetricOptions): CloudWatchMetricManifest {
  const { lambdaAlias: lambda, region, targetGroups } = optionsOf(WITHIN, options, CLOUDWATCH_OPTIONS, `{ lambdaAlias: ${LAMBDA_EXAMPLE} }`);
  if (region !== undefined) checkAwsRegion(`${WITHIN} region`, region);
  if (lambda === undefined && targetGroups === undefined) invalid(`${WITHIN} lambdaAlias`, 'neither lambdaAlias nor targetGroups is set', `Write { lambdaAlias: ${LAMBDA_EXAMPLE} }`);
  if (lambda !== undefined && targetGroups !== undefined) invalid(`${WITHIN} targetGroups`, 'lambdaAlias is set, too', 'Remove one of them, and write a Metric for each');
  const times = metricTimes(WITHIN, options, TIMES);
  const common = { kind: 'cloudWatch' as const, ...times, ...region === undefined ? {} : { region } };
  if (times.lateMs < 180_000) invalid(`${WITHIN} maxAge`, 'CloudWatch is late by up to 3 minutes, so all data would be too old', 'Set Duration.minutes(5) or more');
  if (lambda !== undefined) {
    const { alias, functionName } = optionsOf(`${WITHIN} lambdaAlias`, lambda, LAMBDA_OPTIONS, LAMBDA_EXAMPLE, `${WITHIN} lambdaAlias`);
    checkAwsName(`${WITHIN} lambdaAlias functionName`, functionName, FUNCTION_NAME);
    checkAwsName(`${WITHIN} lambdaAlias alias`, alias, ALIAS_NAME);
    return { ...common, name: `CloudWatch ${functionName}:${alias}`, lambda: { functionName, alias } };
  }
  const { blue, green, loadBalancer } = optionsOf(`${WITHIN} targetGroups`, targetGroups!, GROUPS_OPTIONS, GROUPS_EXAMPLE, `${WITHIN} targetGroups`);
  checkEnd(`${WITHIN} targetGroups loadBalancer`, loadBalancer, BALANCER, 'app/shop/50dc6c495c0c9188');
  checkEnd(`${WITHIN} targetGroups blue`, blue, GROUP, 'targetgroup/shop-blue/6d0ecf831eec9f09');
  checkEnd(`${WITHIN} targetGroups green`, green, GROUP, 'targetgroup/shop-green/73e2d6bc24d8a067');
  if (blue === green) invalid(`${WITHIN} targetGroups green`, `${show(green)} is the target group of blue, too`, 'Write the target group of the other slot');
  return { ...common, name: `CloudWatch ${loadBalancer}`, targetGroups: { loadBalancer, blue, green } };
}

/** As CloudWatch writes it in a dimension. */
function checkEnd(option: string, value: unknown, pattern: RegExp, example: string): void {
  if (typeof value === 'string' && pattern.test(value)) return;
  const [, end] = typeof value === 'string' ? /^arn:.*?:(?:loadbalancer\/)?((?:app|targetgroup)\/.*)$/.exec(value) ?? [] : [];
  if (end !== undefined && pattern.test(end)) invalid(option, `${show(value)} is an ARN`, `Write only its end: '${end}'`);
  if (value === undefined) invalid(option, 'it is missing', `Write for example '${example}'`);
  invalid(option, `${show(value)} is not the end of its ARN`, `Write it as CloudWatch does, for example '${example}'`);
}
