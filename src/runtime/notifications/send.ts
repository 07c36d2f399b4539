import { Channel, faultOf } from './channel';
import { Notification } from './notification';

/** What a channel is to be told, in this order. */
export interface Message {
  readonly channel: Channel;
  readonly notices: readonly Notification[];
}

/** What came of one notice in one channel. */
export interface SentNotification {
  readonly channel: Channel;
  readonly notice: Notification;
  /** Why it did not get through; undefined where it did. */
  readonly fault?: string;
}

/** Telling takes no longer than this in all, whatever the channels do: a deploy job has a budget. */
export const SENDING_MS = 20_000;

/** All channels side by side, each one's notices one after the other. Never rejects: a dead channel hides nothing. */
export async function sendAll(messages: readonly Message[]): Promise<SentNotification[]> {
  const told = await Promise.all(messages.map(async ({ channel, notices }) => {
    const results: SentNotification[] = [];
    for (const notice of notices) results.push({ channel, notice, fault: await faultIn(channel, notice) });
    return results;
  }));
  return told.flat();
}

async function faultIn(channel: Channel, notice: Notification): Promise<string | undefined> {
  try {
    await channel.send(notice);
    return undefined;
  } catch (error) {
    return faultOf(error);
  }
}
