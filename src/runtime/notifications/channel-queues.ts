import { faultOf } from './channel';
import { Notification } from './notification';
import { Clock } from '../clock';

/** A channel whose time whoever notifies it sets. */
export interface QueuedChannel {
  /** For a person, unique among the delivery's. */
  readonly name: string;
  /** Rejects with `ChannelError` by `giveUpAt`, in milliseconds since the epoch. */
  notify(notification: Notification, giveUpAt: number): Promise<void>;
}

/** A notification for one channel. */
export interface QueuedNotification {
  readonly channel: QueuedChannel;
  readonly notification: Notification;
  /** Whether an earlier run tried it: new findings go first. */
  readonly isRepeat: boolean;
}

/** A notification that is not taken ends after this. */
export const NOTIFICATION_MS = 20_000;
/** A channel keeps a run busy for this long in all. */
export const CHANNEL_MS = 60_000;
/** Notifications that one channel gets at the same time: of many alerts each takes a connection of its own. */
const AT_ONCE = 4;
/** Of repeats no more than this wait for a channel. */
const LINE_LIMIT = 8;

export const NO_TIME = 'no time was left for it in this run';

/** A queue for each channel of a run, whatever environment the notifications are about: no channel waits for another one. */
export class ChannelQueues {
  private readonly queues = new Map<string, ChannelQueue>();

  constructor(private readonly clock: Clock) {}

  /** Resolves with why it was not taken, or undefined where it was. Never rejects. */
  public add(notification: QueuedNotification): Promise<string | undefined> {
    return this.queueOf(notification.channel.name).add(notification);
  }

  /** Whether a repeat would be sent soon: what could not be sent in this run is better left to the next one. */
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

/** What one channel has to take, and how long it has kept the run busy. */
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

  /** A channel that nobody notifies uses up no time: the checks of a large fleet may take longer than all channels. */
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
