import { candidateUrlOf, replacedBy, watch } from './gate';
import { Phase } from './phase';

/** Probes the candidate if the strategy has one, else what users see. */
export const verifying: Phase = {
  title: ({ strategy }) => `Verify ${strategy.verifies.verifying === 'candidate' ? 'the candidate' : 'what users see'}`,

  async perform(deployment) {
    const { record, strategy } = deployment;
    const ofCandidate = strategy.verifies.verifying === 'candidate';
    const candidateUrl = ofCandidate ? deployment.facts.candidateUrl ?? candidateUrlOf(deployment, record.slot) : undefined;
    if (ofCandidate && candidateUrl === undefined) {
      return { event: 'healthy', note: 'no candidate URL is known: the candidate counts as verified because its deploy command succeeded' };
    }
    return watch(deployment, { release: record.release, replaced: replacedBy(deployment), candidateUrl, slot: record.slot, ready: false });
  },
};
