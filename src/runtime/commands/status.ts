import { Command } from './command';
import { NOTHING_WATCHED } from './watched';
import { freezeAt } from '../freeze';
import { safeLine } from '../job/untrusted-text';
import { EnvironmentHistory } from '../ledger/history';
import { LedgerError } from '../ledger/ledger';
import { Misconfigured } from '../misconfigured';
import { renderTable } from '../reporting/table';
import { Surroundings } from '../surroundings';

export const status: Command = {
  name: 'status',
  summary: 'show what is live where, since when, and what happened last',
  environment: 'optional',
  changes: false,
  options: {
    watch: { type: 'boolean', description: 'again every 10 s, until Ctrl-C' },
    dora: { type: 'boolean', description: 'how often, how fast and how well you deploy' },
  },
  examples: ['npx projen delivery status', 'npx projen delivery status --json'],

  run: async (all, given) => {
    const { manifest, monitoring, print } = all[0]!;
    if (manifest.monitoring) {
      return monitoring().status(all, given, { LedgerError, Misconfigured, remarks, statusOf });
    }
    if (given.flags.watch || given.flags.dora) throw new Misconfigured(`--watch and --dora need monitoring, and ${NOTHING_WATCHED}.`);
    const rows = await Promise.all(all.map(statusOf));
    if (given.json) {
      print(JSON.stringify(rows, null, 2));
    } else {
      print(renderTable(
        ['environment', 'stable', 'since', 'last deployment', 'state', 'by'],
        rows.map(({ environment, stable, last }) => [
          environment, stable?.version ?? 'none yet', stable?.since ?? '', last?.version ?? '', last ? `${last.state}: ${last.note}` : '', last?.by ?? '',
        ]),
      ));
      rows.flatMap(remarks).forEach((remark) => print(safeLine(remark, 1000)));
      print(`${NOTHING_WATCHED}: this is what the ledger says`);
      print(`ledger: ${rows[0]!.ledger}`);
    }
    return 0;
  },
};

async function statusOf({ clock, environment, ledger }: Surroundings) {
  const history = new EnvironmentHistory(ledger, environment.name);
  const [stable, newest] = [await history.stable(), await history.last()];
  const freeze = freezeAt(environment.freezes, clock.now());
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
    blocked: (await history.blocked()).map(({ version, sha }) => ({ version, sha })),
    frozen: freeze && { until: freeze.untilText, reason: freeze.reason, isLifted: (await history.overrideSince(freeze.from)) !== undefined },
  };
}

/** What a person should know beside the table. */
function remarks({ blocked, environment, frozen, last }: Awaited<ReturnType<typeof statusOf>>): string[] {
  return [
    ...(last?.state === 'halted' ? [`${environment} is halted: a person must look`] : []),
    ...(blocked.length > 0 ? [`blocked on ${environment}: ${blocked.map(({ version, sha }) => `${version} (${sha.slice(0, 7)})`).join(', ')}`] : []),
    ...(frozen ? [`${environment} is frozen until ${frozen.until}${frozen.reason ? ` (${frozen.reason})` : ''}${frozen.isLifted ? ', which was lifted' : ''}`] : []),
  ];
}
