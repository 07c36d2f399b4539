import { Command } from './command';
import { OPTION } from '../../contract/command-line';
import { checkWatched } from '../monitoring/watch';
import { DELIVERY } from '../reporting/command-line';
import { publish } from '../status-page/publish';

export const page: Command = {
  name: 'page',
  summary: 'write the status page',
  environment: 'optional',
  changes: false,
  options: {
    [OPTION.OUT]: { type: 'string', description: 'into this folder' },
    [OPTION.FROM]: { type: 'string', description: 'the folder of the last one' },
  },
  examples: [`${DELIVERY} page --out status`],
  run: async (all, given) => {
    checkWatched(all[0]!);
    return publish(all, given);
  },
};
