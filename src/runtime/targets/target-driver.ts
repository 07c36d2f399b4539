import { EngineErrorKind } from './engine-error';
import { DeploymentOutputs } from '../../contract/deployment-outputs';
import { DriverCall } from '../../contract/target-manifest';
import { RecordKind } from '../ledger/record';
import { Release } from '../release';

/** Where a live release is. */
export interface LivePlace {
  readonly engineId: string;
  /** What people call the place. @default - `version <engineId>` */
  readonly shown?: string;
  /** The slot that users are on, where the engine knows slots. */
  readonly slot?: string;
}

/** The release that the engine says it serves. */
export type LiveRelease =
  /** The engine knows the release, because a delivery put it there. */
  | LivePlace & { readonly kind: 'release'; readonly release: Pick<Release, 'version' | 'sha'> & { readonly digest?: string } }
  /** No delivery put it there. */
  | LivePlace & { readonly kind: 'foreign' }
  /** Several releases share the traffic. `shares` is for people. */
  | { readonly kind: 'split'; readonly shares: string }
  /** `error`: the kind of the engine's error, if it could not be read. */
  | { readonly kind: 'unknown'; readonly why: string; readonly error?: EngineErrorKind };

/** What a driver noted before the first change, for the way back to Stable. Only the driver reads it. */
export type FastPath = Readonly<Record<string, string>>;

/** Whether someone changed what the releases deployed. */
export type Drift =
  | { readonly kind: 'none' }
  /** `fault` is the same text as long as it is so. */
  | { readonly kind: 'drifted'; readonly fault: string; readonly fix: string }
  | { readonly kind: 'unknown'; readonly why: string };

export interface DriverRequest {
  /** The release to deploy, promote or restore. */
  readonly release: Release;
  /** Set if users must not see the release yet. */
  readonly slot?: string;
  /** For `setWeight`: the share of the traffic that the release gets, in per cent from 0 to 100. Stable gets the rest. */
  readonly weight?: number;
  /** Whether the release was verified before: it is restored after a bad one, or by hand. */
  readonly isRestore: boolean;
  /** The rollback point: what a restore needs of it stays. */
  readonly stable?: Release;
  /** The release that is left because it is bad; undefined in a drill. */
  readonly leaving?: Release;
  /** What was noted of the release to restore, before the first change. */
  readonly fastPath?: FastPath;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
}

/** What a deployment would do with one resource of the engine. Its texts are untrusted. */
export interface PlannedChange {
  /** `orphaned`: it leaves the deployment, and is kept. */
  readonly kind: 'added' | 'changed' | 'changedPerhapsReplaced' | 'orphaned' | 'removed' | 'replaced';
  readonly what: string;
  readonly type: string;
  /** Whether it says who may do what. */
  readonly isSecurity: boolean;
  /** Whether it holds data. */
  readonly isStateful: boolean;
  /** Those that change. */
  readonly properties: readonly string[];
}

/** Changes that were prepared for the approval of a person. */
export interface PreparedChanges {
  /** Exactly what the deployment will do, the most important first. */
  readonly changes: readonly PlannedChange[];
  /** What the person must know besides. */
  readonly notes: readonly string[];
  /** What the deployment needs to do exactly that: a text without secrets. */
  readonly review: string;
}

/** What is about to begin. */
export interface Intent {
  readonly kind: RecordKind;
  readonly release: Release;
  /** The rollback point. */
  readonly stable?: Release;
  /** The slot that the release goes to, where the strategy has slots. */
  readonly slot?: string;
}

/**
 * An engine that the runtime drives itself. Every method is idempotent, because the process may be killed at any point and another
 * one repeats the call. Every method rejects with `EngineError` and `InterruptedError`.
 */
export interface TargetDriver {
  /** What people call the place that it deploys to. */
  readonly place: string;
  /** Changes nothing. Rejects with `ConfigurationError` if the settings cannot work, or if the rollback point cannot be restored. */
  preflight(intent: Intent): Promise<void>;
  /**
   * Called after `preflight`. Returns what a rollback needs to know of the state before the first change, such as what moves traffic back at once; undefined if
   * nothing. It becomes part of the record. Changes nothing. Rejects with `ConfigurationError` if it cannot work.
   */
  fastPath?(intent: Intent): Promise<FastPath | undefined>;
  /** Says what a secret of the target must hold, if it is missing. Absent where the target has no secret of its own. */
  secretHelp?(name: string): string | undefined;
  /** Checks that the engine responds, before a deployment of another process is recovered. Changes nothing. */
  checkReachable(): Promise<void>;
  /** Returns what a deployment would change, the most important first. Changes nothing. Absent where that is not known before. */
  changes?(release: Release, giveUpAt: number): Promise<readonly PlannedChange[]>;
  /**
   * Prepares the changes that a person approves. They have no effect before the deployment. Undefined or absent where nothing is prepared. Rejects with
   * `ConfigurationError` if the deployment cannot work.
   */
  prepare?(release: Release, giveUpAt: number): Promise<PreparedChanges | undefined>;
  /** Returns what it did, in one line. */
  call(call: DriverCall, request: DriverRequest): Promise<string>;
  /**
   * Returns the outputs of what is deployed now. Called after each deployment and rollback. Absent where the engine has none.
   *
   * @param giveUpAt milliseconds since the epoch
   */
  outputs?(giveUpAt: number): Promise<DeploymentOutputs>;
  /**
   * Returns the engine's own name of a release that someone else puts there before its deployment begins; undefined if that is not known. It is not
   * reported as changed by hand then. Absent where only deployments put releases there.
   */
  publishedAs?(release: Release): string | undefined;
  /**
   * Returns the engine's own name of a release whose files are on this machine. It becomes part of the record. An engine that keeps the
   * release's name itself needs none.
   */
  identify?(release: Release): Promise<string | undefined>;
  /**
   * Returns what the engine found of drift. Undefined if it does not look for it; absent where it cannot. Changes nothing.
   *
   * @param live the release that should be live; undefined if that is not known
   */
  drift?(live: Release | undefined): Promise<Drift | undefined>;
  /**
   * Returns what the engine serves. Where it rejects, the live release is unknown. Changes nothing.
   *
   * @param known the releases that the ledger knows, newest first
   * @param said the release that a person says is live; it counts where `publishedAs` names it
   */
  liveRelease(known: () => Promise<readonly Release[]>, said?: Release): Promise<LiveRelease>;
  /** Returns the slot that holds a release already; undefined where none does. Absent where a release is not bound to a slot. */
  slotOf?(release: Release): Promise<string | undefined>;
}
