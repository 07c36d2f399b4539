import { ENVIRONMENTS, Logs, RecordCode } from './story';
import type { LedgerRecord } from '../../../../src/runtime/ledger/record';
import { release } from '../../ledger/records';

const FREEZE = { from: Date.parse('2026-11-24T00:00:00Z'), until: Date.parse('2026-11-25T00:00:00Z') };

/** What a version of the runtime makes of the records, as JSON. */
export async function factsOf(code: RecordCode, logs: Logs): Promise<unknown> {
  const facts: Record<string, unknown> = { alerts: await alertsOf(code, logs) };
  for (const name of ENVIRONMENTS) facts[name] = await environmentFacts(code, logs, name);
  return JSON.parse(JSON.stringify(facts)) as unknown;
}

async function environmentFacts(code: RecordCode, { deployments }: Logs, name: string): Promise<unknown> {
  const options = { eventLog: deployments, isAlive: async () => false };
  const ledger = name.startsWith('preview') ? new code.PreviewLedger(options, name, () => 1_000) : new code.Ledger(options);
  const history = new code.EnvironmentHistory(ledger, name);
  const records = await ledger.records(name);
  const stable = await history.stable();
  return {
    records: records.map(shown),
    stable,
    newest: await history.newest().then((newest) => newest && { ...newest, record: newest.record.id }),
    open: await history.open().then((open) => open?.record.id),
    blocked: await history.blocked(),
    held: await history.heldAgainst(1),
    override: await history.overrideWithin(FREEZE),
    slot: await history.slotWithTraffic(),
    outputs: await history.outputs(),
    fastPath: stable && await history.fastPathTo(stable.release),
    toFirst: await history.fastPathTo(release('v1', '1', '1')),
    verified: await history.verifiedReleases(),
    irreversible: await history.irreversibleSince(records.at(-1)!.id),
    // what later versions add has a default
    notified: (await new code.NotificationLog(deployments).of(records[0]!)).map(({ notified, processId }) => ({ notified, processId })),
    carriedOn: await history.carriedOn(),
  };
}

function shown({ by, createdAt, id, kind, leaving, reason, release: { version }, run, slot, strategy }: LedgerRecord): unknown {
  return { id, kind, version, by, run, strategy, slot, reason, leaving: leaving?.version, createdAt };
}

async function alertsOf(code: RecordCode, { alerts }: Logs): Promise<unknown> {
  const log = new code.AlertLog({ eventLog: alerts, sha: '', processId: '' });
  const episodes = await log.episodes(['staging', 'production']);
  return Promise.all([...episodes].sort((a, b) => Number(a.id) - Number(b.id)).map(async (episode) => {
    const { carried } = episode;
    const notified = carried && [...carried.notifiedChannels].map(([check, names]) => [check, ...names]);
    return { ...episode, carried: carried && [...carried.alerts], notified, entries: await log.entries(episode) };
  }));
}
