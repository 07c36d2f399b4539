import { Episode } from './alert-log';
import { AutomaticRollback } from './automatic-rollback';
import { cadenceOf, describeCadence, wasAway } from './cadence';
import { EnvironmentAlerts } from './environment-alerts';
import { Channels, SentTo } from './environment-notifications';
import { environmentStatus, watchedChecks } from './environment-status';
import { EnvironmentFindings, EnvironmentWatch } from './environment-watch';
import { sendHeartbeat } from './heartbeat';
import { lastLine, linesOf, renderWatch, verdictOf, WatchReport } from './watch-report';
import { ExitCode, OPTION } from '../../contract/command-line';
import { MonitoringManifest, secretsOf, WATCHED_AT_ONCE } from '../../contract/manifest';
import { VERDICT } from '../../contract/outputs';
import { CiAlerts, CiDispatch, WaitingApproval } from '../ci/ci-runtime';
import { CommandArguments, textOf } from '../commands/command';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { EventLogError } from '../event-log/event-log';
import { ChannelQueues, QueuedChannel } from '../notifications/channel-queues';
import { alertsOf, allAlertsOf, openChannel } from '../notifications/channels/open-channels';
import { NotificationEvent } from '../notifications/notification';
import { unlessEjected } from '../reporting/command-line';
import { maskWithin } from '../reporting/masking';

/**
 * Probes the environments in parallel, and notifies people of changes. 0: nothing fires; 1: an alert fires. The manifest must have
 * `monitoring`.
 * Rejects with `EventLogError`, `ConfigurationError` or `InterruptedError`.
 */
export async function watch(
  all: readonly RuntimeContext[], given: CommandArguments, means: Partial<Pick<Means, 'channels' | 'dispatch' | 'keep'>> = {},
): Promise<ExitCode> {
  const [first] = all;
  const monitoring = first!.manifest.monitoring!;
  const watched = chosen(all, monitoring, given);
  const heartbeat = textOf(given, 'heartbeat');
  if (heartbeat !== undefined && !['none', 'only'].includes(heartbeat)) throw new ConfigurationError(`--heartbeat is none or only, not ${heartbeat}`);
  if (heartbeat === 'only') return await beat(first!, monitoring) ? 0 : 1;
  const { alerts, dispatch, keepsRecords } = first!.ci;
  const release = await alerts.acquire();
  try {
    return await watchAll(all, watched, given, { alerts, monitoring, channels: openAll, dispatch: keepsRecords ? dispatch : undefined, ...means });
  } finally {
    release();
  }
}

async function watchAll(
  all: readonly RuntimeContext[], watched: readonly RuntimeContext[], given: CommandArguments, means: Means,
): Promise<ExitCode> {
  const [first] = watched;
  const { alerts, monitoring } = means;
  const { ci, clock, log, mask, outputs } = first!;
  const missing = watched.map(missingSecret).find((one) => one !== undefined);
  const startedAt = clock.now();
  const [episodes, runs, approvals] = await Promise.all([
    alerts.log.episodes(watched.map(({ environment }) => environment.name)),
    earlierRuns(first!, alerts, true),
    // a laptop has none
    ci.keepsRecords && ci.approvals ? unlessUnknown(first!, ci.approvals()) : NO_APPROVALS,
  ]);
  const shared = { ...means, queues: new ChannelQueues(clock), episodes, approvals, processId: first!.run.processId };
  const { results, ended } = await probeAndNotify(watched, unwatched(all, watched, shared), { ...shared, unverified: () => unverifiedOf(all) });
  const environments = fulfilled(results);
  const cadence = runs && cadenceOf(runs, monitoring.intervalMs, startedAt);
  if (cadence && wasAway(cadence)) log.warning('The watch was interrupted', `It is ${describeCadence(cadence)}. What happened meanwhile is unknown.`);
  const notified = fulfilled(ended).flatMap((one) => one.notified);
  const report: WatchReport = maskWithin({ environments, ended: notified, cadence, now: clock.now() }, mask);
  notify(first!, report);
  await means.keep?.(first!, report);
  // a ledger error of one environment must not stop the others
  for (const result of [...results, ...ended]) if (result.status === 'rejected') throw result.reason;
  if (missing !== undefined) throw new ConfigurationError(missing);
  const verdict = verdictOf(report);
  outputs.set({ [VERDICT]: verdict });
  if (verdict === 'healthy' && monitoring.heartbeat && given.flags[OPTION.HEARTBEAT] !== 'none') await sendHeartbeat(first!, monitoring.heartbeat);
  return verdict === 'firing' ? 1 : 0;
}

type Results = readonly PromiseSettledResult<EnvironmentFindings>[];

