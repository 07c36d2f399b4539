import { Command } from './command';
import { OPTION } from '../../contract/command-line';
import { checkWatched, watch as watchEnvironments } from '../monitoring/watch';
import { DELIVERY } from '../reporting/command-line';
import { storeMeasurements } from '../status-page/store-measurements';

export const watch: Command = {
  name: 'watch',
  summary: 'probe what is live, and notify people of changes',
  environment: 'optional',
  changes: false,
  options: {
    [OPTION.ENVIRONMENTS]: { type: 'string', description: 'only these, separated by commas' },
    [OPTION.HEARTBEAT]: { type: 'string', description: 'none, or only' },
  },
  examples: [`${DELIVERY} watch`],
  run: async (all, given) => {
    checkWatched(all[0]!);
    return watchEnvironments(all, given, { keep: storeMeasurements });
  },
};
