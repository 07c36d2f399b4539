import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { CiAlerts } from './ci-runtime';
import { GithubApi } from './github/api';
import { GithubEventLog } from './github/event-log';
import { watchRuns } from './github/watch-runs';
import { FileEventLog } from './local/event-log';
import { FileLock } from './local/file-lock';
import { rememberedWatchRuns, rememberWatchRun } from './local/watch-runs';
import { Run } from './run';
import { Clock } from '../clock';
import { AlertLog } from '../monitoring/alert-log';

export interface GithubAlertsOptions {
  readonly api: GithubApi;
  readonly project?: string;
  readonly serverUrl?: string;
  readonly run: Pick<Run, 'id' | 'sha' | 'processId'>;
}

export function githubAlerts({ api, project, run, serverUrl }: GithubAlertsOptions): CiAlerts {
  return {
    log: new AlertLog({ eventLog: new GithubEventLog({ api, project, serverUrl }), sha: run.sha, processId: run.processId }),
    acquire: async () => () => undefined,
    earlierRuns: (workflow) => watchRuns(api, workflow, run.id),
  };
}

export interface LocalAlertsOptions {
  readonly clock: Clock;
  readonly path: string;
  readonly run: Pick<Run, 'sha' | 'processId'>;
}

/** So many episodes are kept in a file: an older one is of no use. */
const KEPT_EPISODES = 200;
const REMEDY = 'Restore it from a backup, or move it away: what fires is then notified once more.';

/** The alerts of a laptop. */
export function fileAlerts(path: string, clock: Clock): FileEventLog {
  return new FileEventLog({ path, clock, keep: KEPT_EPISODES, title: 'the alerts', remedy: REMEDY });
}

/** In a file beside the ledger, which one process uses at a time. */
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
