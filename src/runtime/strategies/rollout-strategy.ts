import type { State } from '../deployment/state-machine';

/** A state between a deployment's record and its confirmation, the migration aside. */
export type RolloutStep = Extract<State, 'deploying' | 'verifying' | 'promoting' | 'baking'>;

/** Which release the health checks probe: the candidate beside the one that users see, or what users see. */
export type Verified = 'candidate' | 'users';

/** One command or verdict on the way back to Stable, in a slot where the strategy has slots. */
export interface RestoreStep {
  readonly action: 'deploy' | 'verify' | 'promote';
  readonly slot?: string;
}

export interface RestoreSituation {
  /** The slot of Stable, where it is known. */
  readonly stableSlot?: string;
  /** The slot of the release that is left. */
  readonly slot?: string;
  /** Whether users may see the release that is left. */
  readonly trafficMoved: boolean;
}

/**
 * What one strategy differs in. It is data and pure functions: the state machine and the phases read it, and a strategy runs no
 * command itself. How long it may take is in the manifest (`timeBudget`), because the jobs' time limits depend on it.
 */
export interface RolloutStrategy {
  /** Its name in the manifest and in the ledger. */
  readonly kind: string;
  /** Its name in summaries. */
  readonly title: string;
  /** In the order in which a deployment passes them. */
  readonly steps: readonly RolloutStep[];
  /** The step with which users begin to see the release. */
  readonly exposes: RolloutStep;
  /** The places that a release can be in beside another one; empty where it replaces the other one. */
  readonly slots: readonly string[];
  /** What the health checks of a step probe; undefined for a step that runs commands. */
  verifies(step: State): Verified | undefined;
  /** How Stable is restored where the target has no rollback command; empty where users never left it. */
  restore(situation: RestoreSituation): readonly RestoreStep[];
}

/** Whether users were verified to see the release before this step. */
export function isVerifiedBefore(step: RolloutStep, { steps, verifies }: RolloutStrategy): boolean {
  return steps.slice(0, steps.indexOf(step)).some((earlier) => verifies(earlier) === 'users');
}

/** The slot for the next release: one that users are not on. Undefined where there are no slots. */
export function otherSlot({ slots }: Pick<RolloutStrategy, 'slots'>, slot: string | undefined): string | undefined {
  return slots.find((one) => one !== slot);
}
