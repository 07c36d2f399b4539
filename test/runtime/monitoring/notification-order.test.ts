/** Runs of the watch that overlap: the end of an alert never overtakes what another run is still sending. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileAlerts } from '../../../src/runtime/ci/local/watch-runs';
import { AlertWord, checkKey } from '../../../src/runtime/monitoring/alert-entry';
import { PendingNotification } from '../../../src/runtime/monitoring/alert-lifecycle';
import { AlertLog } from '../../../src/runtime/monitoring/alert-log';
import { EnvironmentAlerts, EnvironmentAlertsOptions } from '../../../src/runtime/monitoring/environment-alerts';
import { VirtualClock } from '../../virtual-clock';

const HEALTH = checkKey('health');

let folder: string;
let clock: VirtualClock;
/** The runs that are at work. */
let alive: Set<number>;
let runs: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'delivery-order-'));
  clock = new VirtualClock(Date.UTC(2026, 10, 25));
  alive = new Set();
  runs = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A run of the watch that is at work until it ends. */
interface WatchRun {
  readonly alerts: EnvironmentAlerts;
  write(word: AlertWord): Promise<PendingNotification>;
  end(): void;
}

async function begin(options: Pick<EnvironmentAlertsOptions, 'isEnding'> = {}): Promise<WatchRun> {
  runs += 1;
  const run = runs;
  alive.add(run);
  const processId = `${run}.1.p`;
  const alertLog = new AlertLog({ eventLog: fileAlerts(join(folder, 'alerts'), clock), sha: 'a'.repeat(40), processId });
  const alerts = await EnvironmentAlerts.open({
    ...options,
    alertLog,
    environment: 'production',
    episodes: await alertLog.episodes(['production']),
    processId,
    clock,
    remembersRollbackMs: 0,
    channelsOf: () => ['pager'],
    isAlive: async ({ id }) => alive.has(id),
  });
  const write = async (word: AlertWord) => (await alerts.change(HEALTH, alerts.of(HEALTH), { word, count: 3 }, `health: ${word}`))!;
  return { alerts, write, end: () => void alive.delete(run) };
}

async function pass(ms: number): Promise<void> {
  await clock.run(clock.sleep(ms));
}

/** An alert fires, and the channel was notified. */
async function fired(): Promise<void> {
  const run = await begin();
  await run.alerts.recordSent(await run.write('firing'), ['pager']);
  run.end();
  await pass(600_000);
}

/** A run begins that sends what was not sent, and what it finds to send. */
async function unsent(options: Pick<EnvironmentAlertsOptions, 'isEnding'> = {}): Promise<{ readonly event?: string; readonly channels: readonly string[] }> {
  await pass(300_000);
  const { alerts, end } = await begin(options);
  const pending = await alerts.takeUnsent(() => true);
  const channels = pending ? alerts.receiversOf(pending) : [];
  if (pending) await alerts.recordSent(pending, channels);
  await alerts.close();
  end();
  return { event: pending?.event, channels };
}

describe.each(['resolved', 'unwatched'] as const)('the end of an alert (%s) and a reminder that another run is sending', (word) => {
  it('the end waits, and is sent after the reminder', async () => {
    await fired();
    const reminding = await begin();
    const reminder = await reminding.write('reminder');
    const ending = await begin();
    const end = await ending.write(word);
    expect(await ending.alerts.takeUnsent(() => true)).toBeUndefined();
    expect(ending.alerts.receiversOf(end)).toEqual([]);
    expect(ending.alerts.waitingOf(end)).toEqual(['pager']);
    await ending.alerts.recordSent(end, []);
    ending.end();
    expect(await unsent()).toEqual({ event: undefined, channels: [] });
    await reminding.alerts.recordSent(reminder, ['pager']);
    expect(await unsent()).toEqual({ event: word, channels: ['pager'] });
    expect((await begin()).alerts.isOver).toBe(true);
  });

  it('the end is sent when the run that sends the reminder is gone, or could not send it', async () => {
    for (const leave of [async () => undefined, (run: WatchRun, reminder: PendingNotification) => run.alerts.recordSent(reminder, [])]) {
      await fired();
      const reminding = await begin();
      const reminder = await reminding.write('reminder');
      const ending = await begin();
      const end = await ending.write(word);
      await leave(reminding, reminder);
      reminding.end();
      expect(await ending.alerts.takeUnsent(() => true)).toBeUndefined();
      expect(ending.alerts.receiversOf(end)).toEqual(['pager']);
      await ending.alerts.recordSent(end, ['pager']);
      ending.end();
    }
  });

  it('the end waits for a run that took the reminder over, which the run that ends the alert has not seen', async () => {
    await fired();
    const reminding = await begin();
    await reminding.write('reminder');
    reminding.end();
    const ending = await begin();
    expect(await ending.alerts.isBeingNotified(HEALTH)).toBe(false);
    const other = await begin();
    const reminder = await other.alerts.takeUnsent(() => true);
    expect(other.alerts.receiversOf(reminder!)).toEqual(['pager']);
    const end = await ending.write(word);
    await ending.alerts.takeUnsent(() => true);
    expect(ending.alerts.receiversOf(end)).toEqual([]);
    await ending.alerts.recordSent(end, []);
    ending.end();
    await other.alerts.recordSent(reminder!, ['pager']);
    other.end();
    expect(await unsent()).toEqual({ event: word, channels: ['pager'] });
  });

  it('the end waits also if the record is continued meanwhile', async () => {
    await fired();
    const reminding = await begin();
    const reminder = await reminding.write('reminder');
    const ending = await begin();
    await ending.alerts.recordSent(await ending.write(word), []);
    ending.end();
    const filler = await begin();
    // the alert of another check comes and goes until the record is full
    for (let i = 0; i < 90; i++) await filler.alerts.change('other', filler.alerts.of('other'), { word: 'pending', count: 1 }, 'other: it was seen');
    await filler.alerts.change('other', filler.alerts.of('other'), { word: 'cleared', count: 0 }, 'other: it was seen');
    filler.end();
    expect(await unsent()).toEqual({ event: undefined, channels: [] });
    await reminding.alerts.recordSent(reminder, ['pager']);
    expect(await unsent()).toEqual({ event: word, channels: ['pager'] });
  });
});

describe('an environment that is not watched any more, while another run sends the beginning of its alert', () => {
  it('a channel that gets the beginning gets the end', async () => {
    const firing = await begin();
    const beginning = await firing.write('firing');
    const ending = await begin({ isEnding: true });
    const end = await ending.write('unwatched');
    await ending.alerts.takeUnsent(() => true);
    expect(ending.alerts.receiversOf(end)).toEqual([]);
    await ending.alerts.recordSent(end, []);
    await ending.alerts.close();
    // a new episode would hide what is still to be sent
    expect((await begin()).alerts.isOver).toBe(false);
    ending.end();
    await firing.alerts.recordSent(beginning, ['pager']);
    firing.end();
    expect(await unsent({ isEnding: true })).toEqual({ event: 'unwatched', channels: ['pager'] });
    expect((await begin()).alerts.isOver).toBe(true);
  });

  it('if that run is gone, a channel may have got the beginning: it gets it again, and then the end', async () => {
    const firing = await begin();
    await firing.write('firing');
    firing.end();
    const ending = await begin({ isEnding: true });
    await ending.write('unwatched');
    ending.end();
    expect(await unsent({ isEnding: true })).toEqual({ event: 'firing', channels: ['pager'] });
    expect(await unsent({ isEnding: true })).toEqual({ event: 'unwatched', channels: ['pager'] });
    expect((await begin()).alerts.isOver).toBe(true);
  });
});
