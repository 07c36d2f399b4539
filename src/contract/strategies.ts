import { checkedStrategies, RolloutStrategy } from './rollout-strategy';
import { SLOTS } from './workflows';

export type { RestoreAction, RolloutStep, RolloutStrategy, Verified } from './rollout-strategy';

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
  promotes: 'atOnce',
  slots: SLOTS,
  verifies: { verifying: 'candidate', baking: 'users' },
  restore: { beforeExposure: [], toStableSlot: ['promote'], afresh: ['deploy', 'verify', 'promote'] },
} as const satisfies RolloutStrategy;

/** The release goes to the slot without traffic, is verified there, and gets the traffic in steps, each of which the health checks judge. */
export const CANARY = {
  kind: 'canary',
  title: 'canary',
  steps: ['deploying', 'verifying', 'promoting', 'baking'],
  exposes: 'promoting',
  promotes: 'byWeight',
  slots: SLOTS,
  verifies: { verifying: 'candidate', promoting: 'both', baking: 'users' },
  restore: { beforeExposure: [], toStableSlot: ['promote'], afresh: ['deploy', 'verify', 'promote'] },
} as const satisfies RolloutStrategy;

const ALL = [REDEPLOY, BLUE_GREEN, CANARY] as const;

/** The name of a strategy that this version knows. */
export type StrategyKind = (typeof ALL)[number]['kind'];

export interface KnownStrategy extends RolloutStrategy {
  readonly kind: StrategyKind;
}

/** Every strategy that this version knows. A record of the ledger may name another one than the manifest does. */
export const STRATEGIES: readonly KnownStrategy[] = checkedStrategies(ALL);
