import { candidateUrlOf, replacedBy, watch } from './gate';
import { Phase } from './phase';

/** Asks the release itself: the candidate with blue/green, what users see with redeploy. */
export const verifying: Phase = {
  title: ({ record }) => `Verify ${record.strategy === 'blueGreen' ? 'the candidate' : 'what users see'}`,

  async perform(deployment) {
    const { record } = deployment;
    const candidateUrl = record.strategy === 'blueGreen' ? deployment.facts.candidateUrl ?? candidateUrlOf(deployment, record.slot) : undefined;
    if (record.strategy === 'blueGreen' && candidateUrl === undefined) {
      return { event: 'healthy', note: 'no candidate URL is known: the candidate counts as verified because its deploy command succeeded' };
    }
    return watch(deployment, { release: record.release, replaced: replacedBy(deployment), candidateUrl, slot: record.slot, ready: false });
  },
};
