import { Masker } from './masker';
import { Annotation } from './run-event';
import { commandIn, WorkflowCommand } from './workflow-command';

export interface OutputSink {
  log(line: string): void;
  annotate(annotation: Annotation): void;
  setOutput(name: string, value: string): void;
  /** The step fails, whatever its exit code. */
  fail(message: string): void;
}

/** Commands without an effect here. */
const QUIET = ['debug', 'echo', 'add-matcher', 'remove-matcher', 'save-state'];
/** Switched off by GitHub: they fail the step. */
const REFUSED = ['set-env', 'add-path'];
const KNOWN = ['error', 'warning', 'notice', 'group', 'endgroup', 'add-mask', 'set-output', 'stop-commands', ...QUIET, ...REFUSED];

/** Reads what a step prints, as the runner does: commands take effect, everything else goes masked into the log. */
export class OutputReader {
  private resumeToken: string | undefined;

  constructor(private readonly sink: OutputSink, private readonly masker: Masker) {}

  public read(line: string): void {
    const isKnown = (name: string) => KNOWN.includes(name.toLowerCase()) || name.toLowerCase() === this.resumeToken;
    const command = commandIn(line, isKnown);
    if (!command || !this.obey(command)) this.sink.log(this.masker.mask(line));
  }

  /** False for what is to be printed as it is. */
  private obey(command: WorkflowCommand): boolean {
    if (this.resumeToken !== undefined) {
      if (command.name === this.resumeToken) this.resumeToken = undefined;
      return false;
    }
    switch (command.name) {
      case 'error':
      case 'warning':
      case 'notice':
        this.annotate(command.name, command);
        return true;
      case 'group':
        this.sink.log(`##[group]${this.masker.mask(command.data)}`);
        return true;
      case 'endgroup':
        this.sink.log('##[endgroup]');
        return true;
      case 'add-mask':
        this.masker.add(command.data);
        return true;
      case 'set-output':
        // deprecated since 2022 and still obeyed: what a program prints can forge an output
        this.sink.setOutput(command.properties.name ?? '', command.data);
        return true;
      case 'stop-commands':
        this.stop(command);
        return true;
      default:
        if (REFUSED.includes(command.name)) this.sink.fail(`The \`${command.name}\` command is disabled.`);
        return true;
    }
  }

  private stop({ data }: WorkflowCommand): void {
    if (data === '' || KNOWN.includes(data.toLowerCase()) || data.toLowerCase() === 'pause-logging') {
      this.sink.fail('Invoked ::stop-commands:: with a token that is no token');
    } else {
      this.resumeToken = data.toLowerCase();
      this.masker.add(data);
    }
  }

  private annotate(level: Annotation['level'], { properties, data }: WorkflowCommand): void {
    const message = this.masker.mask(data);
    const { title, file, line } = properties;
    this.sink.log(`##[${level}]${message}`);
    this.sink.annotate({ level, message, title, file, line });
  }
}
