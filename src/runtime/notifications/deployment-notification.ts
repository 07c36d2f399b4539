import { Notification, NotificationEvent, notificationId, notificationKey, placeName } from './notification';
import type { RuntimeContext } from '../context';
import { isFinal, State } from '../deployment/state-machine';
import { blocksItself } from '../ledger/blocks';
import { hasNoVerdict, Standing } from '../ledger/entries';
import { DeploymentReport } from '../reporting/deployment-report';
import { nextStepsOf, sentenceOf } from '../reporting/summary';

/** What a notification says about the run. */
type NotificationContext = Pick<RuntimeContext, 'ci' | 'environment' | 'manifest' | 'run'>;

/** The notification about the end of a deployment; undefined if no one needs to know. */
export function deploymentNotification(context: NotificationContext, standing: Standing): Notification | undefined {
  const event = eventOf(standing);
  if (!event) return undefined;
  const { ci, environment, manifest } = context;
  const { record, entries } = standing;
  const subject = { repository: ci.repository, project: manifest.project?.name, environment: environment.name, about: 'deployment' };
  const report = reportOf(context, standing);
  const key = notificationKey(subject);
  return {
    id: notificationId(key, record.id, event),
    key,
    event,
    // a verified rollback by hand also closes the incident before it
    ...(event === 'rolledBack' && standing.state === 'stable' && { incident: 'closed' as const }),
    environment: environment.name,
    title: `${placeName(subject)}: ${sentenceOf(report)}`,
    text: textOf(event, standing, report),
    release: { version: record.release.version, sha: record.release.sha },
    url: environment.url,
    runUrl: report.runUrl,
    at: entries.at(-1)?.at ?? record.createdAt,
  };
}

function textOf(event: NotificationEvent, { record, entries }: Standing, report: DeploymentReport): string {
  const noteOf = (state: State) => entries.find((entry) => entry.state === state)?.note;
  const [back, halted] = [noteOf('rollingBack'), noteOf('halted')];
  return [
    ...(back === undefined ? [] : [`Why: ${back}.`]),
    ...(halted === undefined ? [] : [`${back === undefined ? 'Why' : 'Then'}: ${halted}.`]),
    ...(event === 'deployed' || record.reason === undefined ? [] : [`${record.by} gave this reason: ${record.reason}.`]),
    ...nextStepsOf(report).map(({ text, run }) => (run === undefined ? text : `${text} ${run}`)),
  ].join('\n');
}

/** A drill that rolled back went as planned; a failed or superseded deployment changed nothing. Neither is notified. */
function eventOf({ record, state }: Standing): NotificationEvent | undefined {
  if (!isFinal(state)) return undefined;
  if (state === 'halted') return 'halted';
  if (record.kind === 'drill') return undefined;
  if (state === 'rolledBack') return 'rolledBack';
  if (state !== 'stable') return undefined;
  // a rollback by hand ends with stable too
  return record.kind === 'rollback' ? 'rolledBack' : 'deployed';
}

function reportOf({ environment, manifest, run }: NotificationContext, { record, state, entries }: Standing): DeploymentReport {
  return {
    kind: 'deployment',
    environment: environment.name,
    project: manifest.project?.name,
    url: environment.url,
    requested: record.kind,
    release: record.release,
    replaced: record.stable?.release,
    strategy: record.strategy,
    state,
    passed: entries.map((entry) => entry.state),
    isAbandoned: hasNoVerdict(entries),
    isBlocked: blocksItself({ record, state, entries }),
    fault: entries.find(({ fault }) => fault)?.fault,
    irreversible: entries.some(({ irreversible }) => irreversible),
    noRollback: environment.target.noRollback,
    phases: [],
    inCi: run.inCi,
    runUrl: runUrlOf(run.url, entries.at(-1)?.processId ?? record.processId),
  };
}

/** The URL of the run that ended it, even if another run sends the notification. */
function runUrlOf(ours: string | undefined, processId: string): string | undefined {
  return ours?.replace(/\d+$/, processId.split('.')[0]);
}
