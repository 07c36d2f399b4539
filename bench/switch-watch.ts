import { readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface Switch {
  readonly at: number;
  /** The slot that users reach from then on. */
  readonly slot: string;
}

const LOOK_MS = 5;

/** When users were switched, as the machine itself shows it: the link that its router follows. */
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

  private look(): void {
    const slot = this.liveSlot();
    if (slot !== undefined && slot !== this.switches.at(-1)?.slot) this.switches.push({ at: Date.now(), slot });
  }

  private liveSlot(): string | undefined {
    try {
      return basename(readlinkSync(join(this.home, 'live')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
