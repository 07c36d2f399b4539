import { promoteOf, runTargetCommand } from './command';
import { withAfterPromote } from './commands-around';
import { Phase } from './phase';
import { trial } from './trial';
import { orStableAtLast } from './way-out';
import { setWeight } from './weights';
import { isWeighted } from '../../strategies/rollout-strategy';

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
      return orStableAtLast(deployment, async () => {
        const moved = await move();
        return moved.event === 'commandSucceeded' ? trial(deployment, moved) : moved;
      });
    }
    const result = await withAfterPromote(deployment, request, move);
    facts.exposedAt = clock.now();
    return result;
  },
};
