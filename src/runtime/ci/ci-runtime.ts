import type { Log } from './log';
import type { Run } from './run';
import type { AlertManifest } from '../../contract/manifest';
import type { ArtifactSource } from '../artifacts/artifact-store';
import type { Ledger } from '../ledger/ledger';
import type { AlertLog } from '../monitoring/alert-log';
import type { PostTimeouts } from '../notifications/channels/posting';
import type { Channel } from '../notifications/notification';
import type { NotificationLog } from '../notifications/notification-log';
import type { Artifact, Release } from '../release';

/**
 * What the runtime needs of the system that runs its jobs. There are two implementations: `github`, and `local` for a laptop.
 * `open-ci.ts` chooses one; nothing outside this folder knows which.
 */
export interface CiRuntime extends CiProcess, CiServices {}

/** Where this process runs. */
export interface CiProcess {
  /** Who runs the command, and for which commit. Throws `ConfigurationError` where that cannot be known. */
  readonly run: Run;
  /** What a person reads. Every text is made safe, and no secret passes. */
  readonly log: Log;
  /** What other jobs and the summary page read. */
  readonly outputs: Outputs;
}

/** What the CI system keeps and does. A member that is absent is not available here: a laptop has no approvals, a job may have no token. */
export interface CiServices {
  /** Where this project's deployments are recorded, for a person: `GitHub (acme/shop)`. */
  readonly records: string;
  /** Which other records there are, and how to read them, for a person. */
  readonly recordsHint?: string;
  /** Whether a command must say --local to mean these records. */
  readonly needsLocal?: boolean;
  /** Whether these are the records of the CI system, and not a file of this machine. */
  readonly keepsRecords: boolean;
  /** The name of the repository, for people and for keys: `acme/shop`. */
  readonly repository?: string;
  /** The records of deployments. Reading it throws `EventLogError` where there is no place for them. */
  readonly ledger: Ledger;
  /** The records of alerts, beside those of deployments. */
  readonly alerts: CiAlerts;
  /** Which notifications were sent, beside the records of deployments. */
  readonly notificationLog: NotificationLog;
  readonly artifacts: CiArtifacts;
  readonly commits: CiCommits;
  readonly dispatch?: CiDispatch;
  /** The oldest job that waits for a person, by the name of its environment. Rejects with `EventLogError`. */
  readonly approvals?: () => Promise<ReadonlyMap<string, WaitingApproval>>;
  /** What the tokens of the repository's jobs say, by which a cloud trusts them. Throws `ConfigurationError` where the repository is unknown. */
  readonly tokens: () => JobTokens;
  /** Branches of the repository that the runtime writes by itself. */
  readonly branches?: CiBranches;
  /** Opens the channel that only this CI system has. */
  readonly issues?: (alert: IssueAlert, timeouts: PostTimeouts) => Channel;
}

/** The OpenID Connect tokens that the CI system gives to jobs. */
export interface JobTokens {
  /** Who signs them, without a scheme. */
  readonly issuer: string;
  /** The repository, as they name it: `acme/shop`. */
  readonly repository: string;
  /** The subject of a job in an environment. */
  subject(repository: string, environment: string): string;
}

export type IssueAlert = Extract<AlertManifest, { readonly kind: 'githubIssue' }>;

export interface Outputs {
  /** Sets outputs of this step. Throws `OutputError`. */
  set(values: Record<string, string>): void;
  /** Adds Markdown to the job's page. Never throws: the page is for people only. */
  summary(markdown: string): void;
}

/** The records of alerts, and of the runs of the watch that writes them. */
export interface CiAlerts {
  readonly log: AlertLog;
  /** Keeps other watches out until what it returns is called. A workflow's concurrency does so already. Rejects with `EventLogError`. */
  acquire(): Promise<() => void>;
  /**
   * When the earlier runs of the watch began, newest first, in milliseconds since the epoch.
   * @param isRun whether this process is one of them. Rejects with `EventLogError`.
   */
  earlierRuns(workflow: string, isRun: boolean): Promise<readonly number[] | undefined>;
}

/** The files of releases that earlier jobs stored. */
export interface CiArtifacts {
  /** Downloads an artifact. Absent where all artifacts are on this machine. */
  readonly source?: ArtifactSource;
  /** Whether an artifact is still stored. Where that is unknown, it counts as stored. */
  exists(artifact: Artifact): Promise<boolean>;
  /**
   * The newest artifact of this name that a run of a workflow stored, started by schedule or by hand; what a pull request uploads does
   * not count. Undefined if there is none. Rejects with `EventLogError`.
   */
  newest(workflow: string, name: string): Promise<StoredArtifact | undefined>;
}

export interface StoredArtifact {
  readonly runId: number;
  readonly artifactId: number;
}

/** What the repository knows of its commits. A job has no history of its own. */
export interface CiCommits {
  /** The commit that a tag or a full sha names. Rejects with `ConfigurationError` where a name means two commits. */
  named(name: string): Promise<Release | undefined>;
  /** When a commit was made, in milliseconds since the epoch; undefined where that is unknown. */
  madeAt(sha: string): Promise<number | undefined>;
}

/** Starts workflows and finds their runs. */
export interface CiDispatch {
  /** Starts one run of a workflow and finds it; never two, as far as one can tell. Rejects with `ConfigurationError` or `EventLogError`. */
  start(request: DispatchRequest): Promise<{ readonly url: string }>;
  /** The newest runs of a workflow that were dispatched, in any order. Rejects with `EventLogError`. */
  started(workflow: string): Promise<readonly DispatchedRun[]>;
  /** The page of a run. */
  runUrl(id: number): string;
}

export interface DispatchRequest {
  /** The workflow's file. */
  readonly workflow: string;
  /** The branch to run it on. */
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** Identifies the run: the title of the run contains it. */
  readonly request: string;
}

/** A run of a workflow. */
export interface DispatchedRun {
  readonly id: number;
  readonly url: string;
  readonly title: string;
  /** `waiting`: for a person or a time. */
  readonly status: string;
  /** How it ended, once it is `completed`. */
  readonly conclusion?: string;
}

/** A job that waits for a person. */
export interface WaitingApproval {
  readonly what: 'deployment' | 'rollback';
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Where it is approved. */
  readonly url: string;
}

export interface CiBranches {
  /** The page of a branch. */
  url(branch: string): string;
  /** Reads and replaces a branch, without the checkout. Rejects with `EventLogError`. */
  open<T>(branch: string, work: (remote: RemoteBranch) => Promise<T>): Promise<T>;
}

/** One branch of the repository on its server. Everything rejects with `EventLogError`. */
export interface RemoteBranch {
  /** Its commit, with all files; undefined where there is no such branch. */
  fetchBranch(): Promise<string | undefined>;
  pathsOf(commit: string): Promise<string[]>;
  textOf(commit: string, path: string): Promise<string>;
  /** Makes a commit without a parent: the files of another one, with changes. */
  commit(message: string, changes: Changes, base?: string): Promise<string>;
  /** Moves the branch to a commit if it is still where it was; undefined: if it does not exist. False where somebody else moved it. */
  push(commit: string, before: string | undefined): Promise<boolean>;
}

/** Text by its path; null deletes the file. */
export type Changes = Readonly<Record<string, string | null>>;
