import { Level, LogDialect } from '../log';

/** The log format of a terminal. */
export class TerminalDialect implements LogDialect {
  private indent = '';

  public line(text: string): string {
    return `${this.indent}${text}`;
  }

  public group(title: string): string[] {
    this.indent = '  ';
    return ['', title];
  }

  public endGroup(): string[] {
    this.indent = '';
    return [];
  }

  public announcement(level: Level, title: string, lines: string[]): string {
    const head = `${level === 'notice' ? '' : `${level}: `}${title}`;
    // further lines are indented, so that they cannot be mistaken for the runtime's own lines
    return [`${this.indent}${head}: ${lines[0]}`, ...lines.slice(1).map((line) => `${this.indent}    ${line}`)].join('\n');
  }

  public hide(): string[] {
    return [];
  }
}
