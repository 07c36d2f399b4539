import { CloudWatchAlarmCheckManifest } from '../../contract/manifest';
import { installAwsCli, LEAST_AWS_CLI } from '../aws/aws-cli-versions';
import { isObject, isText } from '../json-value';
import { safeLine } from '../reporting/untrusted-text';
import { EngineError, EngineErrorKind } from '../targets/engine-error';

/** What CloudWatch says of an alarm. */
export interface AlarmState {
  readonly value: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** When it got this state, in milliseconds since the epoch; undefined if an old CLI does not know it. */
  readonly since?: number;
  readonly reason: string;
}

/** Why nothing is known of an alarm. */
export interface AlarmProblem {
  readonly problem: string;
  readonly fix: string;
  /** Whether the alarm does not exist. */
  readonly isMissing?: boolean;
  /** Whether a later attempt may succeed without a change. */
  readonly mayPass?: boolean;
}

const VALUES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;

/** The fields that are read, of metric and composite alarms. Only a newer CLI knows when the value changed. */
export const ALARM_QUERY = '[MetricAlarms,CompositeAlarms][].{name:AlarmName,value:StateValue,reason:StateReason,changed:StateTransitionedTimestamp,updated:StateUpdatedTimestamp}';

/** Reads the CLI's output. Undefined if there is no such alarm. Throws `EngineError` for anything else than a list of alarms. */
export function alarmIn(output: unknown, alarm: string): AlarmState | undefined {
  if (!Array.isArray(output)) throw new EngineError('rejected', 'cloudwatch describe-alarms printed no list');
  const found: unknown = output.find((one) => isObject(one) && one.name === alarm);
  if (!isObject(found)) return undefined;
  const value = VALUES.find((one) => one === found.value);
  if (value === undefined) throw new EngineError('rejected', `cloudwatch describe-alarms printed the state ${safeLine(String(found.value), 40)}`);
  return { value, since: timeOf(found.changed ?? found.updated), reason: isText(found.reason) ? safeLine(found.reason, 200) : '' };
}

/** Version 2 of the CLI prints `2026-11-28T11:58:03.123000+00:00`, version 1 prints seconds since the epoch. */
function timeOf(printed: unknown): number | undefined {
  const at = /^\d+(\.\d+)?$/.test(String(printed)) ? Number(printed) * 1000 : Date.parse(String(printed));
  return Number.isNaN(at) ? undefined : at;
}

/** `in ALARM since 2026-11-28T11:58:03Z: Threshold Crossed: ...` */
export function describeAlarm({ reason, since, value }: AlarmState, remark = ''): string {
  const at = since === undefined ? '' : ` since ${new Date(since).toISOString().replace(/\.\d+Z$/, 'Z')}`;
  return `${value === 'ALARM' ? 'in ALARM' : value}${at}${remark}${value === 'OK' || reason === '' ? '' : `: ${reason}`}`;
}

export function missingAlarm({ alarm }: CloudWatchAlarmCheckManifest, region: string): AlarmProblem {
  return {
    problem: `there is no alarm ${JSON.stringify(alarm)} in ${region}`,
    fix: 'Create it, correct its name or region, or set createdByDeployment: true if the deployment creates it',
    isMissing: true,
  };
}

/** What a person does about an error, by its kind. */
const PROBLEMS: Partial<Record<EngineErrorKind, readonly [string, string]>> = {
  signedOut: ['the job is not signed in to AWS', 'Sign in with Login.aws and its readRole, or in setupSteps'],
  accessDenied: ['the role may not read alarms', 'Allow cloudwatch:DescribeAlarms to the role and the readRole of the environment'],
  cliMissing: ['the AWS CLI is missing or too old', installAwsCli(LEAST_AWS_CLI, 'on the runner')],
};

/** Says plainly why the alarm could not be read. */
export function unreadableAlarm({ kind, message }: EngineError): AlarmProblem {
  const [problem, fix] = PROBLEMS[kind] ?? ['CloudWatch did not respond', 'Run this again'];
  return { problem: `${problem} (${safeLine(message, 200)})`, fix, mayPass: PROBLEMS[kind] === undefined };
}
