import { Notification } from './notification';
import { safeLine } from '../reporting/untrusted-text';

/** A way to tell people. */
export interface Channel {
  /** For a person, unique among the delivery's: `Slack (SLACK_WEBHOOK)`. */
  readonly name: string;
  /** Rejects with `ChannelError`, in bounded time. */
  send(notification: Notification): Promise<void>;
}

/** The notification did not get through. The message says why, and holds neither a secret nor an address. */
export class ChannelError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ChannelError';
  }
}

/** What went wrong, in one line, whoever says it. */
export function faultOf(error: unknown): string {
  return safeLine(error instanceof Error ? error.message : String(error), 200);
}
