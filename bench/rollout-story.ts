/** What the runtime's log says of a rollout while it happens, with the times at which its lines came. */

export interface Probe {
  readonly at: number;
  readonly isHealthy: boolean;
  /** What it saw. */
  readonly saw: string;
}

export interface Chapter {
  readonly title: string;
  readonly startedAt: number;
  endedAt?: number;
  readonly probes: Probe[];
  /** The last line of its own. */
  note?: string;
}

/** `  <check>: <what it saw> · <row> · 9 s left` */
const PROGRESS = /^\s+(?<check>\S+): (?<saw>.*) · (?<row>[^·]*) · [^·]+ left$/;
/** As the runner shows it, as it is written, and as a terminal gets it. */
const GROUP = /^(?:##\[group\]|::group::)(?<title>.*)$/;
const END = /^(?:##\[endgroup\]|::endgroup::)$/;

export class RolloutStory {
  public readonly chapters: Chapter[] = [];

  /** One line of the log; what it changed. */
  public read(line: string, at: number): 'began' | 'probed' | 'ended' | undefined {
    const title = GROUP.exec(line)?.groups?.title;
    if (title !== undefined) {
      this.chapters.push({ title, startedAt: at, probes: [] });
      return 'began';
    }
    const chapter = this.open;
    if (!chapter) return undefined;
    if (END.test(line)) {
      chapter.endedAt = at;
      return 'ended';
    }
    const probe = PROGRESS.exec(line)?.groups;
    if (probe) {
      chapter.probes.push({ at, saw: probe.saw, isHealthy: probe.row.startsWith('healthy') });
      return 'probed';
    }
    if (!/^\s*│/.test(line)) chapter.note = line.trim();
    return undefined;
  }

  public get open(): Chapter | undefined {
    const last = this.chapters.at(-1);
    return last?.endedAt === undefined ? last : undefined;
  }

  /** What led to going back. Undefined while, or where, nothing did. */
  public get decision(): Decision | undefined {
    const index = this.chapters.findIndex(({ title }) => title.startsWith('Roll back to'));
    const before = this.chapters[index - 1];
    if (!before) return undefined;
    return {
      because: before,
      firstBadAt: before.probes.find(({ isHealthy }) => !isHealthy)?.at,
      decidedAt: before.endedAt ?? before.startedAt,
      way: this.chapters[index],
    };
  }
}

export interface Decision {
  readonly because: Chapter;
  /** When the health check got its first bad response; absent where a command failed. */
  readonly firstBadAt?: number;
  readonly decidedAt: number;
  /** The rollback itself. */
  readonly way: Chapter;
}
