import { setTimeout as pause } from 'node:timers/promises';
import { Clock } from '../clock';

export interface StopOptions {
  /** The leader of the group. */
  readonly pid: number;
  /** Resolves when the leader has ended. */
  readonly exit: Promise<unknown>;
  /** Between SIGTERM and SIGKILL, milliseconds. */
  readonly graceMs: number;
  readonly clock: Clock;
}

/** Sends SIGTERM to every process of the group, and SIGKILL after the grace period. */
export async function stopGroup({ pid, exit, graceMs, clock }: StopOptions): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const enough = new AbortController();
  await Promise.race([clock.sleep(graceMs, enough.signal), exit.then(() => emptied(pid, enough.signal))]);
  enough.abort();
  signalGroup(pid, 'SIGKILL');
}

/** Returns whether the group has any process. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    // EPERM: a process of another user (sudo)
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Waits until the group is empty: the leader may end first while others clean up. */
async function emptied(pid: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && signalGroup(pid, 0)) await pause(20);
}
