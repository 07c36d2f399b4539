import { faultOf, Notification } from './notification';
import { Clock } from '../clock';

/** A channel with a deadline per notification. */
export interface QueuedChannel {
  /** Shown to people, unique in the delivery. */
  readonly name: string;
  /** Rejects with `ChannelError` by `giveUpAt`, in milliseconds since the epoch. */
  notify(notification: Notification, giveUpAt: number): Promise<void>;
}

/** A notification for one channel. */
export interface QueuedNotification {
  readonly channel: QueuedChannel;
  readonly notification: Notification;
  /** Whether an earlier run tried it: new notifications go first. */
  readonly isRepeat: boolean;
}

/** The timeout of one notification. */
export const NOTIFICATION_MS = 20_000;
/** The time that one channel gets in a run. */
export const CHANNEL_MS = 60_000;
/** How many notifications one channel gets in parallel. */
const AT_ONCE = 4;
/** How many repeats may wait for a channel. */
const LINE_LIMIT = 8;

export const NO_TIME = 'no time was left for it';

/** A queue per channel, shared by all environments of a run: no channel waits for another one. */
export class ChannelQueues {
  private readonly queues = new Map<string, ChannelQueue>();

  constructor(private readonly clock: Clock) {}

  /** Resolves with the reason of a failure, or undefined on success. Never rejects. */
  public add(notification: QueuedNotification): Promise<string | undefined> {
    return this.queueOf(notification.channel.name).add(notification);
  }

  /** Whether a repeat could be sent in this run; otherwise it is left to the next one. */
  public hasRoom(channel: string): boolean {
    return this.queueOf(channel).hasRoom;
  }

  private queueOf(name: string): ChannelQueue {
    const queue = this.queues.get(name) ?? new ChannelQueue(this.clock);
    this.queues.set(name, queue);
    return queue;
  }
}

interface Waiting extends QueuedNotification {
  readonly end: (fault: string | undefined) => void;
}

/** The queue of one channel, and the time that it has used. */
class ChannelQueue {
  private waiting: Waiting[] = [];
  private sending = 0;
  /** Without the time since `busySince`. */
  private usedMs = 0;
  private busySince = 0;

  constructor(private readonly clock: Clock) {}

  public get hasRoom(): boolean {
    return this.leftMs > 0 && this.waiting.length < LINE_LIMIT;
  }

  public add(notification: QueuedNotification): Promise<string | undefined> {
    return new Promise((end) => {
      this.waiting.push({ ...notification, end });
      this.sendNext();
    });
  }

  /** An idle channel uses no time: the checks of many environments may take longer than its budget. */
  private get leftMs(): number {
    return CHANNEL_MS - this.usedMs - (this.sending > 0 ? this.clock.now() - this.busySince : 0);
  }

  private sendNext(): void {
    if (this.leftMs <= 0) {
      for (const { end } of this.waiting.splice(0)) end(NO_TIME);
      return;
    }
    while (this.sending < AT_ONCE && this.waiting.length > 0) void this.send(nextOf(this.waiting));
  }

  private async send(next: Waiting): Promise<void> {
    this.waiting = this.waiting.filter((other) => other !== next);
    if (this.sending === 0) this.busySince = this.clock.now();
    const giveUpAt = this.clock.now() + Math.min(NOTIFICATION_MS, this.leftMs);
    this.sending += 1;
    next.end(await next.channel.notify(next.notification, giveUpAt).then(() => undefined, faultOf));
    this.sending -= 1;
    if (this.sending === 0) this.usedMs += this.clock.now() - this.busySince;
    this.sendNext();
  }
}

function nextOf(waiting: readonly Waiting[]): Waiting {
  return waiting.find(({ isRepeat }) => !isRepeat) ?? waiting[0]!;
}
