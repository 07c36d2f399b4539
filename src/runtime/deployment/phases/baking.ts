import { replacedBy, watch } from './gate';
import { Phase } from './phase';

/** Watches what users see for the bake time, which must end healthy. */
export const baking: Phase = {
  title: ({ context }) => `Watch what users see for ${context.environment.strategy.bakeMs / 1000} s`,

  perform(deployment) {
    const { clock, environment } = deployment.context;
    const since = deployment.facts.exposedAt ?? clock.now();
    const { release, strategy } = deployment.record;
    // with redeploy it answered already
    const replaced = strategy === 'blueGreen' ? replacedBy(deployment) : undefined;
    return watch(deployment, { release, replaced, ready: true, until: since + environment.strategy.bakeMs });
  },
};