/** Probes in parallel and notifies meanwhile; repeats of earlier runs begin when all environments are probed. */
async function probeAndNotify(
  watched: readonly RuntimeContext[], gone: readonly RuntimeContext[], shared: Shared & { readonly unverified: () => Promise<string[]> },
): Promise<{ readonly results: Results; readonly ended: Results }> {
  let end = () => {};
  const allLooked = new Promise<void>((done) => { end = done; });
  const begin = async (context: RuntimeContext, look: (one: EnvironmentWatch) => Promise<void>) => {
    const one = await watchOf(context, shared);
    const [looked] = await Promise.allSettled([look(one)]);
    // not awaited: a hanging channel must not delay another environment
    return { finished: Promise.allSettled([finish(one, looked, allLooked)]) };
  };
  const begun = await sideBySide(watched, (context) => begin(context, (one) => one.probe()));
  const begunGone = await sideBySide(gone, (context) => begin(context, (one) => one.lookAway(shared.unverified)));
  end();
  const resultsOf = (all: typeof begun) => Promise.all(all.map(async (one) => (one.status === 'rejected' ? one : (await one.value.finished)[0])));
  return { results: await resultsOf(begun), ended: await resultsOf(begunGone) };
}

/** What was found before the ledger failed is still notified and recorded. */
async function finish(one: EnvironmentWatch, looked: PromiseSettledResult<void>, allLooked: Promise<void>): Promise<EnvironmentFindings> {
  const findings = await one.finish(allLooked);
  if (looked.status === 'rejected') throw looked.reason;
  return findings;
}

/** As `Promise.allSettled`, a bounded number at a time. */
async function sideBySide<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = [];
  const queue = [...all.entries()];
  await Promise.all(Array.from({ length: WATCHED_AT_ONCE }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) [results[next[0]]] = await Promise.allSettled([work(next[1])]);
  }));
  return results;
}

const NO_APPROVALS: ReadonlyMap<string, WaitingApproval> = new Map();

