import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FileEventLog } from './event-log';
import { FileLock } from './file-lock';
import { Clock } from '../../clock';
import { EventLogError } from '../../event-log/event-log';
import { writeWhole } from '../../files/durable-file';
import { fileFault } from '../../files/file-error';
import { isText } from '../../json-value';
import { AlertLog } from '../../monitoring/alert-log';
import { CiAlerts } from '../ci-runtime';
import { Run } from '../run';

/** How many runs of the watch are remembered. */
const KEPT_RUNS = 20;
/** How many episodes a file keeps: older ones are not needed. */
const KEPT_EPISODES = 200;
const REMEDY = 'Restore it from a backup, or move it away: people are then notified once more of what fires.';

export interface LocalAlertsOptions {
  readonly clock: Clock;
  readonly path: string;
  readonly run: Pick<Run, 'sha' | 'processId'>;
}

/** The alerts of a laptop, in a file beside the ledger that one process uses at a time. */
export function localAlerts({ clock, path, run: { processId, sha } }: LocalAlertsOptions): CiAlerts {
  const runsPath = `${path}.runs`;
  return {
    log: new AlertLog({ eventLog: fileAlerts(path, clock), sha, processId }),
    acquire: async () => {
      mkdirSync(dirname(path), { recursive: true });
      const lock = await FileLock.acquire({ path: `${runsPath}.lock`, what: 'the watch', clock, patienceMs: 0 });
      return () => lock.release();
    },
    earlierRuns: async (_, isRun) => (isRun ? rememberWatchRun(runsPath, clock) : rememberedWatchRuns(runsPath)),
  };
}

export function fileAlerts(path: string, clock: Clock): FileEventLog {
  return new FileEventLog({ path, clock, keep: KEPT_EPISODES, title: 'the alerts', remedy: () => REMEDY });
}

/** When the watch ran on this machine, newest first, in milliseconds since the epoch; empty if that is unknown. */
function rememberedWatchRuns(path: string): number[] {
  try {
    const runs: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(runs) ? runs.filter(isText).map((at) => Date.parse(at)).reverse() : [];
  } catch {
    return [];
  }
}

/** Returns the earlier runs, and adds this one. The process must hold the watch's lock. Throws `EventLogError`. */
function rememberWatchRun(path: string, clock: Clock): number[] {
  const before = rememberedWatchRuns(path);
  const times = [...[...before].reverse(), clock.now()].slice(-KEPT_RUNS).map((at) => new Date(at).toISOString());
  try {
    writeWhole(path, `${JSON.stringify(times, null, 2)}\n`);
  } catch (error) {
    throw new EventLogError(`the times of the watch in ${path} could not be written (${fileFault(error)}).`, { cause: error });
  }
  return before;
}
