import { ALARM_QUERY, alarmIn, AlarmProblem, AlarmState, describeAlarm, missingAlarm, unreadableAlarm } from './alarm-state';
import type { ProbeResponse, ProbeTarget, ProbeTools } from './probe';
import { CloudWatchAlarmCheckManifest } from '../../contract/manifest';
import { AwsCli, AwsCliContext } from '../aws/aws-cli';
import { EngineError } from '../targets/engine-error';

/** The time between SIGTERM and SIGKILL, for which the next probe waits. */
const GRACE_MS = 1_000;

/**
 * Reads an alarm, metric or composite: without the types, the CLI lists metric alarms only. Rejects with `InterruptedError`.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
export async function readAlarm(check: CloudWatchAlarmCheckManifest, context: AwsCliContext, giveUpAt: number): Promise<AlarmState | AlarmProblem> {
  const cli = new AwsCli(context, check.region);
  const args = ['--alarm-names', check.alarm, '--alarm-types', 'MetricAlarm', 'CompositeAlarm'];
  try {
    const output = await cli.read({ service: 'cloudwatch', operation: 'describe-alarms', args, query: ALARM_QUERY, giveUpAt });
    return alarmIn(output, check.alarm) ?? missingAlarm(check, cli.regionName);
  } catch (error) {
    if (error instanceof EngineError) return unreadableAlarm(error);
    throw error;
  }
}

/** Reads the alarm once. What says nothing about the release is blind, never unhealthy. */
export async function probeAlarm(
  check: CloudWatchAlarmCheckManifest, target: ProbeTarget, signal: AbortSignal, tools: ProbeTools,
): Promise<ProbeResponse> {
  const { clock, environment, run } = tools;
  const context: AwsCliContext = {
    clock,
    environment,
    interrupted: signal,
    log: { line: () => undefined },
    processEnv: target.env,
    execute: (command, { capture, env, timeoutMs }) => (
      run(command, { env, timeoutMs, signal, graceMs: GRACE_MS, keepsLines: true, onLine: capture!.output, onErrorLine: capture!.error })
    ),
  };
  try {
    return responseOf(check, await readAlarm(check, context, clock.now() + check.timeoutMs), target);
  } catch (error) {
    if (!signal.aborted) throw error;
    return { outcome: 'blind', saw: 'cannot probe: the AWS CLI did not end in time' };
  }
}

/**
 * What an alarm says of a release. One that fired before users got the release is about what was there before: stale. So is one that fires
 * after a restore, because CloudWatch evaluates the errors of the release that was left some minutes later.
 */
export function responseOf(check: CloudWatchAlarmCheckManifest, found: AlarmState | AlarmProblem, { isRestored, liveSince }: Pick<ProbeTarget, 'isRestored' | 'liveSince'>): ProbeResponse {
  if ('problem' in found) return { outcome: 'blind', saw: `cannot probe: ${found.problem}` };
  const { since, value } = found;
  if (value === 'INSUFFICIENT_DATA') return { outcome: check.insufficientData === 'ok' ? 'healthy' : 'blind', saw: describeAlarm(found) };
  if (value === 'OK') return { outcome: 'healthy', saw: describeAlarm(found) };
  const isOlder = liveSince !== undefined && since !== undefined && since < liveSince;
  if (isOlder) return { outcome: 'stale', saw: describeAlarm(found, ', before this change') };
  return isRestored ? { outcome: 'stale', saw: describeAlarm(found, ', perhaps caused by the release before') } : { outcome: 'unhealthy', saw: describeAlarm(found) };
}
