import { replacedBy, watch } from './gate';
import { Phase } from './phase';
import { formatDuration } from '../../../contract/duration-text';
import { isVerifiedBefore } from '../../strategies/rollout-strategy';

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
