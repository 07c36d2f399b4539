import type { courseOf } from '../../../src/runtime/monitoring/alert-lifecycle';
import type { decodeCarried, encodeCarried } from '../../../src/runtime/monitoring/carried-alerts';
import type { EnvironmentAlerts } from '../../../src/runtime/monitoring/environment-alerts';
import type { EnvironmentWatch } from '../../../src/runtime/monitoring/environment-watch';
import type { ChannelQueues } from '../../../src/runtime/notifications/channel-queues';
import { loadRuntime, Mutation } from '../../../test/mutated-runtime';

/** The watch's own code, or a broken copy of it. */
export interface WatchCode {
  readonly channelQueues: typeof ChannelQueues;
  readonly environmentAlerts: typeof EnvironmentAlerts;
  readonly environmentWatch: typeof EnvironmentWatch;
  readonly courseOf: typeof courseOf;
  readonly decodeCarried: typeof decodeCarried;
  readonly encodeCarried: typeof encodeCarried;
}

const ENTRY = [
  "export { ChannelQueues as channelQueues } from './notifications/channel-queues';",
  "export { EnvironmentAlerts as environmentAlerts } from './monitoring/environment-alerts';",
  "export { EnvironmentWatch as environmentWatch } from './monitoring/environment-watch';",
  "export { courseOf } from './monitoring/alert-lifecycle';",
  "export { decodeCarried, encodeCarried } from './monitoring/carried-alerts';",
].join('\n');

/** Of a record, where it is 90 else: every story takes many of them. */
export const RECORD_LIMIT = 6;
const SHORT_RECORDS: Mutation = {
  name: 'short records', file: 'monitoring/environment-alerts.ts', find: 'RECORD_LIMIT = 90', replace: `RECORD_LIMIT = ${RECORD_LIMIT}`,
};

/** The engine of the model takes the place of the drivers. */
const MODEL_ENGINE = { 'targets/driver-registry.ts': 'export const driverOf = (context) => context.modelEngine;' };

/** As it is in the repository, but for the records: no story leaves anything in it. */
let unbroken: Promise<WatchCode> | undefined;

/** Loads the code, or a broken copy of it, with short records. Throws when the mutation no longer fits. */
export function loadWatchCode(mutation?: Mutation): Promise<WatchCode> {
  return mutation ? load(mutation) : (unbroken ??= load());
}

function load(mutation?: Mutation): Promise<WatchCode> {
  return loadRuntime<WatchCode>({ entry: ENTRY, mutations: [SHORT_RECORDS, ...(mutation ? [mutation] : [])], replaced: MODEL_ENGINE });
}
