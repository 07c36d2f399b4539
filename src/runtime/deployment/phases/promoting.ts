import { promoteOf, runTargetCommand } from './command';
import { withAfterPromote } from './commands-around';
import { Phase } from './phase';

/** Moves traffic to the slot that was verified. */
export const promoting: Phase = {
  title: ({ record }) => `Promote ${record.release.version}: users to the ${record.slot} slot`,

  async perform(deployment) {
    const { environment, clock } = deployment.context;
    const { record, facts } = deployment;
    const command = promoteOf(environment);
    facts.trafficMoved = true;
    const request = { release: record.release, slot: record.slot };
    const result = await withAfterPromote(deployment, request, () => runTargetCommand(deployment, { ...request, name: 'promote', command }));
    facts.exposedAt = clock.now();
    return result;
  },
};
