import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { CiAlerts, CiProcess, CiRuntime, CiServices } from './ci-runtime';
import { USER_VARIABLE } from '../../contract/environment-variables';
import { Manifest, manifestFile } from '../../contract/manifest';
import { Clock } from '../clock';
import { ConfigurationError } from '../errors';
import { EventLogError } from '../event-log/event-log';
import { joined, lazily } from '../lazily';
import { jobTokens } from './github/dispatch/origin';
import { githubArtifacts, GithubServices, githubServices } from './github/github-services';
import { NotificationLog } from '../notifications/notification-log';
import { git } from '../processes/git';
import { thisProcess } from './github/locks/job-process';
import { GithubDialect } from './github/log-dialect';
import { openOutputs } from './github/outputs';
import { githubRun } from './github/run';
import { githubAlerts } from './github/watch-runs';
import { Ledger } from '../ledger/ledger';
import { damagedLedgerRemedy } from './local/damaged-ledger';
import { besideLedger, LOCAL_ARTIFACTS, localCommits, localRun } from './local/local-services';
import { TerminalDialect } from './local/log-dialect';
import { localAlerts } from './local/watch-runs';
import { Log, openLog } from './log';
import { openGithubApi, openLedger, refuseLedgerOfRun } from './open-ledger';
import { findRemoteCi, RemoteSearch, remoteServices } from './remote-ci';
import { Run } from './run';

export interface OpenCiOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The root of the git repository. */
  readonly root: string;
  readonly manifest: Manifest;
  readonly clock: Clock;
  /** Values to mask. */
  readonly secrets: readonly string[];
  /** Writes to the log. */
  readonly write: (text: string) => void;
  /** Whether a program reads standard output: then the log contains no commands for the CI system. */
  readonly json: boolean;
  readonly interrupted: AbortSignal;
  /** This process's number among the runs of this machine, once it has begun to change something. */
  readonly localRunId: () => number | undefined;
  /** For a command on a laptop that reads the records of the CI system by default. @default - those of this machine */
  readonly remote?: RemoteSearch;
  /** A file with the records of a GitHub run. @default - GitHub has them */
  readonly ledgerFile?: string;
}

/** Whether this process is a job of a CI system; otherwise it runs on a laptop. */
export function isInCi(env: NodeJS.ProcessEnv): boolean {
  return env.GITHUB_ACTIONS === 'true';
}

/** The names of the secrets that the CI system itself passes to a process. */
export const CI_SECRETS: readonly string[] = ['GITHUB_TOKEN'];

/** A log in the dialect of the system that runs this process. */
export function openCiLog({ env, json = false, secrets, write }: Pick<OpenCiOptions, 'env' | 'secrets' | 'write'> & { readonly json?: boolean }): Log {
  return openLog({ write, dialect: isInCi(env) && !json ? new GithubDialect() : new TerminalDialect(), secrets });
}

/** The folder of this process's own files, which the CI system deletes when the job ends. Undefined on a laptop. */
export function ciTemporaryFolder(env: NodeJS.ProcessEnv): string | undefined {
  return isInCi(env) ? env.RUNNER_TEMP || undefined : undefined;
}

/** The CI system that the environment of the process names, or a laptop. Throws `ConfigurationError` if a variable diverts the records of a job. */
export function openCi(options: OpenCiOptions): CiRuntime {
  const { env, secrets } = options;
  // before any request: the ledger is opened later, and refuses it as well
  refuseLedgerOfRun(env);
  const log = openCiLog(options);
  // `config` works where there is neither a commit nor a ledger yet
  const ledger: () => Ledger = lazily(() => openRecords(options, log, () => run()));
  const run: () => Run = isInCi(env) ? lazily(() => githubRun(env)) : currentLocalRun(options, ledger);
  const process: CiProcess = {
    get run() {
      return run();
    },
    log,
    outputs: openOutputs(env, secrets, (text) => log.warning('The job has no summary', text)),
  };
  return joined(process, isInCi(env) ? jobServices(options, ledger, run) : laptopServices(options, log, ledger, run));
}

