import { watch } from './gate';
import { Phase } from './phase';

/** The confirmation: probes the release again. */
export const confirming: Phase = {
  title: ({ record }) => `Confirm ${record.release.version}`,

  perform(deployment) {
    return watch(deployment, { release: deployment.record.release, ready: true });
  },
};
