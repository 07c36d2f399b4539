import { readFileSync } from 'node:fs';
import { Clock } from '../../clock';
import { EventLogError } from '../../event-log/event-log';
import { writeWhole } from '../../files/durable-file';
import { fileFault } from '../../files/file-error';
import { isText } from '../../json-value';

/** So many runs of the watch are remembered. */
const KEPT_RUNS = 20;

/** When the watch ran on this machine, newest first, in milliseconds since the epoch; none where nothing is known. */
export function rememberedWatchRuns(path: string): number[] {
  try {
    const runs: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(runs) ? runs.filter(isText).map((at) => Date.parse(at)).reverse() : [];
  } catch {
    return [];
  }
}

/** As `rememberedWatchRuns`, and adds this run. The process must hold the watch's lock. Throws `EventLogError`. */
export function rememberWatchRun(path: string, clock: Clock): number[] {
  const before = rememberedWatchRuns(path);
  const times = [...[...before].reverse(), clock.now()].slice(-KEPT_RUNS).map((at) => new Date(at).toISOString());
  try {
    writeWhole(path, `${JSON.stringify(times, null, 2)}\n`);
  } catch (error) {
    throw new EventLogError(`the times of the watch in ${path} could not be written (${fileFault(error)}).`, { cause: error });
  }
  return before;
}