/** The services of a job. */
export function jobServices(options: OpenCiOptions, ledger: () => Ledger, run: () => Run): CiServices {
  const { clock, env, interrupted, manifest, root } = options;
  const api = lazily(() => openGithubApi({ env, clock }));
  const thisRun = () => run().id;
  const artifacts = githubArtifacts({ api, clock, interrupted, thisRun });
  const { GITHUB_SERVER_URL: serverUrl, GITHUB_TOKEN: token } = env;
  // a step without a token can still do what needs no records
  const services: GithubServices = token
    ? githubServices({ api: api(), clock, env, manifest, root, serverUrl, token })
    : { commits: localCommits(root) };
  const rest = {
    ...services,
    tokens: (named?: string) => jobTokens(env, root, named),
    repository: env.GITHUB_REPOSITORY,
    artifacts: token ? artifacts : { ...artifacts, newest: LOCAL_ARTIFACTS.newest },
  };
  if (!token || options.ledgerFile !== undefined) return joined(localRecords(options, ledger, run), rest);
  const alerts = () => githubAlerts({ api: api(), project: manifest.project?.name, run: run(), serverUrl });
  return joined(recordsIn({ keepsRecords: true, records: () => `GitHub (${env.GITHUB_REPOSITORY})`, ledger, alerts }), rest);
}

function laptopServices(options: OpenCiOptions, log: Log, ledger: () => Ledger, run: () => Run): CiServices {
  const { env, remote, root } = options;
  const needsLocal = lazily(() => !env[USER_VARIABLE.LEDGER] && 'found' in findRemoteCi(env, root, 'actions: write'));
  const own = joined(localRecords(options, ledger, run), {
    artifacts: LOCAL_ARTIFACTS,
    commits: localCommits(root),
    tokens: (named?: string) => jobTokens(env, root, named),
    get needsLocal() {
      return needsLocal();
    },
  });
  if (remote === undefined) return own;
  if ('missing' in remote) return remote.missing === 'token' ? joined(own, { recordsHint: `GitHub's records are not read: ${remote.error.message}` }) : own;
  return joined(remoteServices(remote.found, { ...options, log, run }), { recordsHint: hintAt(ledger) });
}

/** Where there are records of this machine, too. */
function hintAt(ledger: () => Ledger): string | undefined {
  try {
    return existsSync(ledger().place) ? 'This machine has records of its own: --local shows them.' : undefined;
  } catch (error) {
    // no git repository: GITHUB_REPOSITORY names one
    if (error instanceof EventLogError) return undefined;
    throw error;
  }
}

type Records = Pick<CiServices, 'alerts' | 'keepsRecords' | 'ledger' | 'notificationLog' | 'records'>;

/** The services of a laptop, in files on this machine. */
function localRecords({ clock, manifest, root }: OpenCiOptions, ledger: () => Ledger, run: () => Run): Records {
  const records = () => {
    const path = relative(root, ledger().place);
    return `this machine (${path.startsWith('..') ? ledger().place : path})`;
  };
  const alerts = () => localAlerts({ clock, path: besideLedger({ ledger: ledger(), manifest }, 'alerts'), run: run() });
  return recordsIn({ keepsRecords: false, records, ledger, alerts });
}

interface Places {
  readonly keepsRecords: boolean;
  readonly records: () => string;
  readonly ledger: () => Ledger;
  readonly alerts: () => CiAlerts;
}

/** Opens each part when it is first needed. */
function recordsIn({ keepsRecords, records, ledger, alerts: open }: Places): Records {
  const alerts = lazily(open);
  return {
    keepsRecords,
    get records() {
      return records();
    },
    get ledger() {
      return ledger();
    },
    get alerts() {
      return alerts();
    },
    get notificationLog() {
      return new NotificationLog(ledger().eventLog);
    },
  };
}

/** Read again when this process has a number: commands that only read have none. */
function currentLocalRun({ env, localRunId, root }: OpenCiOptions, ledger: () => Ledger): () => Run {
  let last: Run | undefined;
  return () => {
    const isOutdated = localRunId() !== undefined && last?.id !== localRunId();
    if (!last || isOutdated) last = localRun(env, root, () => localRunId() ?? ledger().nextRun?.() ?? 1);
    return last;
  };
}

function openRecords({ clock, env, interrupted, ledgerFile, manifest, root }: OpenCiOptions, log: Log, run: () => Run): Ledger {
  return openLedger({
    env,
    cwd: root,
    ledgerFile,
    clock,
    project: manifest.project?.name,
    environments: manifest.environments,
    remedy: (path) => damagedLedgerRemedy(path, manifest),
    warn: (text) => log.warning('Not as sure as it could be', text),
    lock: isInCi(env) && manifest.lock
      ? { processId: run().processId, process: thisProcess(env), blob: manifestBlob(root, manifestFile(manifest.project?.name)), signal: interrupted }
      : undefined,
  });
}

/** The blob of the manifest, which every job has checked out. */
function manifestBlob(root: string, file: string): string {
  const blob = git(root, 'rev-parse', '--verify', '--quiet', `HEAD:${file}`);
  if (blob === undefined) throw new ConfigurationError(`git does not know ${file}, which the lock is tied to. Commit it.`);
  return blob;
}
