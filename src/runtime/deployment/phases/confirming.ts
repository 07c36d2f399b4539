import { watch } from './gate';
import { Phase } from './phase';

/** The judge's question: does the release still answer, asked afresh? */
export const confirming: Phase = {
  title: ({ record }) => `Confirm ${record.release.version}`,

  perform(deployment) {
    return watch(deployment, { release: deployment.record.release, ready: true });
  },
};
