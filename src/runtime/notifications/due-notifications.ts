import { deploymentNotification } from './deployment-notification';
import { channelKey, incidentOf, Notification, NotificationEvent } from './notification';
import { NotificationLog, NotificationEntry } from './notification-log';
import { AlertManifest } from '../../contract/manifest';
import type { RuntimeContext } from '../context';
import { runOfProcess } from '../event-log/event-log';
import type { Standing } from '../ledger/entries';
import { hasAttempts, isDecision, LedgerRecord } from '../ledger/record';

/** The outcome of a deployment, and the channels that were not notified of it yet. */
export interface DueNotification {
  readonly record: LedgerRecord;
  readonly notification: Notification;
  readonly audience: readonly AlertManifest[];
  /** The channels that were notified before, as `channelKey` writes them. */
  readonly notified: readonly string[];
}

/** How many attempts are searched for notifications that a dead run did not send. */
const ATTEMPTS = 5;

/** GitHub is expected to list a new entry within this time; usually it does so at once. */
const READ_BACK_MS = 60_000;
const LOOK_MS = 2_000;

/**
 * Returns the notifications that are due, oldest first. The run whose process wrote the final entry sends them, in that job or a later
 * one. If that run is gone and sent none, the next run on the environment does; of several, the one whose entry came first.
 * Deployments older than the first notified one are skipped.
 */
export async function dueNotifications(
  context: RuntimeContext, notificationLog: NotificationLog, audience: readonly AlertManifest[],
): Promise<DueNotification[]> {
  const { environment, ledger, run } = context;
  const records = await ledger.records(environment.name, { isEnough: hasAttempts(ATTEMPTS) });
  const attempts = records.filter((record) => !isDecision(record)).slice(0, ATTEMPTS);
  const due: DueNotification[] = [];
  const left: { readonly due: DueNotification; readonly isBegun: boolean }[] = [];
  let isOld = false;
  for (const record of attempts) {
    const one = await readDue(context, record, notificationLog, audience);
    if (!one) continue;
    const { standing, seen, ...rest } = one;
    if (isEndedBy(standing, run)) due.unshift(rest);
    isOld = seen.some(isDone);
    // on a laptop only the newest deployment is notified
    if (isOld || !run.inCi) break;
    if (!isEndedBy(standing, run)) left.unshift({ due: rest, isBegun: seen.length > 0 });
  }
  const orphans: DueNotification[] = [];
  for (const { due: one, isBegun } of left) {
    if ((isOld || isBegun) && await claim(context, one, notificationLog)) orphans.push(one);
  }
  return [...orphans, ...due].filter((one) => one.audience.length > 0);
}

interface Look extends DueNotification {
  readonly standing: Standing;
  readonly seen: readonly NotificationEntry[];
}

/** Undefined if it is not final, or no channel wants the event. */
async function readDue(
  context: RuntimeContext, record: LedgerRecord, notificationLog: NotificationLog, audience: readonly AlertManifest[],
): Promise<Look | undefined> {
  const entries = await context.ledger.history(record);
  const standing: Standing = { record, state: entries.at(-1)?.state ?? 'pending', entries };
  const notification = deploymentNotification(context, standing);
  const concerned = audience.filter((alert) => notification && concerns(alert, notification));
  if (!notification || concerned.length === 0) return undefined;
  const seen = await notificationLog.of(record);
  const notified = [...new Set(seen.flatMap((entry) => entry.notified))];
  return { record, standing, notification, seen, notified, audience: concerned.filter(({ name }) => !notified.includes(channelKey(name))) };
}

/** A channel that keeps incidents and gets deployments closes an incident, regardless of what resolves it. */
function concerns({ kind, on }: AlertManifest, notification: Notification): boolean {
  const events: readonly NotificationEvent[] = on;
  if (events.includes(notification.event)) return true;
  const keepsIncidents = kind === 'pagerduty' || kind === 'githubIssue';
  return keepsIncidents && incidentOf(notification) === 'closed' && events.includes('deployed');
}

function isDone({ notified }: NotificationEntry): boolean {
  return notified.length > 0;
}

/** On a laptop each command is a run of its own. */
function isEndedBy({ entries, record }: Standing, run: RuntimeContext['run']): boolean {
  return !run.inCi || runOfProcess(entries.at(-1)?.processId ?? record.processId).id === run.id;
}

/** Claims the notification of a run that is gone. Returns false if that run is alive, or another run claimed it first. */
async function claim({ clock, ledger, run }: RuntimeContext, { record }: DueNotification, notificationLog: NotificationLog): Promise<boolean> {
  const entries = await ledger.history(record);
  if (await ledger.isAlive(runOfProcess(entries.at(-1)?.processId ?? record.processId))) return false;
  await notificationLog.add(record, { processId: run.processId, notified: [] });
  const giveUpAt = clock.now() + READ_BACK_MS;
  for (;;) {
    // other runs may have written their entries at the same moment
    await clock.sleep(LOOK_MS);
    const seen = await notificationLog.of(record);
    for (const entry of seen) {
      if (entry.processId === run.processId) return true;
      if (isDone(entry) || await ledger.isAlive(runOfProcess(entry.processId))) return false;
    }
    // GitHub does not guarantee to list a new entry at once
    if (clock.now() >= giveUpAt) return true;
  }
}
