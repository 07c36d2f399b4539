import type { ChannelQueues } from '../../../../src/runtime/monitoring/alerts/channel-queues';
import type { courseOf } from '../../../../src/runtime/monitoring/watch/alert-life';
import type { EnvironmentAlerts } from '../../../../src/runtime/monitoring/watch/environment-alerts';
import type { EnvironmentWatch } from '../../../../src/runtime/monitoring/watch/environment-watch';
import { loadRuntime, Mutation } from '../../../mutated-runtime';

/** The watch's own code, or a broken copy of it. */
export interface WatchCode {
  readonly channelQueues: typeof ChannelQueues;
  readonly environmentAlerts: typeof EnvironmentAlerts;
  readonly environmentWatch: typeof EnvironmentWatch;
  readonly courseOf: typeof courseOf;
}

const ENTRY = [
  "export { ChannelQueues as channelQueues } from './monitoring/alerts/channel-queues';",
  "export { EnvironmentAlerts as environmentAlerts } from './monitoring/watch/environment-alerts';",
  "export { EnvironmentWatch as environmentWatch } from './monitoring/watch/environment-watch';",
  "export { courseOf } from './monitoring/watch/alert-life';",
].join('\n');

/** Loads the code, or a broken copy of it. Throws when the mutation no longer fits. */
export async function loadWatchCode(mutation?: Mutation): Promise<WatchCode> {
  return loadRuntime<WatchCode>({ entry: ENTRY, mutations: mutation && [mutation] });
}
