import { EXAMPLE, STRATEGY_OPTIONS, StrategyContext, StrategyDefinition, StrategyOptions, timesOf } from './strategy-definition';
import { DriverManifest, TimeBudgetManifest } from '../contract/manifest';
import { BLUE_GREEN } from '../contract/strategies';
import { addressesOf } from '../health-checks/health-check-options';
import { TargetCapability } from '../targets/target-binding';
import { OptionNames, optionsOf } from '../validation/option-types';
import { needsOutputs } from '../validation/output-url';
import { webAddress } from '../validation/url';
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
    candidateUrls: candidateUrl === undefined ? [] : BLUE_GREEN.slots.map((slot) => String(candidateUrl).replaceAll('{slot}', slot)),

    check: (context) => {
      checkTargetAndChecks(context);
      if (candidateUrl !== undefined) checkCandidate(context, candidateUrl);
    },

    warnings: (environment, driver) => (verifiesCandidate(driver) ? driverWarnings(environment, driver) : candidateUrl !== undefined ? [] : [
      `the candidate on ${show(environment)} is verified by the deploy command's exit code only, unless the command writes candidate-url=<url> to the file $DELIVERY_RESULT. `
      + 'Set Strategy.blueGreen({ candidateUrl: \'https://{slot}.example.com\' })',
    ]),
  };
}

/** Whether the target's driver verifies a candidate itself: no URL leads to it. */
function verifiesCandidate(driver: DriverManifest | undefined): driver is DriverManifest {
  return driver?.kind === 'lambda' || driver?.kind === 'staticSite';
}

/** A version that is not invoked is verified by nothing but its upload. */
function driverWarnings(environment: string, driver: DriverManifest): string[] {
  if (driver.kind !== 'lambda' || driver.testEvent !== undefined) return [];
  return [`the candidate on ${show(environment)} is not invoked before users see it. Set testEvent in Target.lambda`];
}

function checkTargetAndChecks({ capabilities, driver, healthChecks, shown }: StrategyContext): void {
  if (!capabilities.includes(TargetCapability.SLOTS)) {
    invalid(`${shown} strategy`, 'Strategy.blueGreen() moves traffic with the target\'s promote, and the target has none',
      driver ? 'Use Strategy.redeploy()' : 'Add it: Target.tasks({ deploy: ..., promote: \'switch-traffic\' }), or use Strategy.redeploy()');
  }
  if (healthChecks.every(({ liveOnly }) => liveOnly)) {
    invalid(`${shown} healthChecks`, 'none of them can probe a candidate, and with blue/green traffic moves only to one that was verified',
      'Add HealthCheck.http(...), HealthCheck.command(...) or HealthCheck.tcp(..., { candidate: \'...\' })');
  }
}

/** The candidate must have another URL than the live release, which would be verified in its place. */
function checkCandidate({ allowInsecure, driver, healthChecks, shown, url: live }: StrategyContext, candidateUrl: string): void {
  const option = `${shown} candidateUrl`;
  if (verifiesCandidate(driver)) invalid(option, 'no URL leads to a candidate of this target, so the health checks would probe another release', 'Leave it out: the target verifies the candidate itself');
  const placeholder = /\{[^}]*\}/.exec(String(candidateUrl).replaceAll('{slot}', ''))?.[0];
  if (placeholder !== undefined) invalid(option, `${show(candidateUrl)} contains ${placeholder}, which is not replaced`, 'Only {slot} is known, in lower case: https://{slot}.example.com');
  for (const slot of BLUE_GREEN.slots) {
    const candidate = webAddress(option, String(candidateUrl).replaceAll('{slot}', slot), allowInsecure);
    const taken = [...(needsOutputs(live) ? [] : [live]), ...healthChecks.flatMap(addressesOf)].find((url) => isProbedThere(candidate, new URL(url)));
    if (taken === undefined) continue;
    invalid(option, `${show(candidateUrl)} is where users find the release (${taken}), so the old release would be verified in place of the candidate`,
      'Name the address of the slot that has no traffic: https://{slot}.example.com');
  }
}

/** A candidate's URL replaces the origin of a check's URL, and precedes its path. */
function isProbedThere(candidate: URL, live: URL): boolean {
  return candidate.origin === live.origin && candidate.pathname === '/';
}
