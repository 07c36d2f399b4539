import { readFileSync } from 'node:fs';

/** The fields of a process on Linux from its state on; the name before it may contain any character. Undefined where they cannot be read. */
export function processStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Whether this machine has a process with that id that runs. One that ended and that nobody reaped, as in a container without an init, does not. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it belongs to another user
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return !/^[ZX]/.test(processStat(pid)?.[0] ?? '');
}
