import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { Clock } from '../../clock';
import { EventLogError, InUseError } from '../../event-log/event-log';
import { removeIfThere } from '../../files/durable-file';
import { fileFault } from '../../files/file-error';
import { isNumber, isObject, isText, parseJson } from '../../json-value';
import { isProcessAlive } from '../../processes/process-state';

export interface FileLockOptions {
  /** The lock's own file. */
  readonly path: string;
  readonly clock: Clock;
  /** How long to wait for another process, in milliseconds. 0: not at all. */
  readonly patienceMs: number;
  /** What the lock is for, as in `<what> is in use by process 123`. */
  readonly what: string;
}

const POLL_MS = 20;

/**
 * A file that only one process can create. The lock of a dead process is taken, unless that process ran on another
 * host (a shared folder), where its state is unknown.
 */
export class FileLock {
  /** Throws `EventLogError` if another process holds it for longer than `patienceMs`. */
  public static async acquire(options: FileLockOptions): Promise<FileLock> {
    const token = JSON.stringify({ pid: process.pid, host: hostname(), since: new Date(options.clock.now()).toISOString() });
    const giveUpAt = options.clock.now() + options.patienceMs;
    for (;;) {
      if (writeExclusively(options.path, token)) return new FileLock(options.path, token);
      const held = readOrUndefined(options.path);
      if (held === undefined) continue;
      if (isLeftBehind(held) && takeAway(options.path, held)) continue;
      if (options.clock.now() >= giveUpAt) throw inUse(options, held);
      await options.clock.sleep(POLL_MS);
    }
  }

  private constructor(private readonly path: string, private readonly token: string) {}

  /** Keeps a lock that another process took. */
  public release(): void {
    try {
      if (readFileSync(this.path, 'utf8') === this.token) unlinkSync(this.path);
    } catch {
      // the file system became read-only: the next process takes the lock
    }
  }
}

function isLeftBehind(held: string): boolean {
  const holder = readHolder(held);
  return isHere(holder) && !isProcessAlive(holder.pid);
}

/** Whether this machine can see whether it runs. */
function isHere(holder: Holder | undefined): holder is Holder {
  return holder !== undefined && holder.host === hostname();
}

/** Several processes may find the same stale lock: only the one that creates the second file may remove the first. */
function takeAway(path: string, held: string): boolean {
  const permit = `${path}.stale`;
  if (!writeExclusively(permit, String(process.pid))) return false;
  try {
    if (readOrUndefined(path) === held) unlinkSync(path);
    return true;
  } catch (error) {
    throw error instanceof EventLogError ? error : fault(path, 'removed', error);
  } finally {
    removeIfThere(permit);
  }
}

function writeExclusively(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // on a full disk the file is created, and empty
    removeIfThere(path);
    throw fault(path, 'written', error);
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fault(path, 'read', error);
  }
}

function fault(path: string, done: 'read' | 'written' | 'removed', error: unknown): EventLogError {
  return new EventLogError(`the lock ${path} could not be ${done} (${fileFault(error)} Or move the ledger to another place, and name it there: DELIVERY_LEDGER=<path>).`, { cause: error });
}

function inUse({ what, path }: FileLockOptions, held: string): InUseError {
  const holder = readHolder(held);
  const by = holder ? `process ${holder.pid} on ${holder.host} since ${holder.since}` : 'an unnamed process';
  // nobody may delete the lock of a process that works: it is given up by itself when that is gone
  const unseen = isHere(holder) ? '' : ` This machine cannot see whether it still runs: only if it does not, delete ${path} (and ${path}.stale if there is one).`;
  return new InUseError(`${what} is in use by ${by}. Wait until it is done.${unseen}`);
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

function readHolder(text: string): Holder | undefined {
  const value = parseJson(text);
  if (!isObject(value) || !isNumber(value.pid) || !isText(value.host) || !isText(value.since)) return undefined;
  return { pid: value.pid, host: value.host, since: value.since };
}
