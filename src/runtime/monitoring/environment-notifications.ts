import { PendingNotification } from './alert-lifecycle';
import { EnvironmentAlerts } from './environment-alerts';
import { RuntimeContext } from '../context';
import { EventLogError } from '../event-log/event-log';
import { ChannelQueues, NO_TIME, QueuedChannel } from '../notifications/channel-queues';
import { Notification, NotificationEvent } from '../notifications/notification';

/** Returns the channels that get such an event of an environment. */
export type Channels = (context: RuntimeContext, event: NotificationEvent) => readonly QueuedChannel[];

/** Which channels received a notification, and which failed. */
export interface SentTo {
  readonly title: string;
  readonly notified: readonly string[];
  readonly failed: readonly { readonly channel: string; readonly why: string }[];
}

export interface EnvironmentNotificationsOptions {
  readonly context: Pick<RuntimeContext, 'interrupted' | 'log'>;
  readonly channelsOf: (event: NotificationEvent) => readonly QueuedChannel[];
  readonly queues: ChannelQueues;
  readonly alerts: EnvironmentAlerts;
  /** Builds the notification that an earlier run did not deliver. */
  readonly notificationOf: (pending: PendingNotification) => Notification;
}

/** A transition that this run delivers. */
interface Open {
  readonly pending: PendingNotification;
  readonly notification: Notification;
  readonly isRepeat: boolean;
  readonly channels: readonly QueuedChannel[];
  /** By the channel's name; `sending` until it has succeeded or failed. */
  readonly outcomes: Map<string, 'sending' | { readonly fault?: string }>;
}

const WAITS = 'it has not received an earlier notification';

/**
 * Delivers the notifications of an environment in a run. A failing channel delays no other one and changes no verdict: what it did not
 * receive is recorded, and a later run tries again.
 */
export class EnvironmentNotifications {
  public readonly sent: SentTo[] = [];
  private open: Open[] = [];
  private readonly sending = new Set<Promise<void>>();

  constructor(private readonly options: EnvironmentNotificationsOptions) {}

  /** Sends it to each channel that has received the earlier ones; the others get it as soon as they have. */
  public add(pending: PendingNotification, notification: Notification, isRepeat = false): void {
    const channels = this.options.channelsOf(pending.event);
    if (channels.length === 0) return;
    this.open.push({ pending, notification, isRepeat, channels, outcomes: new Map() });
    this.send();
  }

  /**
   * Resolves when everything is delivered or given up, and recorded. An interrupted run records what was delivered so far.
   * Rejects with `EventLogError`.
   * @param allLooked resolves when all environments of the run are probed: repeats begin then
   */
  public async deliver(allLooked: Promise<void>): Promise<void> {
    const { alerts, context: { interrupted } } = this.options;
    let mayRepeat = false;
    const begin = allLooked.then(() => { mayRepeat = true; });
    const stop = new Promise<void>((end) => {
      if (interrupted.aborted) end();
      else interrupted.addEventListener('abort', () => end(), { once: true });
    });
    try {
      while (!interrupted.aborted) {
        // deliveries and the start of repeats change concurrently: both are read once per round
        const [canRepeat, isIdle] = [mayRepeat, this.sending.size === 0];
        const hasTaken = canRepeat && await this.takeRepeats();
        this.send();
        await this.record(({ outcomes, pending }) => isComplete(outcomes) && alerts.waitingOf(pending).length === 0);
        if (canRepeat && isIdle && !hasTaken && this.sending.size === 0) break;
        if (!canRepeat || this.sending.size > 0) await Promise.race([...this.sending, ...(canRepeat ? [] : [begin]), stop]);
      }
    } finally {
      // deliveries are recorded even if the ledger failed
      await Promise.race([Promise.all(this.sending), stop]);
      await this.record(() => true);
    }
  }

  private send(): void {
    const { alerts, queues } = this.options;
    for (const { channels, isRepeat, notification, outcomes, pending } of this.open) {
      const receivers = alerts.receiversOf(pending);
      for (const channel of channels.filter(({ name }) => receivers.includes(name) && !outcomes.has(name))) {
        if (isRepeat && !queues.hasRoom(channel.name)) continue;
        outcomes.set(channel.name, 'sending');
        const sent: Promise<void> = queues.add({ channel, notification, isRepeat }).then((fault) => {
          outcomes.set(channel.name, { fault });
          if (fault === undefined) alerts.delivered(pending, channel.name);
          this.sending.delete(sent);
        });
        this.sending.add(sent);
      }
    }
  }

  /** Takes only what a channel has time for, to keep the record short. */
  private async takeRepeats(): Promise<boolean> {
    const { alerts, notificationOf, queues } = this.options;
    for (let hasTaken = false; ; hasTaken = true) {
      const pending = await alerts.takeUnsent((name) => queues.hasRoom(name));
      if (!pending) return hasTaken;
      this.add(pending, notificationOf(pending), true);
    }
  }

  private async record(isOver: (one: Open) => boolean): Promise<void> {
    for (const one of this.open.filter(isOver)) {
      this.open = this.open.filter((other) => other !== one);
      await this.recordOne(one);
    }
  }

  private async recordOne({ channels, notification, outcomes, pending }: Open): Promise<void> {
    const { alerts, context: { log } } = this.options;
    const waiting = alerts.waitingOf(pending);
    const left = [...alerts.receiversOf(pending), ...waiting].filter((name) => channels.some((channel) => channel.name === name));
    const failed = left.map((channel) => {
      const outcome = outcomes.get(channel);
      const fault = typeof outcome === 'object' ? outcome.fault : undefined;
      return { channel, why: fault ?? (waiting.includes(channel) ? WAITS : NO_TIME) };
    });
    const notified = [...outcomes].filter(([, outcome]) => typeof outcome === 'object' && outcome.fault === undefined).map(([name]) => name);
    if (notified.length + failed.length > 0) this.sent.push({ title: notification.title, notified, failed });
    for (const { channel, why } of failed) log.warning(`${channel} could not be notified`, `${notification.title}: ${why}. The next command tries again.`);
    await alerts.recordSent(pending, notified).catch((error: Error) => {
      if (!(error instanceof EventLogError)) throw error;
      log.warning('The notifications could not be recorded', `${error.message} They may be sent once more, with the same ids.`);
    });
  }
}

function isComplete(outcomes: Open['outcomes']): boolean {
  return ![...outcomes.values()].includes('sending');
}
