import { maskedLine, masker } from '../reporting/masking';
import { colouredLine } from '../reporting/untrusted-text';

/** The log of a job. All text is escaped, and secrets are masked. */
export interface Log {
  line(text: string): void;
  /** Begins a group, and ends an open one. */
  group(title: string): void;
  endGroup(): void;
  /** The result of a probe while a phase waits. */
  progress(text: string): void;
  /** A line of a user's command. `::add-mask::` masks a value from here on, as in any step. */
  commandOutput(text: string): void;
  /** These three accept several lines. */
  notice(title: string, text: string): void;
  warning(title: string, text: string): void;
  error(title: string, text: string): void;
}

export interface LogOptions {
  readonly write: (text: string) => void;
  /** The format of the CI system. */
  readonly dialect: LogDialect;
  /** Values to mask. */
  readonly secrets: readonly string[];
}

export type Level = 'notice' | 'warning' | 'error';

/** The log format of a CI system or a terminal. All text is already escaped. */
export interface LogDialect {
  line(text: string): string;
  /** The lines that begin a group. */
  group(title: string): string[];
  endGroup(): string[];
  announcement(level: Level, title: string, lines: string[]): string;
  /** The line that masks a value from here on, if any. `command` is the `::add-mask::` line of a user's command. */
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
      // masks only hide, so they pass; other lines are shown behind a bar, so that they are no workflow commands
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

/** Masks secrets and escapes text. */
class Hiding {
  private readonly secrets: string[];
  private mask: (text: string) => string;

  constructor(secrets: readonly string[]) {
    this.secrets = [...secrets];
    this.mask = masker(secrets);
  }

  /** Escaped as in a workflow command. */
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
