import { watch } from './gate';
import { Phase } from './phase';
import { Deployment } from '../deployment';

/** Asks the release itself: the candidate with blue/green, what users see with redeploy. */
export const verifying: Phase = {
  title: ({ record }) => `Verify ${record.strategy === 'blueGreen' ? 'the candidate' : 'what users see'}`,

  async perform(deployment) {
    const { record } = deployment;
    const candidateUrl = record.strategy === 'blueGreen' ? candidateUrlOf(deployment) : undefined;
    if (record.strategy === 'blueGreen' && candidateUrl === undefined) {
      return { event: 'healthy', note: 'no candidate URL is known: the candidate counts as verified because its deploy command succeeded' };
    }
    return watch(deployment, { release: record.release, candidateUrl, ready: false });
  },
};

function candidateUrlOf({ learnt, record, surroundings }: Deployment): string | undefined {
  const { strategy } = surroundings.environment;
  const configured = strategy.kind === 'blueGreen' ? strategy.candidateUrl : undefined;
  return learnt.candidateUrl ?? configured?.replaceAll('{slot}', record.slot ?? '');
}
