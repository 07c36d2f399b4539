import { setTimeout as pause } from 'node:timers/promises';
import { Clock } from '../clock';
import { spawn } from 'node:child_process';

export interface StopOptions {
  /** The leader of the group. */
  readonly pid: number;
  /** Settles when the leader has ended. */
  readonly exit: Promise<unknown>;
  /** Between SIGTERM and SIGKILL, milliseconds. */
  readonly graceMs: number;
  readonly clock: Clock;
}

/** Asks every process of the group to end; whatever is left after the grace period is killed. */
export async function stopGroup({ pid, exit, graceMs, clock }: StopOptions): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const enough = new AbortController();
  await Promise.race([clock.sleep(graceMs, enough.signal), exit.then(() => emptied(pid, enough.signal))]);
  enough.abort();
  signalGroup(pid, 'SIGKILL');
}

/** Returns whether there was anyone to get it. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    // EPERM: someone is there who belongs to another user (sudo)
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The leader may end first and leave others that still clean up. */
async function emptied(pid: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && signalGroup(pid, 0)) await pause(20);
}

/** Whether this machine has a process of that id. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Ends quietly at a word; at the end of its input, which comes when we are gone, it kills the group. */
const SCRIPT = 'read -r word || kill -s KILL -- "-$1"';

/**
 * Sees to it that a command does not outlive this process: SIGKILL (no memory left, a machine in need) leaves no chance to
 * do that here, and a command that goes on half done would undo what settles it. Returns what dismisses the guard.
 */
export function guardGroup(pid: number): () => void {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'guard', String(pid)], { cwd: '/', env: {}, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // without a shell, and when it is gone already, there is nothing to dismiss
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  return () => void guard.stdin.end('done\n');
}
