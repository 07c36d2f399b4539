import { candidateUrls, checkCandidateUrl, verifiesCandidate } from './candidate-url';
import { blueGreenFix } from './slots-fix';
import { EXAMPLE, STRATEGY_OPTIONS, StrategyContext, StrategyDefinition, StrategyOptions, timesOf } from './strategy-definition';
import { DriverManifest, TimeBudgetManifest } from '../contract/manifest';
import { BLUE_GREEN } from '../contract/strategies';
import { TargetCapability } from '../targets/target-binding';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for blue/green: times, and the URL of the candidate.
 */
export interface BlueGreenOptions extends StrategyOptions {
  /**
   * The URL of the slot without traffic; `{slot}` is replaced by its name (`blue` or `green`): `https://{slot}.example.com`. The health
   * checks probe their paths there before traffic moves. The deploy command can set it instead: it appends `candidate-url=<url>` to the
   * file named by DELIVERY_RESULT.
   *
   * @default - the candidate is verified only by the exit code of the deploy command, unless the command sets the URL
   */
  readonly candidateUrl?: string;
}

const BLUE_GREEN_OPTIONS: OptionNames<BlueGreenOptions> = { ...STRATEGY_OPTIONS, candidateUrl: true };

/** A rollback may have to deploy Stable to the free slot and verify it there, before it switches users. */
export const BLUE_GREEN_TIME_BUDGET: TimeBudgetManifest = { forward: { commands: 2, verdicts: 2 }, restore: { commands: 2, verdicts: 2 } };

/** Two slots, one of which has the traffic. */
export function blueGreen(options: BlueGreenOptions): StrategyDefinition {
  const { candidateUrl } = optionsOf('Strategy.blueGreen', options, BLUE_GREEN_OPTIONS, EXAMPLE);
  return {
    manifest: { kind: BLUE_GREEN.kind, ...timesOf('Strategy.blueGreen', options), candidateUrl, timeBudget: BLUE_GREEN_TIME_BUDGET },
    isCommandTimeoutDefault: options.commandTimeout === undefined,
    slots: BLUE_GREEN.slots,
    candidateUrls: candidateUrls(candidateUrl, BLUE_GREEN.slots),

    check: (context) => {
      checkTargetAndChecks(context);
      if (candidateUrl !== undefined) checkCandidateUrl(context, candidateUrl, BLUE_GREEN.slots);
    },

    warnings: (environment, driver) => (candidateUrl !== undefined ? [] : hasOwnWarning(driver) ? driverWarnings(environment, driver) : [
      `the candidate on ${show(environment)} is verified by the deploy command's exit code only, unless the command writes candidate-url=<url> to the file $DELIVERY_RESULT. `
      + 'Set Strategy.blueGreen({ candidateUrl: \'https://{slot}.example.com\' })',
    ]),
  };
}

/** Whether a candidate without a URL is verified by more than an exit code. */
function hasOwnWarning(driver: DriverManifest | undefined): driver is DriverManifest {
  return driver?.kind === 'ecsBlueGreen' || driver?.kind === 'kubernetesSlots' || verifiesCandidate(driver);
}

/** A version that is not invoked is verified by nothing but its upload. */
function driverWarnings(environment: string, driver: DriverManifest): string[] {
  if (driver.kind === 'ecsBlueGreen') {
    return [`the candidate on ${show(environment)} is verified by the load balancer's health checks only. Set Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' })`];
  }
  if (driver.kind === 'kubernetesSlots') {
    return [`the candidate on ${show(environment)} is verified by its readiness probes only. Let an Ingress lead to ${driver.service}-blue and ${driver.service}-green, and set Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' })`];
  }
  if (driver.kind !== 'lambda' || driver.testEvent !== undefined) return [];
  return [`the candidate on ${show(environment)} is not invoked before users see it. Set testEvent in Target.lambda`];
}

function checkTargetAndChecks({ capabilities, driver, healthChecks, shown }: StrategyContext): void {
  if (!capabilities.includes(TargetCapability.SLOTS)) {
    invalid(`${shown} strategy`, 'Strategy.blueGreen() moves traffic with the target\'s promote, and the target has none',
      blueGreenFix(driver));
  }
  if (healthChecks.every(({ liveOnly }) => liveOnly)) {
    invalid(`${shown} healthChecks`, 'none of them can probe a candidate, and with blue/green traffic moves only to one that was verified',
      'Add HealthCheck.http(...), HealthCheck.command(...) or HealthCheck.tcp(..., { candidate: \'...\' })');
  }
}
