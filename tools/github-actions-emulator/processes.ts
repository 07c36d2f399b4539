import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * The name of the variable by which the runner finds what a job has left behind. Who wants a process to outlive the job
 * starts it without.
 *
 * @see https://github.com/actions/runner/blob/main/src/Runner.Worker/JobExtension.cs ("Cleaning up orphan processes")
 */
export const TRACKING_VARIABLE = 'RUNNER_TRACKING_ID';

/** Kills every process that carries the job's tracking id, however it came to be; its pids. */
export function killTracked(trackingId: string): number[] {
  return killAll((pid) => environmentOf(pid).includes(`${TRACKING_VARIABLE}=${trackingId}`));
}

/**
 * Kills what was started since this process began and belongs to `root`: it works there, or its command or environment names a
 * place there.
 */
export function killUnder(root: string): number[] {
  const begin = startOf(process.pid);
  const belongs = (pid: number) =>
    workingDirectoryOf(pid).startsWith(root) || commandOf(pid).includes(root) || environmentOf(pid).some((one) => one.includes(root));
  // a process that is ending has no command any more, but its working directory for a moment longer
  return killAll((pid) => startOf(pid) > begin && commandOf(pid) !== '' && belongs(pid));
}

/** Repeats until none is left: a process may start another one before it is killed. */
function killAll(matches: (pid: number) => boolean): number[] {
  const killed = new Set<number>();
  for (let found = alive().filter(matches), round = 0; found.length > 0 && round < KILL_ROUNDS; found = alive().filter(matches), round += 1) {
    for (const pid of found) {
      killed.add(pid);
      signal(pid, 'SIGKILL');
    }
  }
  return [...killed];
}

/** One that waits for a device cannot be killed at all. */
const KILL_ROUNDS = 1000;

/** Whether there was such a process. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

/** Empty where the system has no /proc: there only the processes of the steps themselves are ended. */
function alive(): number[] {
  return ignoring(() => readdirSync('/proc'), []).filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => pid !== process.pid);
}

function environmentOf(pid: number): string[] {
  return ignoring(() => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'), []);
}

function commandOf(pid: number): string {
  return ignoring(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '');
}

function workingDirectoryOf(pid: number): string {
  return ignoring(() => readlinkSync(`/proc/${pid}/cwd`), '');
}

/** Ticks since the system began; the command's name, in parentheses, may hold anything. */
function startOf(pid: number): number {
  return ignoring(() => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19]), 0);
}

/** A process may end while it is looked at, or be another user's. */
function ignoring<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

/** False for a zombie: it only waits to be read. */
export function isAlive(pid: number): boolean {
  return ignoring(() => !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '), false);
}
