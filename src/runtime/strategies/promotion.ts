import { WeightManifest } from '../../contract/manifest';
import { RolloutStrategy } from '../../contract/strategies';
import { LedgerRecord } from '../ledger/record';

/** The last one: all traffic. No verdict follows in the same step, because the bake is next. */
export const ALL_TRAFFIC: WeightManifest = { percent: 100, atLeastMs: 0 };

/** Whether the traffic moves in steps. */
export function isWeighted({ promotes }: Pick<RolloutStrategy, 'promotes'>): boolean {
  return promotes === 'byWeight';
}

type Attempt = Pick<LedgerRecord, 'kind' | 'slot' | 'stable'>;

/** Whether Stable is beside the release, so that both can share the traffic. */
export function isBesideStable({ slot, stable }: Attempt): boolean {
  return slot !== undefined && stable?.slot !== undefined && stable.slot !== slot;
}

/**
 * The weights of a promotion, one after the other. All traffic at once where nothing can share it, and in a rollback by hand, because its release was
 * verified before and a person waits for it. A drill waits for nothing but the verdicts.
 */
export function promotionOf(strategy: RolloutStrategy, weights: readonly WeightManifest[] = [], record: Attempt): readonly WeightManifest[] {
  if (!isWeighted(strategy) || record.kind === 'rollback' || !isBesideStable(record)) return [ALL_TRAFFIC];
  const steps = record.kind === 'drill' ? weights.map(({ percent }) => ({ percent, atLeastMs: 0 })) : weights;
  return [...steps, ALL_TRAFFIC];
}
