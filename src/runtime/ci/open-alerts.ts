import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { CiAlerts } from './ci-runtime';
import { GithubAlertLog } from './github/alert-log';
import { GithubApi } from './github/api';
import { watchRuns } from './github/watch-runs';
import { FileAlertLog, rememberedRuns } from './local/alert-log';
import { FileLock } from './local/file-lock';
import { Run } from './run';
import { Clock } from '../clock';

export interface GithubAlertsOptions {
  readonly api: GithubApi;
  readonly project?: string;
  readonly serverUrl?: string;
  readonly run: Pick<Run, 'id' | 'sha' | 'processId'>;
}

export function githubAlerts({ api, project, run, serverUrl }: GithubAlertsOptions): CiAlerts {
  return {
    log: new GithubAlertLog({ api, project, serverUrl, sha: run.sha, processId: run.processId }),
    acquire: async () => () => undefined,
    earlierRuns: (workflow) => watchRuns(api, workflow, run.id),
  };
}

/** In a file beside the ledger, which one process uses at a time. */
export function localAlerts({ clock, path, processId }: { readonly clock: Clock; readonly path: string; readonly processId: string }): CiAlerts {
  const log = new FileAlertLog({ path, clock, processId });
  return {
    log,
    acquire: async () => {
      mkdirSync(dirname(path), { recursive: true });
      const lock = await FileLock.acquire({ path: `${path}.lock`, what: 'the watch', clock, patienceMs: 0 });
      return () => lock.release();
    },
    earlierRuns: async (_, isRun) => (isRun ? log.rememberRun() : rememberedRuns(path)),
  };
}
