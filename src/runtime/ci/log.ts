import { maskedLine, masker } from '../reporting/masking';
import { colouredLine } from '../reporting/untrusted-text';

/** What a person reads while a job runs. Every text is made safe, and no secret passes. */
export interface Log {
  line(text: string): void;
  /** Begins a group; one that is still open ends first. */
  group(title: string): void;
  endGroup(): void;
  /** What a probe saw while we wait. */
  progress(text: string): void;
  /** A line of a user's command. `::add-mask::` hides a value from here on, as in any step. */
  commandOutput(text: string): void;
  /** In these three the text may have several lines. */
  notice(title: string, text: string): void;
  warning(title: string, text: string): void;
  error(title: string, text: string): void;
}

export interface LogOptions {
  readonly write: (text: string) => void;
  /** How the CI system wants it. */
  readonly dialect: LogDialect;
  /** Values that are never shown. */
  readonly secrets: readonly string[];
}

export type Level = 'notice' | 'warning' | 'error';

/** How a CI system, or a terminal, shows what is logged. Every text is safe already. */
export interface LogDialect {
  line(text: string): string;
  /** Begins a group: the lines that do. */
  group(title: string): string[];
  endGroup(): string[];
  announcement(level: Level, title: string, lines: string[]): string;
  /** The line that hides a value from here on, where there is one. `command` is a user's, as `::add-mask::` has it. */
  hide(command: string): string[];
}

export function openLog({ write, dialect, secrets }: LogOptions): Log {
  const hiding = new Hiding(secrets);
  const say = (text: string) => write(`${text}\n`);
  const announce = (level: Level, title: string, text: string) => {
    say(dialect.announcement(level, hiding.safe(title), text.split(/\r\n|[\r\n]/).map((line) => hiding.safe(line))));
  };
  return {
    line: (text) => say(dialect.line(hiding.safe(text))),
    group: (title) => dialect.group(hiding.safe(title)).forEach(say),
    endGroup: () => dialect.endGroup().forEach(say),
    progress: (text) => say(dialect.line(`  ${hiding.safe(text)}`)),
    commandOutput: (text) => text.split(/\r\n|[\r\n]/).forEach((line) => {
      const hide = /^::add-mask::(.*)$/.exec(line);
      if (hide) hiding.add(hide[1]);
      // masks pass, because they can only hide; anything else is shown behind a bar, where it is no workflow command
      if (hide) dialect.hide(line).forEach(say);
      else say(`  │ ${hiding.coloured(line)}`);
    }),
    notice: (title, text) => announce('notice', title, text),
    warning: (title, text) => announce('warning', title, text),
    error: (title, text) => announce('error', title, text),
  };
}

/** Longer lines are cut. */
const MAX_LINE = 1000;

/** Hides secrets and makes text safe. */
class Hiding {
  private readonly secrets: string[];
  private mask: (text: string) => string;

  constructor(secrets: readonly string[]) {
    this.secrets = [...secrets];
    this.mask = masker(secrets);
  }

  /** As a workflow command spells it. */
  public add(escaped: string): void {
    this.secrets.push(escaped.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%'));
    this.mask = masker(this.secrets);
  }

  public safe(text: string): string {
    return maskedLine(text, this.mask, MAX_LINE);
  }

  public coloured(text: string): string {
    return this.mask(colouredLine(this.mask(text)));
  }
}
