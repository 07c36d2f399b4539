import { otherSlot, RestoreStep, RolloutStrategy } from './rollout-strategy';
import { SLOTS } from '../../contract/workflows';

/** The release goes to the slot without traffic, is verified there, and gets all traffic at once. */
export const blueGreen: RolloutStrategy = {
  kind: 'blueGreen',
  title: 'blue/green',
  steps: ['deploying', 'verifying', 'promoting', 'baking'],
  exposes: 'promoting',
  slots: SLOTS,

  verifies: (step) => {
    if (step === 'verifying') return 'candidate';
    return step === 'baking' ? 'users' : undefined;
  },

  restore: ({ slot, stableSlot, trafficMoved }) => {
    if (!trafficMoved) return [];
    // a slot is switched to only if it holds the release that is meant
    if (stableSlot !== undefined && stableSlot !== slot) return [{ action: 'promote', slot: stableSlot }];
    const free = otherSlot(blueGreen, slot);
    return (['deploy', 'verify', 'promote'] as const).map((action): RestoreStep => ({ action, slot: free }));
  },
};