function fulfilled<T>(results: readonly PromiseSettledResult<T>[]): T[] {
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** The environments without a verified release, whichever job watches them. */
async function unverifiedOf(all: readonly RuntimeContext[]): Promise<string[]> {
  const statuses = await sideBySide(all, async (context) => ({ name: context.environment.name, ...await environmentStatus(context) }));
  return fulfilled(statuses).filter(({ kind }) => kind === 'empty').map(({ name }) => name);
}

/** Environments with open alerts that are not watched any more; always handled by the same job. They may be gone. */
function unwatched(all: readonly RuntimeContext[], watched: readonly RuntimeContext[], { episodes, monitoring }: Shared): RuntimeContext[] {
  const { environments } = monitoring;
  if (!watched.some(({ environment }) => environment.name === environments[0])) return [];
  const names = new Set(episodes.map(({ environment }) => environment).filter((name) => !environments.includes(name)));
  return [...names].map((name) => all.find(({ environment }) => environment.name === name) ?? withoutEnvironment(watched[0]!, name));
}

function withoutEnvironment(context: RuntimeContext, name: string): RuntimeContext {
  return { ...context, environment: { ...context.environment, name, url: context.run.url ?? '', healthChecks: [], watchChecks: undefined } };
}

interface Means {
  readonly alerts: CiAlerts;
  readonly monitoring: MonitoringManifest;
  readonly channels: Channels;
  /** Keeps what was measured. */
  readonly keep?: (context: RuntimeContext, report: WatchReport) => Promise<void>;
  /** Absent where no workflow can be started. */
  readonly dispatch?: CiDispatch;
}

interface Shared extends Means {
  readonly queues: ChannelQueues;
  readonly episodes: readonly Episode[];
  readonly approvals?: ReadonlyMap<string, WaitingApproval>;
  /** One for all environments: the process. */
  readonly processId: string;
}

async function watchOf(context: RuntimeContext, shared: Shared): Promise<EnvironmentWatch> {
  const { alerts: { log: alertLog }, monitoring, channels, dispatch, queues, episodes, approvals, processId } = shared;
  const { ci, clock, environment, ledger } = context;
  const alerts = await EnvironmentAlerts.open({
    alertLog,
    environment: environment.name,
    episodes,
    processId,
    clock,
    remembersRollbackMs: monitoring.rollback?.withinMs ?? 0,
    isEnding: !monitoring.environments.includes(environment.name),
    channelsOf: ({ event }) => channels(context, event).map(({ name }) => name),
    isAlive: (one) => ledger.isAlive(one),
  });
  return new EnvironmentWatch({
    context,
    monitoring,
    channels,
    queues,
    alerts,
    approvals,
    repository: ci.repository,
    rollback: dispatch && new AutomaticRollback({ context, withinMs: monitoring.rollback?.withinMs, dispatch }),
  });
}

async function beat(context: RuntimeContext, { heartbeat }: MonitoringManifest): Promise<boolean> {
  const isSent = heartbeat !== undefined && await sendHeartbeat(context, heartbeat);
  context.log.line(isSent ? 'the heartbeat was received' : 'the heartbeat was not received');
  // a failed heartbeat changes no verdict: its receiver alerts
  return true;
}

/** Those that were named, else all that are watched. */
function chosen(all: readonly RuntimeContext[], { environments }: MonitoringManifest, given: CommandArguments): RuntimeContext[] {
  const listed = textOf(given, 'environments')?.split(',').map((name) => name.trim()).filter((name) => name !== '');
  if (listed && given.environment !== undefined) throw new ConfigurationError(`which environments: ${given.environment}, or --environments ${listed.join(',')}? Name them once.`);
  const names = listed ?? (given.environment === undefined ? environments : [given.environment]);
  const unknown = names.find((name) => !environments.includes(name));
  if (unknown !== undefined) throw new ConfigurationError(`${unknown} is not watched. Watched: ${environments.join(', ')}`);
  return all.filter(({ environment }) => names.includes(environment.name));
}

/** Warns of missing secrets: such a check is blind, and everything else is watched. */
function missingSecret({ environment, processEnv }: RuntimeContext): string | undefined {
  const missing = watchedChecks(environment).flatMap(secretsOf).find((name) => !processEnv[name]);
  return missing && `${environment.name}: no value for ${missing}, so its checks are blind. Set it as a secret of the environment's monitorEnvironment.`;
}

/** Warns if the watch has not run for so long that it may have missed something. */
export async function warnOverdue(context: RuntimeContext): Promise<void> {
  const { ci: { alerts }, clock, log, manifest: { monitoring }, print } = context;
  if (!monitoring) return;
  const runs = await earlierRuns(context, alerts, false);
  const cadence = runs && cadenceOf(runs, monitoring.intervalMs, clock.now());
  if (!cadence || !wasAway(cadence)) return;
  log.warning('The watch does not run', 'Check whether its workflow is disabled: gh workflow enable ' + monitoring.workflow);
  print(`the watch is ${describeCadence(cadence)}`);
}

/** Channels get reminders with FIRING, and the end of a watch with RESOLVED. */
const HANDLED_AS: Partial<Record<NotificationEvent, NotificationEvent>> = { reminder: 'firing', unwatched: 'resolved' };

/** The delivery's own channels. */
function openAll(context: RuntimeContext, event: NotificationEvent): QueuedChannel[] {
  const { clock, environment, manifest } = context;
  const handledAs = HANDLED_AS[event] ?? event;
  // a channel that named an environment which is gone names another one now
  const isWatched = manifest.monitoring?.environments.includes(environment.name);
  const alerts = (isWatched ? alertsOf : allAlertsOf)(context).filter(({ on }) => (on as readonly NotificationEvent[]).includes(handledAs));
  return alerts.map((alert) => ({
    name: alert.name,
    notify: (notification, giveUpAt) => openChannel(alert, context, { clock, giveUpAt }).send(notification),
  }));
}

/** A CI system may not know them; an unreadable local file is an error. */
function earlierRuns(context: RuntimeContext, alerts: CiAlerts, isRun: boolean): Promise<readonly number[] | undefined> {
  const runs = alerts.earlierRuns(context.manifest.monitoring!.workflow, isRun);
  return context.ci.keepsRecords ? unlessUnknown(context, runs) : runs;
}

/** Optional information must not stop the rest. */
export async function unlessUnknown<T>({ log }: RuntimeContext, query: Promise<T>): Promise<T | undefined> {
  try {
    return await query;
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    log.warning('Some information is missing', error.message);
    return undefined;
  }
}

/** A group for each environment, a table, and one last line. */
function notify({ json, log, outputs, print }: RuntimeContext, report: WatchReport): void {
  const { cadence, ended, environments, now } = report;
  for (const one of environments) {
    log.group(`${one.environment}: ${one.version ?? 'no verified release'}`);
    for (const line of linesOf(one, now)) log.line(line);
    for (const each of one.notified) log.line(notificationText(each));
    log.endGroup();
  }
  for (const each of ended) log.line(`not watched any more: ${notificationText(each)}`);
  if (cadence) log.line(`The watch is ${describeCadence(cadence)}.`);
  outputs.summary(renderWatch(report));
  const verdict = verdictOf(report);
  if (json) print(JSON.stringify({ verdict, ...report, environments: environments.map(plain) }, null, 2));
  if (verdict === 'firing') log.error('Unhealthy', lastLine(report));
  else if (verdict === 'healthy') log.line(lastLine(report));
  else log.warning('Inconclusive', lastLine(report));
}

function notificationText({ title, notified }: SentTo): string {
  return `notified ${notified.join(', ') || 'no one'}: ${title}`;
}

function plain({ alerts, findings, ...rest }: EnvironmentFindings): unknown {
  return { ...rest, findings: findings.map(({ alert: _before, ...finding }) => finding), alerts: alerts.filter(({ phase }) => phase !== 'quiet').map(({ name, phase, since }) => ({ name, phase, since })) };
}

export const NOTHING_WATCHED = 'nothing is watched here on a schedule';

/** Throws `ConfigurationError` where there is no watch. */
export function checkWatched({ manifest }: RuntimeContext): void {
  if (!manifest.monitoring) throw new ConfigurationError(`${NOTHING_WATCHED}. ${unlessEjected('Set monitoring in the delivery\'s options, without schedule: false, run npx projen and commit', 'Add monitoring to .projen/delivery.json')}.`);
}
