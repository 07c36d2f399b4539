import { Command } from './command';
import { judge } from './monitor';
import { watched } from './watched';
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
    environments: { type: 'string', description: 'only these, with commas between' },
    heartbeat: { type: 'string', description: 'none, or only' },
  },
  examples: ['npx projen delivery watch'],
  run: async (all, given) => watched(all[0]!).watch(all, given, { FileLock, LedgerError, Misconfigured, dispatch, judge }),
};
