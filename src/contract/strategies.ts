import { SLOTS } from './workflows';

/** A state between a deployment's record and its confirmation, the migration aside. */
export type RolloutStep = 'deploying' | 'verifying' | 'promoting' | 'baking';

/** Which release the health checks probe: the candidate beside the one that users see, or what users see. */
export type Verified = 'candidate' | 'users';

/** A command or a verdict that helps to restore Stable. */
export type RestoreAction = 'deploy' | 'verify' | 'promote';

/**
 * What one strategy differs in, as data: synthesis names it in the manifest, a record of the ledger names it, and the state machine and
 * the phases interpret it. How long it may take is in the manifest (`timeBudget`), because that depends on the options.
 */
export interface RolloutStrategy {
  /** Its name in the manifest and in the ledger. */
  readonly kind: string;
  /** Its name in summaries. */
  readonly title: string;
  /** In the order in which a deployment passes them. A rollback by hand begins with the first step again, and a drill ends in the last one. */
  readonly steps: readonly ['deploying', ...RolloutStep[], 'baking'];
  /** The step with which users begin to see the release. */
  readonly exposes: 'deploying' | 'promoting';
  /** The places that a release can be in beside another one; empty where it replaces the other one. */
  readonly slots: readonly string[];
  /** What the health checks of a step probe; a step that is not listed runs commands. */
  readonly verifies: { readonly [step in RolloutStep]?: Verified };
  /** How Stable is restored where the target has no rollback command. */
  readonly restore: {
    /** While users still see Stable. */
    readonly beforeExposure: readonly RestoreAction[];
    /** When users see the release, and Stable is in a slot of its own. */
    readonly toStableSlot?: readonly RestoreAction[];
    /** When users see the release, and Stable is nowhere else. */
    readonly afresh: readonly RestoreAction[];
  };
}

/** The release replaces the one before it in place. */
export const REDEPLOY = {
  kind: 'redeploy',
  title: 'redeploy',
  steps: ['deploying', 'verifying', 'baking'],
  exposes: 'deploying',
  slots: [],
  verifies: { verifying: 'users', baking: 'users' },
  restore: { beforeExposure: ['deploy'], afresh: ['deploy'] },
} as const satisfies RolloutStrategy;

/** The release goes to the slot without traffic, is verified there, and gets all traffic at once. */
export const BLUE_GREEN = {
  kind: 'blueGreen',
  title: 'blue/green',
  steps: ['deploying', 'verifying', 'promoting', 'baking'],
  exposes: 'promoting',
  slots: SLOTS,
  verifies: { verifying: 'candidate', baking: 'users' },
  restore: { beforeExposure: [], toStableSlot: ['promote'], afresh: ['deploy', 'verify', 'promote'] },
} as const satisfies RolloutStrategy;

/** Every strategy that this version knows. A record of the ledger may name another one than the manifest does. */
export const STRATEGIES: readonly RolloutStrategy[] = [REDEPLOY, BLUE_GREEN];
