import { deploymentNotification } from './deployment-notification';
import { incidentOf, Notification, NotificationEvent } from './notification';
import { channelMark, NotificationMark, NotificationLog } from './notification-log';
import { AlertManifest } from '../../contract/manifest';
import type { RuntimeContext } from '../context';
import { runOfProcess } from '../event-log/process-id';
import type { Standing } from '../ledger/entries';
import { hasAttempts, isDecision, LedgerRecord } from '../ledger/record';

/** What became of a deployment, and who was not told of it yet. */
export interface DueNotification {
  readonly record: LedgerRecord;
  readonly notification: Notification;
  readonly audience: readonly AlertManifest[];
  /** The channels that were told before, as `channelMark` spells them. */
  readonly told: readonly string[];
}

/** How many attempts back somebody may have died before telling. */
const ATTEMPTS = 5;

/** Within this a mark that was written is read back, by all that is known of GitHub; most are within the first look. */
const READ_BACK_MS = 10_000;
const LOOK_MS = 2_000;

/**
 * What nobody was told of yet, oldest first. Who tells is who ended it: the run whose process wrote the final entry, in that job or a
 * later one. If that run is gone and told nobody, whoever comes next on the environment tells; of several the one whose mark came first.
 * News from before the first that was ever told is old news.
 */
export async function dueNotifications(
  context: RuntimeContext, marks: NotificationLog, audience: readonly AlertManifest[],
): Promise<DueNotification[]> {
  const { environment, ledger, run } = context;
  const records = await ledger.records(environment.name, { isEnough: hasAttempts(ATTEMPTS) });
  const attempts = records.filter((record) => !isDecision(record)).slice(0, ATTEMPTS);
  const due: DueNotification[] = [];
  const left: { readonly due: DueNotification; readonly isBegun: boolean }[] = [];
  let isOld = false;
  for (const record of attempts) {
    const one = await readDue(context, record, marks, audience);
    if (!one) continue;
    const { standing, seen, ...rest } = one;
    if (isEndedBy(standing, run)) due.unshift(rest);
    isOld = seen.some(isDone);
    // nobody on a laptop waits for older news
    if (isOld || !run.inCi) break;
    if (!isEndedBy(standing, run)) left.unshift({ due: rest, isBegun: seen.length > 0 });
  }
  const orphans: DueNotification[] = [];
  for (const { due: one, isBegun } of left) {
    if ((isOld || isBegun) && await takeOver(context, one, marks)) orphans.push(one);
  }
  return [...orphans, ...due].filter((one) => one.audience.length > 0);
}

interface Look extends DueNotification {
  readonly standing: Standing;
  readonly seen: readonly NotificationMark[];
}

/** Undefined where it is no news, or none for anybody. */
async function readDue(
  context: RuntimeContext, record: LedgerRecord, marks: NotificationLog, audience: readonly AlertManifest[],
): Promise<Look | undefined> {
  const entries = await context.ledger.history(record);
  const standing: Standing = { record, state: entries.at(-1)?.state ?? 'pending', entries };
  const notification = deploymentNotification(context, standing);
  const concerned = audience.filter((alert) => notification && concerns(alert, notification));
  if (!notification || concerned.length === 0) return undefined;
  const seen = await marks.of(record);
  const told = [...new Set(seen.flatMap((mark) => mark.told))];
  return { record, standing, notification, seen, told, audience: concerned.filter(({ name }) => !told.includes(channelMark(name))) };
}

/** A channel that keeps incidents and closes them with a deployment closes them whatever ends them. */
function concerns({ kind, on }: AlertManifest, notification: Notification): boolean {
  const events: readonly NotificationEvent[] = on;
  if (events.includes(notification.event)) return true;
  const keepsIncidents = kind === 'pagerduty' || kind === 'githubIssue';
  return keepsIncidents && incidentOf(notification) === 'closed' && events.includes('deployed');
}

function isDone({ told }: NotificationMark): boolean {
  return told.length > 0;
}

/** On a laptop each command is a run of its own. */
function isEndedBy({ entries, record }: Standing, run: RuntimeContext['run']): boolean {
  return !run.inCi || runOfProcess(entries.at(-1)?.processId ?? record.processId).id === run.id;
}

/** Whether telling what another run ended falls to this one: that run is gone, and nobody else has taken it on. */
async function takeOver({ clock, ledger, run }: RuntimeContext, { record }: DueNotification, marks: NotificationLog): Promise<boolean> {
  const entries = await ledger.history(record);
  if (await ledger.isAlive(runOfProcess(entries.at(-1)?.processId ?? record.processId))) return false;
  await marks.add(record, { processId: run.processId, told: [] });
  const giveUpAt = clock.now() + READ_BACK_MS;
  for (;;) {
    // others may have written theirs at the same moment
    await clock.sleep(LOOK_MS);
    const seen = await marks.of(record);
    for (const mark of seen) {
      if (mark.processId === run.processId) return true;
      if (isDone(mark) || await ledger.isAlive(runOfProcess(mark.processId))) return false;
    }
    // nothing promises that it is read back at once
    if (clock.now() >= giveUpAt) return true;
  }
}
