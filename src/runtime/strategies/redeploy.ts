import { RolloutStrategy } from './rollout-strategy';

/** The release replaces the one before it in place. */
export const redeploy: RolloutStrategy = {
  kind: 'redeploy',
  title: 'redeploy',
  steps: ['deploying', 'verifying', 'baking'],
  exposes: 'deploying',
  slots: [],
  verifies: (step) => (step === 'verifying' || step === 'baking' ? 'users' : undefined),
  restore: () => [{ action: 'deploy' }],
};
