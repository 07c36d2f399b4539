import { replacedBy, watch } from './gate';
import { Phase } from './phase';

/** In a drill: what users see is verified, then treated as bad. */
export const forcedVerdict: Phase = {
  title: () => 'Drill: verify what users see, then treat it as bad',

  async perform(deployment) {
    const seen = await watch(deployment, { release: deployment.record.release, replaced: replacedBy(deployment), ready: true });
    if (seen.event !== 'healthy') return seen;
    deployment.facts.forcedAt = deployment.context.clock.now();
    return { ...seen, event: 'unhealthy', note: `${seen.note}; a drill treats it as bad` };
  },
};
