import type { Log } from './log';
import type { CiPages } from './pages';
import type { Run } from './run';
import type { AlertManifest } from '../../contract/manifest';
import type { ArtifactSource } from '../artifacts/artifact-store';
import type { Ledger } from '../ledger/ledger';
import type { AlertLog } from '../monitoring/alert-log';
import type { PostTimeouts } from '../notifications/channels/posting';
import type { Channel } from '../notifications/notification';
import type { NotificationLog } from '../notifications/notification-log';
import type { CommentOrigin } from '../pull-requests/comment-text';
import type { Artifact, Release } from '../release';

/**
 * What the runtime needs of the system that runs its jobs. There are two implementations: `github`, and `local` for a laptop.
 * `open-ci.ts` chooses one; nothing outside this folder knows which.
 */
export interface CiRuntime extends CiProcess, CiServices {}

/** Where this process runs. */
export interface CiProcess {
  /** Who runs the command, and for which commit. Throws `ConfigurationError` if that is unknown. */
  readonly run: Run;
  /** The log. All text is escaped, and secrets are masked. */
  readonly log: Log;
  /** The outputs for other jobs and the summary page. */
  readonly outputs: Outputs;
}

/** The services of the CI system. An absent member is not available here: a laptop has no approvals, a job may have no token. */
export interface CiServices {
  /** The place of this project's records, for messages: `GitHub (acme/shop)`. */
  readonly records: string;
  /** Which other records exist, and how to read them, for messages. */
  readonly recordsHint?: string;
  /** Whether a command needs --local to use these records. */
  readonly needsLocal?: boolean;
  /** Whether these are the records of the CI system, not a file on this machine. */
  readonly keepsRecords: boolean;
  /** The name of the repository, for people and for keys: `acme/shop`. */
  readonly repository?: string;
  /** The records of deployments. Reading it throws `EventLogError` if they cannot be stored. */
  readonly ledger: Ledger;
  /** The records of alerts, beside those of deployments. */
  readonly alerts: CiAlerts;
  /** Which notifications were sent, beside the records of deployments. */
  readonly notificationLog: NotificationLog;
  readonly artifacts: CiArtifacts;
  readonly commits: CiCommits;
  readonly dispatch?: CiDispatch;
  /** The oldest job that waits for an approval, by the name of its environment. Rejects with `EventLogError`. */
  readonly approvals?: () => Promise<ReadonlyMap<string, WaitingApproval>>;
  /**
   * The claims of the tokens of the repository's jobs, which a cloud's trust policy checks. Throws `ConfigurationError` if the repository is unknown.
   *
   * @param named the repository as tokens name it, if a person said so
   */
  readonly tokens: (named?: string) => JobTokens;
  /** Branches of the repository that the runtime writes. */
  readonly branches?: CiBranches;
  /** The web site that it serves from a branch. */
  readonly pages?: CiPages;
  /** Who must approve deployments, by environment in lower case; one that is missing needs no approval. Rejects with `EventLogError`. */
  readonly reviewers?: () => Promise<ReadonlyMap<string, Approval>>;
  /** The pull request that started this run. Absent in other runs. */
  readonly pullRequest?: CiPullRequest;
  /** The pull requests of the repository, for previews. */
  readonly pullRequests?: CiPullRequests;
  /** Opens the channel that only this CI system has. */
  readonly issues?: (alert: IssueAlert, timeouts: PostTimeouts) => Channel;
}

/** The OpenID Connect tokens that the CI system gives to jobs. */
export interface JobTokens {
  /** The issuer, without a scheme. */
  readonly issuer: string;
  /** The name of the repository in the claims: `acme/shop`. */
  readonly repository: string;
  /** The subject of a job in an environment. */
  subject(repository: string, environment: string): string;
}

/** Who must approve a deployment. */
export type Approval =
  | { readonly kind: 'known'; readonly reviewers: readonly string[]; readonly waitMinutes: number }
  | { readonly kind: 'unknown'; readonly why: string };

/** A pull request. */
export interface CiPullRequest {
  readonly number: number;
  /** The branch that it is merged into. */
  readonly base: string;
  /**
   * Writes the one comment of this project, in place of the last one. Returns `older` if a newer run has written it already. Rejects with
   * `EventLogError`.
   */
  comment(body: string, origin: CommentOrigin): Promise<'written' | 'older'>;
}

/** What previews need of pull requests. All methods reject with `EventLogError`. */
export interface CiPullRequests {
  /** Undefined if there is no pull request with this number. */
  find(number: number): Promise<{ readonly isOpen: boolean; readonly labels: readonly string[] } | undefined>;
  /** Its head commit; undefined if there is no such pull request. */
  headOf(number: number): Promise<string | undefined>;
  /** Writes the one comment about the preview, in place of the last one. */
  comment(number: number, body: string, origin: CommentOrigin): Promise<'written' | 'older'>;
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
  /** Locks out other watches until the returned function is called. In a workflow, `concurrency` does so already. Rejects with `EventLogError`. */
  acquire(): Promise<() => void>;
  /**
   * When the earlier runs of the watch began, newest first, in milliseconds since the epoch.
   * @param isRun whether this process is one of them. Rejects with `EventLogError`.
   */
  earlierRuns(workflow: string, isRun: boolean): Promise<readonly number[] | undefined>;
}

/** The files of releases that earlier jobs stored. */
export interface CiArtifacts {
  /** Downloads an artifact. Absent if all artifacts are on this machine. */
  readonly source?: ArtifactSource;
  /** Whether an artifact is still stored. If that is unknown, it counts as stored. */
  exists(artifact: Artifact): Promise<boolean>;
  /**
   * The newest artifact of this name that a run of a workflow stored, started by schedule or by hand. Artifacts of pull requests do not
   * count. Undefined if there is none. Rejects with `EventLogError`.
   */
  newest(workflow: string, name: string): Promise<StoredArtifact | undefined>;
}

export interface StoredArtifact {
  readonly runId: number;
  readonly artifactId: number;
}

/** The commits of the repository. A job's checkout has no history. */
export interface CiCommits {
  /** The commit that a tag or a full sha names. Rejects with `ConfigurationError` if the name is ambiguous. */
  named(name: string): Promise<Release | undefined>;
  /** When a commit was made, in milliseconds since the epoch; undefined if unknown. */
  madeAt(sha: string): Promise<number | undefined>;
}

/** Starts workflows and finds their runs. */
export interface CiDispatch {
  /** Starts one run of a workflow and finds it. Avoids a second run as far as GitHub's lists allow. Rejects with `ConfigurationError` or `EventLogError`. */
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
  /** `waiting`: for an approval or a timer. */
  readonly status: string;
  /** The result, once it is `completed`. */
  readonly conclusion?: string;
}

/** A job that waits for an approval. */
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

/** One branch of the remote repository. All methods reject with `EventLogError`. */
export interface RemoteBranch {
  /** Its commit, with all files; undefined if the branch does not exist. */
  fetchBranch(): Promise<string | undefined>;
  pathsOf(commit: string): Promise<string[]>;
  textOf(commit: string, path: string): Promise<string>;
  /** Makes a commit without a parent: the files of another commit, with changes. */
  commit(message: string, changes: Changes, base?: string): Promise<string>;
  /** Moves the branch from the commit `before` (undefined: it does not exist) to another. Returns false if the branch was moved meanwhile. */
  push(commit: string, before: string | undefined): Promise<boolean>;
}

/** Text by its path; null deletes the file. */
export type Changes = Readonly<Record<string, string | null>>;
