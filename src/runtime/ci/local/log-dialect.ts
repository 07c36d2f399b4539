import { Level, LogDialect } from '../log';

/** What a person reads in a terminal. */
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
    // what follows is indented, so that no line of a text can pass for one of ours
    return [`${this.indent}${head}: ${lines[0]}`, ...lines.slice(1).map((line) => `${this.indent}    ${line}`)].join('\n');
  }

  public hide(): string[] {
    return [];
  }
}
