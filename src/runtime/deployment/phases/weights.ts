import { CommandOf, runTargetCommand, setWeightOf } from './command';
import { CommandRequest } from './commands-around';
import { DeploymentInProgress, PhaseResult } from './phase';
import { isBesideStable, isWeighted } from '../../strategies/rollout-strategy';

/** Gives a slot its share of the traffic. The other slot gets the rest. */
export function setWeight(deployment: CommandOf, request: CommandRequest, weight: number): Promise<PhaseResult> {
  const command = setWeightOf(deployment.context.environment);
  return runTargetCommand(deployment, { ...request, name: `set the weight to ${weight} %`, command, weight });
}

/**
 * Takes all traffic from the release's slot, if Stable is in the other one: before a release is deployed there, because an earlier one that was halted may
 * have left traffic there, and first in a rollback. Undefined where there is nothing to take it from.
 */
export function withoutTraffic(
  deployment: CommandOf & Pick<DeploymentInProgress, 'strategy'>, request: Pick<CommandRequest, 'rollbackFrom' | 'timeoutMs'>,
): Promise<PhaseResult> | undefined {
  const { context, record, strategy } = deployment;
  // the environment's target may have another strategy now
  if (!isWeighted(strategy) || !isBesideStable(record, context.environment.target) || !context.environment.target.setWeight) return undefined;
  return setWeight(deployment, { release: record.release, slot: record.slot, ...request }, 0);
}
