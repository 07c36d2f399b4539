import { alertsOf, openChannels } from './channels/open-channels';
import { DueNotification, dueNotifications } from './due-notifications';
import { channelKey, faultOf } from './notification';
import { NotificationLog } from './notification-log';
import { sendAll, SENDING_MS, SentNotification } from './send';
import { ExitCode } from '../../contract/command-line';
import type { RuntimeContext } from '../context';
import { escapeMarkdown } from '../reporting/markdown';

/** Sends the notifications that are due about the last deployments. Never fails: a channel must not change a verdict. */
export async function notify(context: RuntimeContext): Promise<ExitCode> {
  const { ci: { notificationLog: notificationLog }, environment, log } = context;
  try {
    const due = await dueNotifications(context, notificationLog, alertsOf(context));
    if (due.length === 0) log.line(`${environment.name}: no notification is due`);
    else await sendDue(context, due, notificationLog);
  } catch (error) {
    log.warning('No notification was sent', `What is due could not be read from the ledger: ${faultOf(error)}`);
  }
  return 0;
}

async function sendDue(context: RuntimeContext, due: readonly DueNotification[], notificationLog: NotificationLog): Promise<void> {
  const { clock } = context;
  const alerts = alertsOf(context).filter(({ name }) => due.some(({ audience }) => has(audience, name)));
  const channels = openChannels(alerts, context, { clock, giveUpAt: clock.now() + SENDING_MS });
  const sent = await sendAll(channels.map((channel) => ({
    channel,
    notifications: due.filter(({ audience }) => has(audience, channel.name)).map(({ notification }) => notification),
  })));
  for (const one of due) await record(context, one, sent, notificationLog);
  report(context, sent);
}

function has(audience: DueNotification['audience'], name: string): boolean {
  return audience.some((alert) => alert.name === name);
}

async function record(
  { log, run }: RuntimeContext, { notification, record: deployment, notified: before }: DueNotification, results: readonly SentNotification[],
  notificationLog: NotificationLog,
): Promise<void> {
  const ours = results.filter((one) => one.notification.id === notification.id);
  const keysOf = (some: readonly SentNotification[]) => some.map(({ channel }) => channelKey(channel.name));
  const notified = [...new Set([...before, ...keysOf(ours.filter(({ fault }) => fault === undefined))])];
  const failed = keysOf(ours.filter(({ fault }) => fault !== undefined));
  try {
    await notificationLog.add(deployment, { processId: run.processId, notified, failed });
  } catch (error) {
    log.warning('The ledger did not record the notifications', `They may be sent again, with the same ids: ${faultOf(error)}`);
  }
}

function report({ log, mask, outputs }: RuntimeContext, sent: readonly SentNotification[]): void {
  outputs.summary(['### 📣 Notifications', ...sent.map((one) => `- ${escapeMarkdown(mask(sentence(one)), 500)}`)].join('\n'));
  for (const one of sent) {
    if (one.fault === undefined) log.line(sentence(one));
    else log.warning('A notification failed', sentence(one));
  }
}

function sentence({ channel, notification, fault }: SentNotification): string {
  return fault === undefined ? `✅ ${channel.name}: ${notification.title}` : `⚠️ ${channel.name} could not be notified (${fault}): ${notification.title}`;
}
