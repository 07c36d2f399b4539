import { Command } from './command';
import { OPTION } from '../../contract/command-line';
import { checkWatched, watch as watchEnvironments } from '../monitoring/watch';
import { DELIVERY } from '../reporting/ejected';
import { storeMeasurements } from '../status-page/store-measurements';

export const watch: Command = {
  name: 'watch',
  summary: 'ask the health checks of what is live, and tell people what changed',
  environment: 'optional',
  changes: false,
  options: {
    [OPTION.ENVIRONMENTS]: { type: 'string', description: 'only these, with commas between' },
    [OPTION.HEARTBEAT]: { type: 'string', description: 'none, or only' },
  },
  examples: [`${DELIVERY} watch`],
  run: async (all, given) => {
    checkWatched(all[0]!);
    return watchEnvironments(all, given, { keep: storeMeasurements });
  },
};
