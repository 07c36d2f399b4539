import { EnvironmentManifest, WeightManifest } from '../../contract/manifest';
import { RestoreAction, RolloutStep, RolloutStrategy, STRATEGIES } from '../../contract/strategies';
import { TargetManifest } from '../../contract/target-manifest';
import { Course } from '../deployment/state-machine';
import { ConfigurationError } from '../errors';
import { LedgerRecord } from '../ledger/record';
import { unlessEjected } from '../reporting/command-line';

/**
 * Returns the strategy of that name. Throws `ConfigurationError`: what a manifest or a ledger written by another version names is never
 * guessed.
 *
 * @param namedBy what names it, for the message
 */
export function rolloutStrategy(kind: string, namedBy: string): RolloutStrategy {
  const found = STRATEGIES.find((one) => one.kind === kind);
  if (found) return found;
  const known = STRATEGIES.map((one) => one.kind).join(', ');
  throw new ConfigurationError(
    `${namedBy} names the strategy ${JSON.stringify(kind)}, which this runtime does not know (it knows ${known}). `
    + `${knownToWriter()}.`,
  );
}

/** What to do about a kind that a manifest or a record names and this runtime does not know. */
export function knownToWriter(): string {
  return unlessEjected('Use the version of projen-delivery that wrote it, or a later one', 'Take .projen/delivery.cjs from the commit that wrote it');
}

/** Returns the strategy of an environment of the manifest. */
export function strategyOf({ name, strategy }: { readonly name: string; readonly strategy: { readonly kind: string } }): RolloutStrategy {
  return rolloutStrategy(strategy.kind, `the manifest's environment ${JSON.stringify(name)}`);
}

/** What the message needs of a record of the ledger. */
interface NamedRecord {
  readonly id: string;
  readonly environment: string;
  readonly strategy: string;
  readonly release: { readonly version: string };
}

/** Returns the strategy that a record of the ledger was made with. */
export function strategyOfRecord({ environment, id, release, strategy }: NamedRecord): RolloutStrategy {
  return rolloutStrategy(strategy, `the ledger's record of ${release.version} on ${environment} (deployment ${id})`);
}

const EITHER = [true, false] as const;

/** Every course that a deployment can have. More than one weight that is left makes no difference. */
export const COURSES: readonly Course[] = STRATEGIES.flatMap(({ promotes, steps }) => EITHER.flatMap((canGoBack) =>
  EITHER.flatMap((migrates) => EITHER.flatMap((byHand) => (promotes === 'byWeight' && !byHand ? [1, 0] : [0]).map((weightsLeft) => (
    { steps, canGoBack, migrates, byHand, weightsLeft }))))));

/** One command or verdict of a rollback to Stable, in a slot where the strategy has slots. */
export interface RestoreStep {
  readonly action: RestoreAction;
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

/** How Stable is restored where the target has no rollback command; empty where users never left it. */
export function restoreSteps({ restore, slots }: RolloutStrategy, { slot, stableSlot, trafficMoved }: RestoreSituation): RestoreStep[] {
  const inSlot = (actions: readonly RestoreAction[], place: string | undefined) => actions.map((action) => ({ action, slot: place }));
  const free = otherSlot({ slots }, slot);
  if (!trafficMoved) return inSlot(restore.beforeExposure, free);
  // a slot is switched to only if it holds the release that is meant
  if (restore.toStableSlot && stableSlot !== undefined && stableSlot !== slot) return inSlot(restore.toStableSlot, stableSlot);
  return inSlot(restore.afresh, free);
}

/** Whether users were verified to see the release before this step. */
export function isVerifiedBefore(step: RolloutStep, { steps, verifies }: RolloutStrategy): boolean {
  return steps.slice(0, steps.indexOf(step)).some((earlier) => verifies[earlier] === 'users');
}

/** The slot for the next release: one that users are not on. Undefined where there are no slots. */
export function otherSlot({ slots }: Pick<RolloutStrategy, 'slots'>, slot: string | undefined): string | undefined {
  return slots.find((one) => one !== slot);
}

/** The last one: all traffic. No verdict follows in the same step, because the bake is next. */
export const ALL_TRAFFIC: WeightManifest = { percent: 100, atLeastMs: 0 };

/** Whether the traffic moves in steps. */
export function isWeighted({ promotes }: Pick<RolloutStrategy, 'promotes'>): boolean {
  return promotes === 'byWeight';
}

type Attempt = Pick<LedgerRecord, 'kind' | 'slot' | 'stable'>;

/** Whether Stable is beside the release, so that both can share the traffic. A Rollout of Argo Rollouts has both, whatever the slots are called. */
export function isBesideStable({ slot, stable }: Attempt, { driver }: Pick<TargetManifest, 'driver'>): boolean {
  if (slot === undefined || stable === undefined) return false;
  return (driver?.kind === 'kubernetes' && driver.rollout !== undefined) || (stable.slot !== undefined && stable.slot !== slot);
}

/**
 * The weights of a promotion, one after the other. All traffic at once where nothing can share it, and in a rollback by hand, because its release was
 * verified before and a person waits for it. A drill waits for nothing but the verdicts.
 */
export function promotionOf(
  strategy: RolloutStrategy, { strategy: { weights = [] }, target }: Pick<EnvironmentManifest, 'strategy' | 'target'>, record: Attempt,
): readonly WeightManifest[] {
  if (!isWeighted(strategy) || record.kind === 'rollback' || !isBesideStable(record, target)) return [ALL_TRAFFIC];
  const steps = record.kind === 'drill' ? weights.map(({ percent }) => ({ percent, atLeastMs: 0 })) : weights;
  return [...steps, ALL_TRAFFIC];
}
