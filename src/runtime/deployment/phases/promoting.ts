import { promoteOf, runTargetCommand, setWeightOf } from './command';
import { CommandRequest, withAfterPromote } from './commands-around';
import { DeploymentInProgress, Phase, PhaseResult } from './phase';
import { trial } from './trial';
import { isBesideStable, isWeighted } from '../../strategies/rollout-strategy';

/** Moves traffic to the slot that was verified: all of it, or a share that the health checks judge. */
export const promoting: Phase = {
  title: ({ record, weight: { percent } }) => `Promote ${record.release.version}: ${percent === 100 ? 'users' : `${percent} % of the traffic`} to the ${record.slot} slot`,

  async perform(deployment) {
    const { environment, clock } = deployment.context;
    const { record, facts, strategy, weight } = deployment;
    const request = { release: record.release, slot: record.slot };
    const move = isWeighted(strategy)
      ? () => setWeight(deployment, request, weight.percent)
      : () => runTargetCommand(deployment, { ...request, name: 'promote', command: promoteOf(environment) });
    facts.trafficMoved = true;
    if (weight.percent < 100) {
      const moved = await move();
      return moved.event === 'commandSucceeded' ? trial(deployment, moved) : moved;
    }
    const result = await withAfterPromote(deployment, request, move);
    facts.exposedAt = clock.now();
    return result;
  },
};

/** Gives a slot its share of the traffic. The other slot gets the rest. */
export function setWeight(deployment: DeploymentInProgress, request: CommandRequest, weight: number): Promise<PhaseResult> {
  const command = setWeightOf(deployment.context.environment);
  return runTargetCommand(deployment, { ...request, name: `set the weight to ${weight} %`, command, weight });
}

/**
 * Takes all traffic from the release's slot, if Stable is in the other one: before a release is deployed there, because an earlier one that was halted may
 * have left traffic there, and first in a rollback. Undefined where there is nothing to take it from.
 */
export function withoutTraffic(deployment: DeploymentInProgress, request: Pick<CommandRequest, 'rollbackFrom' | 'timeoutMs'>): Promise<PhaseResult> | undefined {
  const { context, record, strategy } = deployment;
  // the environment's target may have another strategy now
  if (!isWeighted(strategy) || !isBesideStable(record, context.environment.target) || !context.environment.target.setWeight) return undefined;
  return setWeight(deployment, { release: record.release, slot: record.slot, ...request }, 0);
}
