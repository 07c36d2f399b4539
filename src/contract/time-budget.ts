import { EnvironmentManifest } from './environment-manifest';
import { longestPropagationMs, longestVerdictMs } from './health-check-manifest';
import { EffortManifest } from './target-manifest';

/** What the time of a rollout depends on. */
export type TimedEnvironment = Pick<EnvironmentManifest, 'strategy' | 'healthChecks'> & {
  readonly afterPromote?: unknown;
  /** What says whether the target has a rollback command of its own. */
  readonly target: { readonly rollback?: unknown };
};

/** With a rollback command, whatever the strategy. */
const ROLLBACK_COMMAND: EffortManifest = { commands: 1, verdicts: 1 };

/** How long it may take until Stable is restored and verified. */
export function longestRestoreMs(environment: TimedEnvironment): number {
  const { strategy, target } = environment;
  return effortMs(environment, target.rollback === undefined ? strategy.timeBudget.restore : ROLLBACK_COMMAND);
}

/** How long it may take from the warm-up of the commands to the end of the bake. A bake is prolonged until it ends healthy. */
export function longestForwardMs(environment: TimedEnvironment): number {
  const { healthChecks, strategy } = environment;
  return strategy.commandTimeoutMs + effortMs(environment, strategy.timeBudget.forward) + strategy.bakeMs + longestVerdictMs(healthChecks);
}

/** A bake begins when the release shows; a restored release is watched for as long as the other one may still show up. */
function effortMs({ afterPromote, healthChecks, strategy }: TimedEnvironment, { commands, verdicts }: EffortManifest): number {
  const after = afterPromote === undefined ? 0 : strategy.commandTimeoutMs;
  return commands * strategy.commandTimeoutMs + after + longestPropagationMs(healthChecks) + verdicts * longestVerdictMs(healthChecks);
}
