import { EXAMPLE, STRATEGY_OPTIONS, StrategyDefinition, StrategyOptions, timesOf } from './strategy-definition';
import { TimeBudgetManifest } from '../contract/manifest';
import { REDEPLOY } from '../contract/strategies';
import { optionsOf } from '../validation/option-types';
import { invalid } from '../validation/validation-error';

export const REDEPLOY_TIME_BUDGET: TimeBudgetManifest = { forward: { commands: 1, verdicts: 1 }, restore: { commands: 1, verdicts: 1 } };

/** The new release replaces the old one in place. */
export function redeploy(options: StrategyOptions): StrategyDefinition {
  optionsOf('Strategy.redeploy', options, STRATEGY_OPTIONS, EXAMPLE);
  return {
    manifest: { kind: REDEPLOY.kind, ...timesOf('Strategy.redeploy', options), timeBudget: REDEPLOY_TIME_BUDGET },
    isCommandTimeoutDefault: options.commandTimeout === undefined,
    slots: REDEPLOY.slots,
    candidateUrls: [],
    check: ({ driver, shown }) => {
      if (driver?.kind !== 'ecsBlueGreen') return;
      invalid(`${shown} strategy`, 'its target has a service for each slot (Target.ecs blueGreen), and Strategy.redeploy() has no slots',
        'Set strategy: Strategy.blueGreen() or Strategy.canary(), or leave blueGreen out and set service');
    },
    warnings: () => [],
  };
}
