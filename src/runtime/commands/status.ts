import { Command } from './command';
import { ConfigurationError } from '../errors';
import { NOTHING_WATCHED } from '../monitoring/watch';
import { DELIVERY } from '../reporting/command-line';
import { remarks, stateCell, statusOf } from '../reporting/environment-status';
import { reportRecords } from '../reporting/records-line';
import { renderTable } from '../reporting/table';
import { safeLine } from '../reporting/untrusted-text';
import { watchedStatus } from '../status-page/status';

export const status: Command = {
  name: 'status',
  summary: 'show what is live where, since when, and what happened last',
  environment: 'optional',
  changes: false,
  readsRemote: true,
  options: {
    watch: { type: 'boolean', description: 'repeat every 10 s, until Ctrl-C' },
    dora: { type: 'boolean', description: 'show the four DORA metrics' },
  },
  examples: [`${DELIVERY} status`, `${DELIVERY} status --json`],

  run: async (all, given) => {
    const { manifest, print } = all[0]!;
    reportRecords(all[0]!);
    if (manifest.monitoring) return watchedStatus(all, given);
    if (given.flags.watch || given.flags.dora) throw new ConfigurationError(`--watch and --dora need monitoring, and ${NOTHING_WATCHED}.`);
    const rows = await Promise.all(all.map(statusOf));
    if (given.json) {
      print(JSON.stringify(rows.map((row) => ({ records: all[0]!.ci.records, ...row })), null, 2));
    } else {
      print(renderTable(
        ['environment', 'stable', 'since', 'last deployment', 'state', 'by'],
        rows.map((row) => ({ ...row, state: stateCell(row) })).map(({ environment, stable, last, state }) => [
          environment, stable?.version ?? 'none yet', stable?.since ?? '', last?.version ?? '', state, last?.by ?? '',
        ]),
      ));
      rows.flatMap(remarks).forEach((remark) => print(safeLine(remark, 1000)));
      print(`${NOTHING_WATCHED}: this is what the ledger says`);
      print(`ledger: ${rows[0]!.ledger}`);
    }
    return 0;
  },
};
