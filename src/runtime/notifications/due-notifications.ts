import { deploymentNotification } from './deployment-notification';
import { channelKey, incidentOf, Notification, NotificationEvent } from './notification';
import { NotificationLog, WrittenEntry } from './notification-log';
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

/** How long a channel that failed is tried again by later runs; each wait is twice the one before, up to the last. */
const GIVE_UP_AFTER_MS = 7 * 24 * 3_600_000;
const FIRST_WAIT_MS = 60_000;
const LAST_WAIT_MS = 6 * 3_600_000;

/**
 * Returns the notifications that are due, oldest first. The run whose process wrote the final entry sends them, in that job or a later
 * one. If that run is gone and sent none, the next run on the environment does; of several, the one whose entry came first. A channel that was
 * not reached gets what went wrong from a later run.
 * Deployments older than the first notified one are skipped.
 */
export async function dueNotifications(
  context: RuntimeContext, notificationLog: NotificationLog, audience: readonly AlertManifest[],
): Promise<DueNotification[]> {
  const { environment, ledger, run } = context;
  const records = await ledger.records(environment.name, { isEnough: hasAttempts(ATTEMPTS) });
  const attempts = records.filter((record) => !isDecision(record)).slice(0, ATTEMPTS);
  const due: DueNotification[] = [];
  const left: { readonly due: DueNotification; readonly known: number }[] = [];
  let isOld = false;
  for (const record of attempts) {
    const one = await readDue(context, record, notificationLog, audience);
    if (!one) continue;
    const { standing, seen, ...rest } = one;
    if (isEndedBy(standing, run)) due.unshift(rest);
    isOld = seen.some(isDone);
    const again = isOld && run.inCi && !isEndedBy(standing, run) ? missedOf(one, context.clock.now()) : [];
    if (again.length > 0) left.unshift({ due: { ...late(rest), audience: again }, known: seen.length });
    // on a laptop only the newest deployment is notified
    if (isOld || !run.inCi) break;
    if (!isEndedBy(standing, run)) left.unshift({ due: late(rest), known: seen.length });
  }
  const orphans: DueNotification[] = [];
  for (const { due: one, known } of left) {
    if ((isOld || known > 0) && await claim(context, one, notificationLog, known)) orphans.push(one);
  }
  return [...orphans, ...due].filter((one) => one.audience.length > 0);
}

interface Look extends DueNotification {
  readonly standing: Standing;
  readonly seen: readonly WrittenEntry[];
}

/** The channels that were not reached by what went wrong, if it is time to try again. */
function missedOf({ audience, notification, seen }: Look, now: number): readonly AlertManifest[] {
  const tries = seen.filter(({ failed }) => failed.length > 0);
  const last = tries.at(-1);
  if (!last || !['rolledBack', 'halted'].includes(notification.event) || now - Date.parse(notification.at) > GIVE_UP_AFTER_MS) return [];
  if (now - Date.parse(last.at) < Math.min(FIRST_WAIT_MS * 2 ** (tries.length - 1), LAST_WAIT_MS)) return [];
  const failed = new Set(tries.flatMap((one) => one.failed));
  return audience.filter(({ name }) => failed.has(channelKey(name)));
}

/** Who reads it later must not take it for new. */
function late<T extends Pick<DueNotification, 'notification'>>(due: T): T {
  const { notification } = due;
  const text = [`This happened at ${notification.at}; it could not be sent before.`, notification.text].filter((part) => part !== '').join('\n');
  return { ...due, notification: { ...notification, text } };
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

/** Whether the process tried all channels. */
function isDone({ failed, notified }: WrittenEntry): boolean {
  return notified.length + failed.length > 0;
}

/** On a laptop each command is a run of its own. */
function isEndedBy({ entries, record }: Standing, run: RuntimeContext['run']): boolean {
  return !run.inCi || runOfProcess(entries.at(-1)?.processId ?? record.processId).id === run.id;
}

/**
 * Claims the notification of a run that is gone. Returns false if that run is alive, or another run claimed it first. Of the `known` entries only
 * those of runs that are at work count.
 */
async function claim(
  { clock, ledger, run }: RuntimeContext, { record }: DueNotification, notificationLog: NotificationLog, known: number,
): Promise<boolean> {
  const entries = await ledger.history(record);
  if (await ledger.isAlive(runOfProcess(entries.at(-1)?.processId ?? record.processId))) return false;
  await notificationLog.add(record, { processId: run.processId, notified: [] });
  const giveUpAt = clock.now() + READ_BACK_MS;
  for (;;) {
    // other runs may have written their entries at the same moment
    await clock.sleep(LOOK_MS);
    const seen = await notificationLog.of(record);
    for (const [index, entry] of seen.entries()) {
      if (entry.processId === run.processId) return true;
      if (isDone(entry) && index < known) continue;
      if (isDone(entry) || await ledger.isAlive(runOfProcess(entry.processId))) return false;
    }
    // GitHub does not guarantee to list a new entry at once
    if (clock.now() >= giveUpAt) return true;
  }
}
