import { Command } from './command';
import { EnvironmentHistory } from '../ledger/history';
import { renderTable } from '../reporting/table';
import { Surroundings } from '../surroundings';

export const status: Command = {
  name: 'status',
  summary: 'show what is live where, since when, and what happened last',
  environment: 'optional',
  changes: false,
  options: {},
  examples: ['npx projen delivery status', 'npx projen delivery status --json'],

  run: async (all, given) => {
    const rows = await Promise.all(all.map(statusOf));
    const { print } = all[0]!;
    if (given.json) {
      print(JSON.stringify(rows, null, 2));
    } else {
      print(renderTable(
        ['environment', 'stable', 'since', 'last deployment', 'state', 'by'],
        rows.map(({ environment, stable, last }) => [
          environment, stable?.version ?? 'none yet', stable?.since ?? '', last?.version ?? '', last ? `${last.state}: ${last.note}` : '', last?.by ?? '',
        ]),
      ));
      print(`ledger: ${rows[0]!.ledger}`);
    }
    return 0;
  },
};

async function statusOf({ environment, ledger }: Surroundings) {
  const history = new EnvironmentHistory(ledger, environment.name);
  const [stable, newest] = [await history.stable(), await history.last()];
  return {
    environment: environment.name,
    url: environment.url,
    ledger: ledger.place,
    stable: stable && { version: stable.release.version, sha: stable.release.sha, since: stable.since, slot: stable.slot },
    last: newest && {
      kind: newest.record.kind,
      version: newest.record.release.version,
      sha: newest.record.release.sha,
      state: newest.state,
      note: newest.entries.at(-1)?.note ?? '',
      by: newest.record.by,
      at: newest.record.createdAt,
    },
  };
}
