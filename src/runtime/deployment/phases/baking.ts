import { replacedBy, watch } from './gate';
import { Phase } from './phase';
import { isVerifiedBefore } from '../../strategies/rollout-strategy';

/** Watches what users see for the bake time, which must end healthy. */
export const baking: Phase = {
  title: ({ context }) => `Bake: probe what users see for ${context.environment.strategy.bakeMs / 1000} s`,

  perform(deployment) {
    const { clock, environment } = deployment.context;
    const since = deployment.facts.exposedAt ?? clock.now();
    // where users were verified to see it, an answer of the release before it is a failure
    const replaced = isVerifiedBefore('baking', deployment.strategy) ? undefined : replacedBy(deployment);
    return watch(deployment, { release: deployment.record.release, replaced, ready: true, until: since + environment.strategy.bakeMs });
  },
};
