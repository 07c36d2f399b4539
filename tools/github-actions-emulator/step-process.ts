import { ChildProcess, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { signal } from './processes';
import { Times } from './times';

export interface StepProcessOptions {
  readonly file: string;
  readonly argv: string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly times: Times;
  readonly onLine: (line: string) => void;
}

/**
 * The process of one `run` step. To cancel it the runner signals that one process, the shell, and no other: a program that the
 * shell waits for gets no signal, unless the script uses `exec`.
 *
 * @see https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs (SendSignal, NixKillProcessTree)
 */
export class StepProcess {
  /** Resolves with the exit code, of a killed process 128 + the signal's number, when its output has ended too. */
  public readonly ended: Promise<number>;
  private readonly child: ChildProcess;
  private isOver = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: StepProcessOptions) {
    const { file, argv, cwd, env } = options;
    // a group of its own: whatever the script does to its group must not reach this process
    this.child = spawn(file, argv, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const flush = [this.child.stdout!, this.child.stderr!].map((stream) => linesOf(stream, options.onLine));
    this.ended = new Promise<number>((resolve, fail) => {
      this.child.once('error', fail);
      this.child.once('exit', (code, name) => this.awaitOutput(() => resolve(code ?? 128 + (name === 'SIGKILL' ? 9 : name === 'SIGTERM' ? 15 : 2))));
    }).finally(() => {
      this.isOver = true;
      clearTimeout(this.timer);
      flush.forEach((rest) => rest());
    });
  }

  /** SIGINT, then SIGTERM, then SIGKILL. */
  public cancel(): void {
    const { interruptMs, terminateMs } = this.options.times;
    this.send('SIGINT');
    this.after(interruptMs, () => {
      this.send('SIGTERM');
      this.after(terminateMs, () => this.send('SIGKILL'));
    });
  }

  /** At once: the machine is gone. */
  public kill(): void {
    this.send('SIGKILL');
    this.closeOutput();
  }

  /** Something that the process left behind may hold its output open: the runner does not wait for that for ever. */
  private awaitOutput(over: () => void): void {
    const late = setTimeout(() => {
      this.closeOutput();
      over();
    }, this.options.times.outputMs);
    this.child.once('close', () => {
      clearTimeout(late);
      over();
    });
  }

  private closeOutput(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }

  private send(name: NodeJS.Signals): void {
    if (this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null) signal(this.child.pid, name);
  }

  private after(ms: number, act: () => void): void {
    if (!this.isOver) this.timer = setTimeout(act, ms);
  }
}

/** Calls `onLine` for each line; what is returned hands over an unfinished last one. */
function linesOf(stream: NodeJS.ReadableStream, onLine: (line: string) => void): () => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split(/\r?\n/);
    rest = lines.pop()!;
    lines.forEach(onLine);
  });
  return () => {
    if (rest !== '') onLine(rest);
    rest = '';
  };
}
