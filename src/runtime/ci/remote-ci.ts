import { CiServices } from './ci-runtime';
import { Clock } from '../clock';
import { ConfigurationError } from '../errors';
import { joined, lazily } from '../lazily';
import { dispatchAndFollow, RollbackInputs } from './github/dispatch/dispatch-and-follow';
import { findOrigin, findToken, jobTokens, laptopApi, OFFLINE_MS, Origin } from './github/dispatch/origin';
import { GithubEventLog } from './github/event-log';
import { githubServices } from './github/github-services';
import { runLiveness } from './github/run-liveness';
import { githubAlerts } from './github/watch-runs';
import { LOCAL_ARTIFACTS } from './local/local-services';
import { Log } from './log';
import { Run } from './run';
import { Manifest } from '../../contract/manifest';
import { Ledger } from '../ledger/ledger';
import { NotificationLog } from '../notifications/notification-log';

export type { RollbackInputs };

/** The CI system of the repository, for a laptop: found through the git remote, with a person's token. */
export interface RemoteCi {
  /** The name of its records, for messages. */
  readonly records: string;
  readonly origin: Origin;
  readonly token: string;
}

export type RemoteSearch =
  | { readonly found: RemoteCi }
  /** `remote`: git has no remote repository. `token`: there is no token for it. */
  | { readonly missing: 'remote' | 'token'; readonly error: ConfigurationError };

/** @param permission what the token needs, for the message if there is no token */
export function findRemoteCi(env: NodeJS.ProcessEnv, root: string, permission: string): RemoteSearch {
  let missing: 'remote' | 'token' = 'remote';
  try {
    const origin = findOrigin(env, root);
    missing = 'token';
    return { found: { records: `GitHub (${origin.repository})`, origin, token: findToken(env, origin, permission) } };
  } catch (error) {
    if (error instanceof ConfigurationError) return { missing, error };
    throw error;
  }
}

export interface RemoteServicesOptions {
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly manifest: Manifest;
  readonly root: string;
  readonly run: () => Run;
}

/** For a command that only reads. If GitHub does not respond, it fails within 5 seconds. */
export function remoteServices({ records, origin, token }: RemoteCi, { clock, env, log, manifest, root, run }: RemoteServicesOptions): CiServices {
  const api = laptopApi({ clock, origin, token, patienceMs: OFFLINE_MS });
  const project = manifest.project?.name;
  const { webUrl: serverUrl } = origin;
  const eventLog = new GithubEventLog({ api, project, serverUrl });
  const isAlive = runLiveness({ api, clock, warn: (text) => log.warning('Not as sure as it could be', text) });
  const alerts = lazily(() => githubAlerts({ api, project, run: run(), serverUrl }));
  return joined({
    keepsRecords: true,
    records,
    ledger: new Ledger({ eventLog, isAlive }),
    get alerts() {
      return alerts();
    },
    notificationLog: new NotificationLog(eventLog),
    artifacts: LOCAL_ARTIFACTS,
    tokens: (named?: string) => jobTokens(env, root, named),
  }, githubServices({ api, clock, env, manifest, root, serverUrl, token }));
}

export interface RemoteRollback {
  readonly inputs: RollbackInputs;
  /** The file of the workflow: `rollback.yml`. */
  readonly workflow: string;
  readonly env: NodeJS.ProcessEnv;
  readonly root: string;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  readonly project?: string;
  /** One line for a person. */
  readonly print: (line: string) => void;
}

/** Starts the rollback workflow and follows its run; the exit code of its commands. Rejects with `ConfigurationError` or `EventLogError`. */
export function rollbackOnRemote({ origin, token }: RemoteCi, options: RemoteRollback): ReturnType<typeof dispatchAndFollow> {
  return dispatchAndFollow({ ...options, origin, token });
}
