import { Channel, faultOf } from './channel';
import { Notification } from './notification';

/** What a channel is to be told, in this order. */
export interface Message {
  readonly channel: Channel;
  readonly notifications: readonly Notification[];
}

/** What came of one notification in one channel. */
export interface SentNotification {
  readonly channel: Channel;
  readonly notification: Notification;
  /** Why it did not get through; undefined where it did. */
  readonly fault?: string;
}

/** Telling takes no longer than this in all, whatever the channels do: a deploy job has a budget. */
export const SENDING_MS = 20_000;

/** All channels side by side, each one's notifications one after the other. Never rejects: a dead channel hides nothing. */
export async function sendAll(messages: readonly Message[]): Promise<SentNotification[]> {
  const told = await Promise.all(messages.map(async ({ channel, notifications }) => {
    const results: SentNotification[] = [];
    for (const notification of notifications) results.push({ channel, notification, fault: await faultIn(channel, notification) });
    return results;
  }));
  return told.flat();
}

async function faultIn(channel: Channel, notification: Notification): Promise<string | undefined> {
  try {
    await channel.send(notification);
    return undefined;
  } catch (error) {
    return faultOf(error);
  }
}
