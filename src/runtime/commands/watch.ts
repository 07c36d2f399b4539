import { Command } from './command';
import { judge } from './monitor';
import { dispatch } from '../dispatch/workflow-dispatch';
import { FileLock } from '../ledger/file-lock';
import { LedgerError } from '../ledger/ledger';
import { Misconfigured } from '../misconfigured';

export const watch: Command = {
  name: 'watch',
  summary: 'ask the health checks of what is live, and tell people what changed',
  environment: 'optional',
  changes: false,
  options: {
    'environments': { type: 'string', description: 'only these, with commas between' },
    'heartbeat': { type: 'boolean', description: 'only send the heartbeat' },
    'no-heartbeat': { type: 'boolean', description: 'send none' },
  },
  examples: ['npx projen delivery watch'],
  run: async (all, given) => {
    const { clock, monitoring } = all[0]!;
    return monitoring().watch(all, given, {
      misconfigured: (message) => new Misconfigured(message),
      ledgerError: (message) => new LedgerError(message),
      lock: (path, what) => FileLock.acquire({ path, what, clock, patienceMs: 0 }),
      judge,
      dispatch,
    });
  },
};
