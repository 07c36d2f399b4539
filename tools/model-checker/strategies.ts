import { Analysis, CanaryStep, Duration, Metric, Strategy } from '../../src';
import { KnownStrategy, STRATEGIES, StrategyKind } from '../../src/contract/strategies';

/** Every strategy joins every model: these are the names in the data of the contract. */
export const STRATEGY_KINDS: readonly StrategyKind[] = STRATEGIES.map(({ kind }) => kind);
export const WITH_SLOTS = STRATEGY_KINDS.filter(hasSlots);
/** All traffic moves at once to a slot, or in steps: what weights do not concern is the same, and explored with the first. */
export const AT_ONCE = WITH_SLOTS.filter((kind) => !hasWeights(kind));
export const BY_WEIGHT = WITH_SLOTS.filter(hasWeights);
export const IN_PLACE = STRATEGY_KINDS.filter((kind) => !hasSlots(kind));

export function strategyData(kind: StrategyKind): KnownStrategy {
  return STRATEGIES.find((one) => one.kind === kind)!;
}

export function hasSlots(kind: StrategyKind): boolean {
  return strategyData(kind).slots.length > 0;
}

/** Whether traffic moves in steps, with `setWeight`, and not with `promote`. */
export function hasWeights(kind: StrategyKind): boolean {
  return strategyData(kind).promotes === 'byWeight';
}

/** A canary that is also compared with Stable: `line` prints the counters. */
export function analyzedStrategyOf(line: string, candidateUrl?: string): Strategy {
  const steps = [CanaryStep.weight(10, { atLeast: Duration.millis(0) })];
  return Strategy.canary({ candidateUrl, steps, analysis: [Analysis.errors(Metric.command(line))] });
}

/** What a person writes: a strategy without a factory of its name does not compile here. Where there are slots, `candidateUrl` is their URL. */
export function strategyOf(kind: StrategyKind, candidateUrl?: string): Strategy {
  const candidate = hasSlots(kind) && candidateUrl !== undefined ? { candidateUrl } : {};
  // the only one that needs options
  return kind === 'canary' ? Strategy.canary({ ...candidate, steps: [CanaryStep.weight(10, { atLeast: Duration.millis(0) })] }) : Strategy[kind](candidate);
}
