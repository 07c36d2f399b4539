import { Level, LogDialect } from '../log';

/** @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
export class GithubDialect implements LogDialect {
  private open = false;

  public line(text: string): string {
    return text;
  }

  public group(title: string): string[] {
    const ended = this.endGroup();
    this.open = true;
    return [...ended, `::group::${escapeData(title)}`];
  }

  public endGroup(): string[] {
    const ended = this.open ? ['::endgroup::'] : [];
    this.open = false;
    return ended;
  }

  public announcement(level: Level, title: string, lines: string[]): string {
    return `::${level} title=${escapeProperty(title)}::${lines.map(escapeData).join('%0A')}`;
  }

  public hide(command: string): string[] {
    return [command];
  }
}

/** @see https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
