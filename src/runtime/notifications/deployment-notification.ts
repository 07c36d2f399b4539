import { Notification, NotificationEvent, notificationId, notificationKey, placeName } from './notification';
import type { RuntimeContext } from '../context';
import { isFinal, State } from '../deployment/state-machine';
import type { Standing } from '../ledger/entries';
import { DeploymentReport } from '../reporting/deployment-report';
import { nextStepsOf, sentenceOf } from '../reporting/summary';

/** What of the run is told along. */
type Told = Pick<RuntimeContext, 'ci' | 'environment' | 'manifest' | 'run'>;

/** What people are told of where a deployment ended; undefined where that concerns nobody. */
export function deploymentNotification(context: Told, standing: Standing): Notification | undefined {
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
    // a person asked for it, and it is verified: also what went wrong before is over
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
    ...(event === 'deployed' || record.reason === undefined ? [] : [`${record.by} asked for it: ${record.reason}.`]),
    ...nextStepsOf(report).map(({ text, run }) => (run === undefined ? text : `${text} ${run}`)),
  ].join('\n');
}

/** A drill that took the release back did what it was to do; what changed nothing, or gave way, is no news. */
function eventOf({ record, state }: Standing): NotificationEvent | undefined {
  if (!isFinal(state)) return undefined;
  if (state === 'halted') return 'halted';
  if (record.kind === 'drill') return undefined;
  if (state === 'rolledBack') return 'rolledBack';
  if (state !== 'stable') return undefined;
  // users have another release than the one before: somebody wanted to get away from that
  return record.kind === 'rollback' ? 'rolledBack' : 'deployed';
}

function reportOf({ environment, manifest, run }: Told, { record, state, entries }: Standing): DeploymentReport {
  const taken = entries.find((entry) => entry.state === 'rollingBack' || entry.state === 'halted');
  return {
    kind: 'deployment',
    environment: environment.name,
    project: manifest.project?.name,
    url: environment.url,
    asked: record.kind,
    release: record.release,
    replaced: record.stable?.release,
    strategy: record.strategy,
    state,
    isAbandoned: taken?.abandoned,
    irreversible: entries.some(({ irreversible }) => irreversible),
    phases: [],
    inCi: run.inCi,
    runUrl: runUrlOf(run.url, entries.at(-1)?.processId ?? record.processId),
  };
}

/** Of the run that ended it, whichever tells. */
function runUrlOf(ours: string | undefined, processId: string): string | undefined {
  return ours?.replace(/\d+$/, processId.split('.')[0]);
}
