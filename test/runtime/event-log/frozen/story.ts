import type { EventLog } from '../../../../src/runtime/event-log/event-log';
import type { NewEntry } from '../../../../src/runtime/ledger/entries';
import type { EnvironmentHistory } from '../../../../src/runtime/ledger/history';
import type { Ledger } from '../../../../src/runtime/ledger/ledger';
import type { LedgerRecord, NewRecord } from '../../../../src/runtime/ledger/record';
import type { AlertLog } from '../../../../src/runtime/monitoring/alert-log';
import type { NotificationLog } from '../../../../src/runtime/notifications/notification-log';
import type { PreviewLedger } from '../../../../src/runtime/previews/preview-ledger';
import { release } from '../../ledger/records';

/** The code of a version of the runtime that writes and reads records. */
export interface RecordCode {
  readonly AlertLog: typeof AlertLog;
  readonly EnvironmentHistory: typeof EnvironmentHistory;
  readonly Ledger: typeof Ledger;
  readonly NotificationLog: typeof NotificationLog;
  readonly PreviewLedger: typeof PreviewLedger;
}

/** Where the records of deployments and alerts are: one place on GitHub, two files on a laptop. */
export interface Logs {
  readonly deployments: EventLog;
  readonly alerts: EventLog;
}

const POINT = 'service_url';
const CHECK = 'c0ffee000001';
const CHANNEL = 'd00d00000001';
export const ENVIRONMENTS: readonly string[] = ['staging', 'production', 'canary', 'preview-7'];

/** Writes one of everything that records can hold. */
export async function writeStory(code: RecordCode, { alerts, deployments }: Logs): Promise<void> {
  const ledger = new code.Ledger({ eventLog: deployments, isAlive: async () => false, environmentUrl: (name) => `https://${name}.example.com` });
  await writeStaging(new Writer(code, ledger, 'staging'));
  await writeProduction(new Writer(code, ledger, 'production'));
  await writeCanary(new Writer(code, ledger, 'canary'));
  await writePreview(new Writer(code, ledger, 'preview-7'));
  const [last] = await ledger.records('production');
  for (const notified of [[], [CHANNEL]]) await new code.NotificationLog(deployments).add(last!, { processId: '90.1.tell', notified });
  await writeAlerts(new code.AlertLog({ eventLog: alerts, sha: 'a'.repeat(40), processId: '91.1.watch' }));
}

/** Blue/green: blocks of every kind, a hold, an override of a freeze, and a deployment whose process is gone. */
async function writeStaging(staging: Writer): Promise<void> {
  const url = { [POINT]: 'https://blue.example.com/' };
  await staging.attempt({ release: release('v1', '1', '1'), slot: 'blue' }, 'deploying', 'verifying', 'promoting', 'baking', { state: 'stable', note: '', outputs: url });
  await staging.attempt({ release: release('v2', '2', '2'), slot: 'green', fastPath: { revision: '7' } }, 'deploying', 'verifying', 'rollingBack', 'rolledBack');
  await staging.attempt({ release: release('v3', '3', '3'), slot: 'green' }, { state: 'deploying', note: '' }, { state: 'rollingBack', note: 'exit code 1', commandFailed: true }, 'rolledBack');
  await staging.decide({ kind: 'unblock', release: release('v3', '3'), reason: 'the disk was full' });
  await staging.attempt({ release: release('v4', '4', '4'), slot: 'green' }, 'deploying', 'verifying', 'promoting', 'baking', 'stable');
  await staging.decide({ kind: 'hold', release: release('v4', '4'), reason: 'an incident' });
  await staging.decide({ kind: 'override', release: release('v4', '4'), reason: 'a mend' });
  // more than a summary names
  for (let number = 5; number <= 25; number++) await staging.attempt({ release: release(`v${number}`, 'd'), slot: 'blue' }, { state: 'failed', note: 'no access' });
  const left: NewEntry[] = [{ state: 'deploying', note: '' }, { state: 'verifying', note: '', takenFrom: 'none', processId: '77.1.late' }, { state: 'baking', note: '' }];
  await staging.attempt({ release: release('v26', '5', '5'), slot: 'blue' }, ...left);
}

