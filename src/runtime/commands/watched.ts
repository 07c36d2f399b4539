import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { unlessEjected } from '../reporting/ejected';

export const NOTHING_WATCHED = 'nothing is watched here on a schedule';

/** Throws `ConfigurationError` where there is no watch. */
export function checkWatched({ manifest }: RuntimeContext): void {
  if (!manifest.monitoring) throw new ConfigurationError(`${NOTHING_WATCHED}. ${unlessEjected('Say monitoring in the delivery\'s options, without schedule: false, run npx projen and commit', 'Add monitoring to .projen/delivery.json')}.`);
}
