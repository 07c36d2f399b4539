import { HostLog } from './server-host';
import { Log } from '../../../runtime/ci/log';

/** The output of one host of several that work at the same time: it is shown as a group when the host is done. */
export class HostOutput implements HostLog {
  private readonly lines: (() => void)[] = [];

  constructor(private readonly log: Log) {}

  public line(text: string): void {
    this.lines.push(() => this.log.line(text));
  }

  public commandOutput(text: string): void {
    this.lines.push(() => this.log.commandOutput(text));
  }

  public show(title: string): void {
    this.log.group(title);
    for (const line of this.lines.splice(0)) line();
    this.log.endGroup();
  }
}
