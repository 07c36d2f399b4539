import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until';

/** A real program that serves HTTP. */
export class Program {
  /**
   * @param ready a URL that returns 2xx once it works
   */
  public static async start(command: string, args: string[], ready: string, env: Record<string, string> = {}): Promise<Program> {
    const program = new Program(spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }), command);
    await until(`${command} is ready`, 120_000, async () => {
      program.checkAlive();
      return fetch(ready).then(({ ok }) => ok, () => false);
    });
    return program;
  }

  private output = '';
  private fault?: Error;

  private constructor(private readonly child: ChildProcess, private readonly command: string) {
    child.on('error', (error) => { this.fault = error; });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => { this.output += String(chunk); });
  }

  public signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  public async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  private checkAlive(): void {
    if (this.fault) throw this.fault;
    if (this.child.exitCode !== null) throw new Error(`${this.command} ended with ${this.child.exitCode}:\n${this.output}`);
  }
}
