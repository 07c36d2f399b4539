import { join, resolve } from 'node:path';
import { Clock } from '../clock';
import { gitFolder } from '../processes/git';
import { GithubApi } from './github/api';
import { GithubEventLog } from './github/event-log';
import { USER_VARIABLE } from '../../contract/environment-variables';
import { ConfigurationError } from '../errors';
import { EventLogError } from '../event-log/event-log';
import { GitRefLock, GitRefLockOptions } from './github/locks/git-ref-lock';
import { runLiveness } from './github/run-liveness';
import { FileEventLog, FileEventLogOptions } from './local/event-log';
import { Ledger } from '../ledger/ledger';
import { runBeganAt } from './github/workflow-run';
import { outputsIn } from '../../contract/deployment-outputs';
import { keyOf } from '../../contract/manifest';
import { safeLine } from '../reporting/untrusted-text';

export interface OpenLedgerOptions {
  readonly env: NodeJS.ProcessEnv;
  /** A folder of the repository. */
  readonly cwd: string;
  /** As in `OpenCiOptions`. */
  readonly ledgerFile?: string;
  readonly clock: Clock;
  /** The subproject's name. @default - the root project */
  readonly project?: string;
  /** Receives warnings. */
  readonly warn: (text: string) => void;
  /** The lock, which object of the repository it may name, and what ends the waiting for it. @default - only the claim in the ledger */
  readonly lock?: Pick<GitRefLockOptions, 'processId' | 'process' | 'blob' | 'signal'>;
  /** What a person does about a damaged file. @default - to restore it */
  readonly remedy?: (path: string) => string;
  /** As in the manifest. */
  readonly environments: readonly { readonly name: string; readonly url: string }[];
}

/**
 * The ledger that a command writes to: GitHub's in a GitHub run; otherwise the file that `DELIVERY_LEDGER` names, or one under `.git`.
 * Throws `EventLogError` if there is none, and `ConfigurationError` if `DELIVERY_LEDGER` is set in a GitHub run.
 */
export function openLedger(options: OpenLedgerOptions): Ledger {
  const { env, cwd, clock, project, environments, remedy } = options;
  const inFile = (path: string) => fileLedger({ path, clock, project, ...(remedy && { remedy: () => remedy(path) }) });
  refuseLedgerOfRun(env);
  const file = options.ledgerFile ?? env[USER_VARIABLE.LEDGER];
  if (file) return inFile(resolve(cwd, file));
  if (env.GITHUB_ACTIONS !== 'true') return inFile(join(folderOf(cwd), 'delivery', 'ledger.json'));
  const api = openGithubApi(options);
  const isAlive = runLiveness({ api, clock, warn: options.warn });
  const lock = options.lock && new GitRefLock({ api, clock, isAlive, ...options.lock, warn: options.warn, serverUrl: env.GITHUB_SERVER_URL });
  return new Ledger({
    eventLog: new GithubEventLog({ api, project, serverUrl: env.GITHUB_SERVER_URL }),
    isAlive,
    beganAt: (runId) => runBeganAt(api, runId),
    hold: lock && ((environment) => lock.hold(keyOf(environment, project))),
    environmentUrl: (name) => environments.find((environment) => environment.name === name && outputsIn(environment.url).length === 0)?.url,
  });
}

/** Throws `ConfigurationError` where a variable would divert the records of a GitHub run to a file. */
export function refuseLedgerOfRun(env: NodeJS.ProcessEnv): void {
  const file = env[USER_VARIABLE.LEDGER];
  if (!file || env.GITHUB_ACTIONS !== 'true') return;
  throw new ConfigurationError([
    `DELIVERY_LEDGER is set in this GitHub run, to '${safeLine(file)}'.`,
    'The records would go to that file instead of GitHub, where the other jobs, runs and people read them, so a rollback would not know what is live.',
    'Remove DELIVERY_LEDGER from `env` of the workflow, the job, the step and the container, and from the environment of the runner',
    '(a self-hosted one reads the file .env in its folder).',
  ].join(' '));
}

/** The ledger of a laptop. A process locks its environment, so no other process works on it. */
export function fileLedger(options: FileEventLogOptions): Ledger {
  const eventLog = new FileEventLog(options);
  return new Ledger({
    eventLog,
    isAlive: async () => false,
    hold: (environment) => eventLog.hold(environment),
    nextRun: () => eventLog.nextRun(),
    beginRun: () => eventLog.beginRun(),
  });
}

/** GitHub's API, configured by a job's environment variables. Throws `EventLogError` if one is missing. */
export function openGithubApi({ env, clock }: Pick<OpenLedgerOptions, 'env' | 'clock'>): GithubApi {
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository, GITHUB_API_URL: url } = env;
  if (!token) throw new EventLogError('this step has no GITHUB_TOKEN, so the ledger cannot be reached. Pass it to the step: `env: { GITHUB_TOKEN: ${{ github.token }} }`.');
  if (!repository || !/^[^/\s]+\/[^/\s]+$/.test(repository)) {
    throw new EventLogError(`GITHUB_REPOSITORY is ${repository ? `'${repository}'` : 'not set'}, so the ledger cannot be found. It must be owner/name, as GitHub sets it in every run.`);
  }
  if (url && !URL.canParse(url)) throw new EventLogError(`GITHUB_API_URL is '${url}', which is no URL. Leave it as GitHub sets it.`);
  return new GithubApi({ url: url || undefined, token, repository, clock });
}

function folderOf(cwd: string): string {
  const folder = gitFolder(cwd);
  if (folder !== undefined) return folder;
  throw new EventLogError(`${cwd} is in no git repository, so there is no place for the ledger. Go to the project's folder, or name a file: DELIVERY_LEDGER=<path>.`);
}
