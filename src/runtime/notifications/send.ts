import { Channel, faultOf, Notification } from './notification';

/** The notifications for a channel, in this order. */
export interface Message {
  readonly channel: Channel;
  readonly notifications: readonly Notification[];
}

/** The result of one notification in one channel. */
export interface SentNotification {
  readonly channel: Channel;
  readonly notification: Notification;
  /** Why it was not delivered; undefined if it was. */
  readonly fault?: string;
}

/** The limit for all channels together: a deploy job has a time budget. */
export const SENDING_MS = 20_000;

/** Sends to all channels in parallel, and to each channel in order. Never rejects: a failed channel must not stop the others. */
export async function sendAll(messages: readonly Message[]): Promise<SentNotification[]> {
  const sent = await Promise.all(messages.map(async ({ channel, notifications }) => {
    const results: SentNotification[] = [];
    for (const notification of notifications) results.push({ channel, notification, fault: await faultIn(channel, notification) });
    return results;
  }));
  return sent.flat();
}

async function faultIn(channel: Channel, notification: Notification): Promise<string | undefined> {
  try {
    await channel.send(notification);
    return undefined;
  } catch (error) {
    return faultOf(error);
  }
}
