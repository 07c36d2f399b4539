import { readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface Switch {
  readonly at: number;
  /** The slot that users reach from then on, most of them in a canary. */
  readonly slot: string;
  /** The slot that a canary is in, and its share of the requests, in per cent. */
  readonly split?: Split;
}

export interface Split {
  readonly slot: string;
  readonly weight: number;
}

const LOOK_MS = 5;

/** When users were switched, as the machine itself shows it: the link that its router follows, and how it splits requests. */
export class SwitchWatch {
  /** The first is what was found. */
  public readonly switches: Switch[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly home: string) {
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  public stop(): void {
    clearInterval(this.timer);
  }

  /** The first one after a time. */
  public after(time: number): Switch | undefined {
    return this.switches.find(({ at }) => at >= time);
  }

  /** What is in effect now. */
  public get last(): Switch | undefined {
    return this.switches.at(-1);
  }

  private look(): void {
    const [slot, split] = [this.liveSlot(), this.split()];
    if (slot === undefined) return;
    const { last } = this;
    if (slot === last?.slot && split?.slot === last.split?.slot && split?.weight === last.split?.weight) return;
    this.switches.push({ at: Date.now(), slot, ...(split && { split }) });
  }

  private liveSlot(): string | undefined {
    const link = ifPresent(() => readlinkSync(join(this.home, 'live')));
    return link && basename(link);
  }

  private split(): Split | undefined {
    const text = ifPresent(() => readFileSync(join(this.home, 'split.json'), 'utf8'));
    return text === undefined ? undefined : JSON.parse(text) as Split;
  }
}

function ifPresent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
