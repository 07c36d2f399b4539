import { EXAMPLE, STRATEGY_OPTIONS, StrategyDefinition, StrategyOptions, timesOf } from './strategy-definition';
import { TimeBudgetManifest } from '../contract/manifest';
import { REDEPLOY } from '../contract/strategies';
import { optionsOf } from '../validation/option-types';

export const REDEPLOY_TIME_BUDGET: TimeBudgetManifest = { forward: { commands: 1, verdicts: 1 }, restore: { commands: 1, verdicts: 1 } };

/** The new release replaces the old one in place. */
export function redeploy(options: StrategyOptions): StrategyDefinition {
  optionsOf('Strategy.redeploy', options, STRATEGY_OPTIONS, EXAMPLE);
  return {
    manifest: { kind: REDEPLOY.kind, ...timesOf('Strategy.redeploy', options), timeBudget: REDEPLOY_TIME_BUDGET },
    isCommandTimeoutDefault: options.commandTimeout === undefined,
    slots: REDEPLOY.slots,
    candidateUrls: [],
    // every target can deploy
    check: () => undefined,
    warnings: () => [],
  };
}
