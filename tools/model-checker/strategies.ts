import { Strategy } from '../../src';
import { KnownStrategy, STRATEGIES, StrategyKind } from '../../src/contract/strategies';

/** Every strategy joins every model: these are the names in the data of the contract. */
export const STRATEGY_KINDS: readonly StrategyKind[] = STRATEGIES.map(({ kind }) => kind);
export const WITH_SLOTS = STRATEGY_KINDS.filter(hasSlots);
export const IN_PLACE = STRATEGY_KINDS.filter((kind) => !hasSlots(kind));

export function strategyData(kind: StrategyKind): KnownStrategy {
  return STRATEGIES.find((one) => one.kind === kind)!;
}

export function hasSlots(kind: StrategyKind): boolean {
  return strategyData(kind).slots.length > 0;
}

/** What a person writes: a strategy without a factory of its name does not compile here. Where there are slots, `candidateUrl` is their URL. */
export function strategyOf(kind: StrategyKind, candidateUrl?: string): Strategy {
  return Strategy[kind](hasSlots(kind) && candidateUrl !== undefined ? { candidateUrl } : {});
}
