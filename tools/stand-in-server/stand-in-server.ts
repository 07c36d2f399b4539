import { ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface StandInServerOptions {
  /** Without a call it ends after this time, milliseconds. @default 120000 */
  readonly idleMs?: number;
}

/**
 * A process that makes the calls of the stand-ins' executables: a call costs the start of a shell, instead of that of Node.js. It ends with
 * the process that started it, and does not keep that one alive. Calls before it is ready, and after its end, are processes of their own.
 */
export class StandInServer {
  /** The process environment in which the executables call this server. */
  public readonly env: Readonly<Record<string, string>>;
  // the server removes it
  private readonly folder = mkdtempSync(join(tmpdir(), 'stand-in-server-'));
  private child: ChildProcess;

  constructor(private readonly options: StandInServerOptions = {}) {
    this.env = { STAND_IN_SERVER: join(this.folder, 'port') };
    this.child = this.start();
  }

  /** Starts it again if it has ended. */
  public ensure(): this {
    if (this.child.exitCode !== null || this.child.signalCode !== null) this.child = this.start();
    return this;
  }

  private start(): ChildProcess {
    const args = [join(__dirname, 'server.cjs'), this.folder, String(this.options.idleMs ?? 120_000)];
    const child = spawn(process.execPath, args, { cwd: '/', env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
    child.unref();
    (child.stdin as Socket).unref();
    child.stdin.on('error', () => undefined);
    return child;
  }
}
