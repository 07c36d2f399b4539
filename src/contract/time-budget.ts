import { EnvironmentManifest } from './environment-manifest';
import { longestPropagationMs, longestVerdictMs } from './health-check-manifest';
import { EffortManifest } from './strategy-manifest';

/** What the duration of a rollout depends on. */
export type TimedEnvironment = Pick<EnvironmentManifest, 'strategy' | 'healthChecks'> & {
  readonly afterPromote?: unknown;
  /** `rollback` is set if the target has a rollback command. */
  readonly target: { readonly rollback?: unknown };
};

/** The effort of a rollback command, unless the strategy needs more. */
const ROLLBACK_COMMAND: EffortManifest = { commands: 1, verdicts: 1 };

/** Returns the longest time until Stable is restored and verified. */
export function longestRestoreMs(environment: TimedEnvironment): number {
  const { strategy, target } = environment;
  return effortMs(environment, target.rollback === undefined ? strategy.timeBudget.restore : strategy.timeBudget.rollbackCommand ?? ROLLBACK_COMMAND);
}

/** Returns the longest time from the warm-up to the end of the bake, which is extended until it ends healthy. */
export function longestForwardMs(environment: TimedEnvironment): number {
  const { healthChecks, strategy } = environment;
  return strategy.commandTimeoutMs + effortMs(environment, strategy.timeBudget.forward) + strategy.bakeMs + longestVerdictMs(healthChecks);
}

/** Includes the propagation: the old release may respond for that long. */
function effortMs({ afterPromote, healthChecks, strategy }: TimedEnvironment, { atLeastMs = 0, commands, verdicts }: EffortManifest): number {
  const after = afterPromote === undefined ? 0 : strategy.commandTimeoutMs;
  return atLeastMs + commands * strategy.commandTimeoutMs + after + longestPropagationMs(healthChecks) + verdicts * longestVerdictMs(healthChecks);
}
