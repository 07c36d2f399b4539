import { Misconfigured } from '../misconfigured';
import { Monitoring } from '../runtime-file';
import { Surroundings } from '../surroundings';

export const NOTHING_WATCHED = 'nothing is watched here on a schedule';

/** The second runtime file, for what only a watch has. Throws `Misconfigured`. */
export function watched({ manifest, monitoring }: Surroundings): Monitoring {
  if (manifest.monitoring) return monitoring();
  throw new Misconfigured(`${NOTHING_WATCHED}. Say monitoring in the delivery's options, without schedule: false, run npx projen and commit.`);
}
