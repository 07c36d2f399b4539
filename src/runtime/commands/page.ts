import { Command } from './command';
import { watched } from './watched';
import { LedgerError } from '../ledger/ledger';
import { Misconfigured } from '../misconfigured';

export const page: Command = {
  name: 'page',
  summary: 'write the status page',
  environment: 'optional',
  changes: false,
  options: {
    out: { type: 'string', description: 'into this folder' },
    from: { type: 'string', description: 'the folder of the last one' },
  },
  examples: ['npx projen delivery page --out status'],
  run: async (all, given) => watched(all[0]!).publish(all, given, { LedgerError, Misconfigured }),
};
