import { formatDuration } from '../../contract/duration-text';
import { alarmsOf, CloudWatchAlarmCheckManifest } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { RecordKind } from '../ledger/record';
import { AlarmProblem, AlarmState, describeAlarm } from '../probing/alarm-state';
import { readAlarm } from '../probing/cloudwatch-alarm';

const GIVE_UP_MS = 30_000;

interface Finding {
  readonly check: CloudWatchAlarmCheckManifest;
  readonly found: AlarmState | AlarmProblem;
}

/** Makes sure before the first change that the alarms of the health checks can be read. Throws `ConfigurationError`; a rollback only warns. */
export async function requireAlarms(context: RuntimeContext, kind: RecordKind): Promise<void> {
  for (const { check, found } of await alarmsNow(context)) {
    if ('problem' in found && !isExpected(check, found) && kind !== 'rollback') {
      throw new ConfigurationError(`${context.environment.name}: HealthCheck.cloudWatchAlarm ${found.problem}. ${found.fix}. Nothing was changed.`);
    }
    const warning = warningOf({ check, found });
    if (warning !== undefined) context.log.warning(`The health check ${check.name}`, warning);
    else if ('value' in found) context.log.line(`the alarm ${check.alarm} is ${describeAlarm(found)}`);
  }
}

/** Says before anyone approves which alarms cannot be read, and which are in ALARM already. */
export async function alarmWarnings(context: RuntimeContext): Promise<string[]> {
  return (await alarmsNow(context)).flatMap((finding) => {
    const warning = warningOf(finding);
    return warning === undefined ? [] : [`${finding.check.name}: ${warning}`];
  });
}

async function alarmsNow(context: RuntimeContext): Promise<Finding[]> {
  const giveUpAt = context.clock.now() + GIVE_UP_MS;
  const checks = context.environment.healthChecks.flatMap(alarmsOf);
  return Promise.all(checks.map(async (check) => ({ check, found: await readAlarm(check, context, giveUpAt) })));
}

function isExpected({ createdByDeployment }: CloudWatchAlarmCheckManifest, { isMissing }: AlarmProblem): boolean {
  return createdByDeployment === true && isMissing === true;
}

function warningOf({ check, found }: Finding): string | undefined {
  if ('problem' in found) return isExpected(check, found) ? `${found.problem}, and the deployment must create it` : `${found.problem}. ${found.fix}`;
  if (found.value !== 'ALARM') return undefined;
  return `${JSON.stringify(check.alarm)} is ${describeAlarm(found, ', before this deployment')}. It does not count against the release for ${formatDuration(check.propagationMs ?? 0)}, and must be OK then`;
}