/** Redeploy: an adoption, a migration that cannot be undone, a rollback by hand and a drill. */
async function writeProduction(production: Writer): Promise<void> {
  await production.attempt({ kind: 'adopt', release: { ...release('v1', '1'), engineId: 'arn:1' } }, 'stable');
  await production.attempt({ release: release('v2', '2', '2') }, { state: 'migrating', note: '', irreversible: true }, 'deploying', 'verifying', 'baking', 'stable');
  const image = { digest: 'e'.repeat(64), image: 'registry.example.com/shop' };
  await production.attempt({ release: { ...release('v3', '3', '3'), image } }, 'deploying', 'verifying', 'baking', { state: 'confirming', note: '', releasesLease: true }, 'stable');
  await production.attempt({ kind: 'rollback', release: release('v2', '2', '2'), leaving: { ...release('v3', '3', '3'), image }, reason: 'slow' }, 'deploying', 'verifying', 'stable');
  await production.attempt({ kind: 'drill', release: release('v2', '2', '2') }, 'deploying', 'verifying', 'rollingBack', 'rolledBack');
  await production.attempt({ release: release('v4', '4', '4') }, 'deploying', { state: 'rollingBack', note: 'its process is gone', abandoned: true }, 'halted');
}

async function writeCanary(canary: Writer): Promise<void> {
  await canary.attempt({ release: release('v1', '1'), slot: 'blue' }, 'deploying', 'verifying', { state: 'promoting', note: '', weight: 100 }, 'baking', 'stable');
  await canary.attempt({ release: release('v2', '2'), slot: 'green' }, 'deploying', 'verifying', { state: 'promoting', note: '', weight: 10 }, { state: 'promoting', note: '', weight: 50 });
}

async function writePreview(preview: Writer): Promise<void> {
  await preview.attempt({ release: release('abc', 'a') }, 'deploying', 'verifying', 'stable');
  await preview.decide({ kind: 'removal', release: release('abc', 'a'), reason: 'it has expired' });
  await preview.decide({ kind: 'removed', release: release('abc', 'a'), reason: 'it has expired' });
  await preview.attempt({ release: release('def', 'b') }, 'deploying', 'verifying', 'stable');
}

/** An alert that fires, in a record that was full, and one that is over. */
async function writeAlerts(log: AlertLog): Promise<void> {
  const over = await log.begin('staging', '');
  await log.write(over, { kind: 'change', word: 'pending', check: CHECK, after: '', count: 1, note: 'health: status 500' });
  await log.write(over, { kind: 'closed' });
  const first = await log.begin('production', '');
  const fired = await log.write(first, { kind: 'change', word: 'firing', check: CHECK, after: '', count: 3, note: 'health: status 500' });
  await log.write(first, { kind: 'notified', of: fired, channels: [CHANNEL] });
  await log.write(first, { kind: 'continued' });
  const firing = { phase: 'firing', last: fired, bad: 3, healthy: 0, since: '2026-11-24T12:00:00.000Z', fired: { id: fired, at: '2026-11-24T12:00:00.000Z' }, note: 'health: status 500' } as const;
  const second = await log.begin('production', first.id, {
    alerts: new Map([[CHECK, firing]]), pendingNotifications: [], notifiedChannels: new Map([[CHECK, new Set([CHANNEL])]]), rollbacks: [],
  });
  await log.write(second, { kind: 'change', word: 'recovering', check: CHECK, after: fired, count: 1, note: 'health: healthy' });
}

type Change = Partial<NewRecord>;

/** Writes the records of an environment as the commands do: each carries Stable and the summary of those before it. */
class Writer {
  private static run = 0;

  constructor(private readonly code: RecordCode, private readonly ledger: Ledger, private readonly environment: string) {}

  public async attempt(change: Change, ...entries: (NewEntry['state'] | NewEntry)[]): Promise<void> {
    const record = await this.write({ kind: 'deploy', ...change });
    let processId = record.processId;
    for (const given of entries) {
      const { takenFrom, ...entry }: NewEntry = typeof given === 'string' ? { state: given, note: `now ${given}` } : given;
      await this.ledger.advance(record, { ...entry, processId: entry.processId ?? processId, ...(takenFrom && { takenFrom: processId }) });
      processId = entry.processId ?? processId;
    }
  }

  public async decide(change: Change): Promise<void> {
    await this.write(change);
  }

  private async write(change: Change): Promise<LedgerRecord> {
    const history = new this.code.EnvironmentHistory(this.ledger, this.environment);
    const [stable, carried] = [await history.stable(), await history.carriedOn()];
    const id = ++Writer.run;
    const strategy = { staging: 'blueGreen', canary: 'canary' }[this.environment] ?? 'redeploy';
    return this.ledger.create({
      environment: this.environment, kind: 'deploy', release: release('v0', '0'), strategy, run: { id, attempt: 1 }, processId: `${id}.1.maker`, by: 'ada', stable, carried, ...change,
    });
  }
}
