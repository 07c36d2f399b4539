import { asName, HEALTH_CHECK_OPTIONS, HealthCheckOptions, nameOf, optionNamesOf, times } from './health-check-options';
import { formatDuration } from '../contract/duration-text';
import { CloudWatchAlarmCheckManifest } from '../contract/manifest';
import { checkAwsRegion } from '../validation/aws-name';
import { Duration, positiveMilliseconds } from '../validation/duration';
import { OptionNames } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * What a CloudWatch alarm in the state `INSUFFICIENT_DATA` says about a release.
 */
export enum InsufficientData {
  /** Nothing: a deployment waits for data until the `deadline` of the check, and is halted if there is none. */
  INCONCLUSIVE = 'inconclusive',
  /** The alarm counts as OK. */
  OK = 'ok',
}

/**
 * Options for a health check of a CloudWatch alarm.
 */
export interface CloudWatchAlarmHealthCheckOptions extends HealthCheckOptions {
  /**
   * The AWS region of the alarm, for example `us-east-1` for an alarm about CloudFront.
   *
   * @default - the region of the environment's `login`, or the default region of the AWS CLI
   */
  readonly region?: string;

  /**
   * How the state `INSUFFICIENT_DATA` counts. An alarm of a service with little traffic has it often, unless its option
   * `TreatMissingData` is `notBreaching`.
   *
   * @default InsufficientData.INCONCLUSIVE
   */
  readonly insufficientData?: InsufficientData;

  /**
   * The time in which an alarm that was in ALARM before the release went live may return to OK. Until then it does not count against the
   * release. After a rollback, this includes an alarm that fires later, because the release that was left may have caused it. Set at least
   * the time that the alarm evaluates: its period times its evaluation periods. At most `deadline`.
   *
   * @default - 5 minutes, or `deadline` if that is shorter
   */
  readonly recovery?: Duration;

  /**
   * Whether the deployment itself creates the alarm, for example as part of a stack. If the alarm is missing before the first change, the
   * deployment then continues with a warning, instead of being rejected.
   *
   * @default false
   */
  readonly createdByDeployment?: boolean;
}

export const CLOUDWATCH_ALARM_OPTIONS: OptionNames<CloudWatchAlarmHealthCheckOptions> = {
  ...HEALTH_CHECK_OPTIONS, region: true, insufficientData: true, recovery: true, createdByDeployment: 'boolean',
};

/** The AWS CLI takes about a second to start, and CloudWatch evaluates an alarm every 10 seconds at most. */
const TIMES = { interval: Duration.seconds(10), timeout: Duration.seconds(20) };
const DEADLINE = Duration.minutes(6);
const RECOVERY = Duration.minutes(5);

export function cloudWatchAlarmCheck(alarm: string, options: CloudWatchAlarmHealthCheckOptions): CloudWatchAlarmCheckManifest {
  checkAlarmName(alarm);
  const option = optionNamesOf(`HealthCheck.cloudWatchAlarm(${show(alarm)})`);
  const { createdByDeployment, insufficientData = InsufficientData.INCONCLUSIVE, region } = options;
  if (region !== undefined) checkAwsRegion(option('region'), region);
  if (!Object.values(InsufficientData).includes(insufficientData)) {
    invalid(option('insufficientData'), `${show(insufficientData)} is not an InsufficientData`, 'Write InsufficientData.INCONCLUSIVE or InsufficientData.OK');
  }
  const counted = times({ ...options, deadline: options.deadline ?? DEADLINE }, option, TIMES);
  return {
    kind: 'cloudWatchAlarm',
    name: nameOf(options, option, asName(`alarm ${alarm}`)),
    url: `cloudwatch:${region === undefined ? '' : `${region}/`}${encodeURIComponent(alarm)}`,
    ...counted,
    // the metrics of a candidate are those of what users see
    liveOnly: true,
    propagationMs: recoveryOf(option('recovery'), options.recovery, counted.deadlineMs),
    alarm,
    region,
    insufficientData,
    ...(createdByDeployment ? { createdByDeployment } : {}),
  };
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
function checkAlarmName(alarm: string): void {
  const option = 'HealthCheck.cloudWatchAlarm alarm';
  if (typeof alarm === 'string' && alarm.startsWith('arn:')) {
    invalid(option, `${show(alarm)} is an ARN`, `Write only the name of the alarm: ${show(alarm.split(':alarm:')[1] ?? 'shop-errors')}, and set region if it is in another one`);
  }
  // the AWS CLI would take the others for an option, or for a file to read
  if (typeof alarm === 'string' && /^[^\p{Cc}\p{Cs}]{1,255}$/u.test(alarm) && !/^(-|file:|fileb:|https?:)/.test(alarm)) return;
  invalid(option, `${show(alarm)} is not the name of an alarm that the AWS CLI takes`, 'Write its name as CloudWatch shows it, for example \'shop-errors\'');
}

function recoveryOf(option: string, given: Duration | undefined, deadlineMs: number): number {
  if (given === undefined) return Math.min(RECOVERY.toMilliseconds(), deadlineMs);
  const recoveryMs = positiveMilliseconds(option, given, RECOVERY);
  if (recoveryMs <= deadlineMs) return recoveryMs;
  invalid(option, `${formatDuration(recoveryMs, 'exact')} is longer than the check's deadline (${formatDuration(deadlineMs, 'exact')})`, `Set ${formatDuration(deadlineMs, 'exact')} or less, or increase deadline`);
}
