import { candidateUrlOf, replacedBy, watch } from './gate';
import { Phase } from './phase';
import { formatDuration } from '../../../contract/duration-text';
import { isVerifiedBefore } from '../../strategies/rollout-strategy';

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

/** Probes what users see for the bake time, which must end healthy. */
export const baking: Phase = {
  title: ({ context }) => `Bake: probe what users see for ${formatDuration(context.environment.strategy.bakeMs, 'exact')}`,

  perform(deployment) {
    const { clock, environment } = deployment.context;
    const since = deployment.facts.exposedAt ?? clock.now();
    // after users were verified to see it, a response of the earlier release is a failure
    const replaced = isVerifiedBefore('baking', deployment.strategy) ? undefined : replacedBy(deployment);
    return watch(deployment, { release: deployment.record.release, replaced, ready: true, until: since + environment.strategy.bakeMs });
  },
};

/** The bake of a drill: verifies what users see, then treats it as bad. */
export const forcedVerdict: Phase = {
  title: () => 'Drill: verify what users see, then treat it as bad',

  async perform(deployment) {
    const seen = await watch(deployment, { release: deployment.record.release, replaced: replacedBy(deployment), ready: true });
    if (seen.event !== 'healthy') return seen;
    deployment.facts.forcedAt = deployment.context.clock.now();
    return { ...seen, event: 'unhealthy', note: `${seen.note}; a drill treats it as bad` };
  },
};

/** The confirmation: probes the release again. */
export const confirming: Phase = {
  title: ({ record }) => `Confirm ${record.release.version}`,

  perform(deployment) {
    return watch(deployment, { release: deployment.record.release, ready: true });
  },
};
