import { Notification } from './notification';
import { safeLine } from '../reporting/untrusted-text';

/** A receiver of notifications. */
export interface Channel {
  /** Shown to people, unique in the delivery: `Slack (SLACK_WEBHOOK)`. */
  readonly name: string;
  /** Rejects with `ChannelError`, in bounded time. */
  send(notification: Notification): Promise<void>;
}

/** The notification was not delivered. The message gives the reason, without secrets or URLs. */
export class ChannelError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ChannelError';
  }
}

/** The message of an error in one safe line. */
export function faultOf(error: unknown): string {
  return safeLine(error instanceof Error ? error.message : String(error), 200);
}
