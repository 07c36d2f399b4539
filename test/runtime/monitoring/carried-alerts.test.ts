/** What goes on when a record of alerts is long enough: the state and nothing else, in as many bytes as GitHub keeps, in both places. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GithubEventLog } from '../../../src/runtime/ci/github/event-log';
import { fileAlerts } from '../../../src/runtime/ci/local/watch-runs';
import { openGithubApi } from '../../../src/runtime/ci/open-ledger';
import { AlertEntry, checkKey, NewAlertEntry } from '../../../src/runtime/monitoring/alert-entry';
import { AlertState, courseOf } from '../../../src/runtime/monitoring/alert-lifecycle';
import { AlertLog, Episode } from '../../../src/runtime/monitoring/alert-log';
import { carriedFrom, isCarriable, packCarried, decodeCarried, encodeCarried, unpackCarried } from '../../../src/runtime/monitoring/carried-alerts';
import { EnvironmentAlerts } from '../../../src/runtime/monitoring/environment-alerts';
import { channelKey } from '../../../src/runtime/notifications/notification';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { VirtualClock } from '../../virtual-clock';

const [HEALTH, SEARCH, GONE] = [checkKey('health'), checkKey('search'), checkKey('gone')];
const [PAGER, CHAT] = [channelKey('pager'), channelKey('chat')];

function entries(...all: NewAlertEntry[]): AlertEntry[] {
  return all.map((entry, i) => ({ ...entry, id: String(i + 1), processId: `${i + 1}.1.p`, at: new Date(Date.UTC(2026, 10, 25, 10, i)).toISOString() }));
}

function change(word: string, check: string, after: string, note = `${word}: it was seen`): NewAlertEntry {
  return { kind: 'change', word, check, after, count: 3, note } as NewAlertEntry;
}

/** `health` fires, and chat was not notified; `search` fired and is well; `gone` is pending. */
const STORY = entries(
  change('firing', HEALTH, ''), { kind: 'notified', of: '1', channels: [PAGER] },
  change('firing', SEARCH, ''), { kind: 'notified', of: '3', channels: [PAGER, CHAT] },
  change('rollback', HEALTH, '1', '77'),
  change('resolved', SEARCH, '3'), { kind: 'notified', of: '6', channels: [PAGER, CHAT] },
  change('pending', GONE, ''),
);
const isUnsent = ({ sentTo }: { readonly sentTo: ReadonlySet<string> }) => sentTo.size < 2;
const carried = () => carriedFrom(courseOf(STORY), isUnsent);

describe('what the next record knows', () => {
  it('contains firing and pending alerts, due notifications and claims, and the last entry of each other alert', () => {
    const { alerts, notifiedChannels, rollbacks, pendingNotifications } = carried();
    expect(alerts.get(HEALTH)).toMatchObject({ phase: 'firing', last: '5', fired: { id: '1', at: '2026-11-25T10:00:00.000Z' }, since: '2026-11-25T10:00:00.000Z' });
    expect(alerts.get(GONE)).toMatchObject({ phase: 'pending', bad: 3 });
    expect(alerts.get(SEARCH)).toEqual({ phase: 'quiet', last: '6', bad: 0, healthy: 0, note: '' });
    expect(pendingNotifications.map(({ id, sender, sentTo }) => ({ id, sender, sentTo: [...sentTo] }))).toEqual([{ id: '1', sender: '1.1.p', sentTo: [PAGER] }]);
    expect([...notifiedChannels]).toEqual([[HEALTH, new Set([PAGER])]]);
    expect(rollbacks).toEqual([{ target: '77', processId: '5.1.p', at: STORY[4]!.at }]);
  });

  it('is the same after it was spelled and read', () => {
    expect(decodeCarried(JSON.parse(JSON.stringify(encodeCarried(carried()))))).toEqual(carried());
    expect(unpackCarried(packCarried(carried()))).toEqual(carried());
  });

  it.each([undefined, 7, '', 'no base64 !', Buffer.from('not packed').toString('base64'), packCarried(carried()).slice(0, -20)])('is not unpacked from %j', (value) => {
    expect(unpackCarried(value)).toBeUndefined();
  });

  it('goes on as if there had been one record', () => {
    const more = entries(...STORY.map(() => ({ kind: 'closed' }) as const), { kind: 'taken', of: '1', takenFrom: '1.1.p' }, change('resolved', HEALTH, '5')).slice(STORY.length);
    const whole = courseOf([...STORY, ...more]);
    const second = courseOf(more, carried());
    expect(second.alerts.get(HEALTH)).toEqual(whole.alerts.get(HEALTH));
    expect(second.pendingNotifications).toEqual(whole.pendingNotifications.filter(({ id }) => ['1', '10'].includes(id)));
    expect(second.pendingNotifications.find(({ id }) => id === '10')).toMatchObject({ since: '2026-11-25T10:00:00.000Z' });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', '{}'],
    ['without alerts', { ...encodeCarried(carried()), alerts: undefined }],
    ['a phase that is none', { ...encodeCarried(carried()), alerts: { [HEALTH]: { phase: 'burning', last: '1' } } }],
    ['an alert that is none', { ...encodeCarried(carried()), alerts: { [HEALTH]: 7 } }],
    ['a count that is a text', { ...encodeCarried(carried()), alerts: { [HEALTH]: { bad: '3' } } }],
    ['a pending of another event', { ...encodeCarried(carried()), pendingNotifications: [{ event: 'deployed' }] }],
    ['channels that are numbers', { ...encodeCarried(carried()), notifiedChannels: { [HEALTH]: [1] } }],
    ['a claim without a process id', { ...encodeCarried(carried()), rollbacks: [{ target: '7', at: '' }] }],
  ])('is not read from %s', (_, value) => {
    expect(decodeCarried(value)).toBeUndefined();
  });

  it('fits into what GitHub keeps: long notes are cut first, and of characters none in two', () => {
    const many = (count: number) => entries(...Array.from({ length: count }, (_, i) => change('firing', checkKey(`check ${i}`), '', `check ${i}: ${'🔥'.repeat(70)}`)));
    // a hundred that fire, none of which is notified yet
    const state = carriedFrom(courseOf(many(100)), () => true);
    expect(isCarriable(state)).toBe(true);
    expect(packCarried(state).length).toBeLessThan(16_000);
    expect(JSON.stringify(encodeCarried(state))).not.toMatch(/\\ud83d(?!\\ud)/);
    expect([...state.alerts.values()].every(({ note, phase }) => phase === 'firing' && note.startsWith('check'))).toBe(true);
    expect(isCarriable(carriedFrom(courseOf(many(2_000)), () => true))).toBe(false);
  });
});

describe('from its end on nothing counts in a record', () => {
  const end = { kind: 'continued' } as const;

  it('no change, no notified channel, and no closing', () => {
    const course = courseOf(entries(change('firing', HEALTH, ''), end, change('resolved', HEALTH, '1'), { kind: 'notified', of: '1', channels: [PAGER] }, { kind: 'closed' }));
    expect(course).toMatchObject({ continuedBy: '2', isClosed: false });
    expect(course.alerts.get(HEALTH)).toMatchObject({ phase: 'firing' });
    expect(course.pendingNotifications[0]!.sentTo.size).toBe(0);
  });

  it('what is closed does not go on', () => {
    expect(courseOf(entries(change('pending', HEALTH, ''), change('cleared', HEALTH, '1'), { kind: 'closed' }, end))).toMatchObject({ isClosed: true, continuedBy: undefined });
  });
});

describe.each(['github', 'file'] as const)('in the alert log of %s', (kind) => {
  let github: GithubStandIn;
  let folder: string;
  let clock: VirtualClock;
  beforeEach(async () => {
    clock = new VirtualClock(Date.UTC(2026, 10, 25));
    github = await GithubStandIn.start({ repository: 'acme/shop', rateLimit: 100_000, now: () => clock.now() });
    folder = mkdtempSync(join(tmpdir(), 'delivery-carried-'));
  });
  afterEach(async () => {
    expect(github.violations).toEqual([]);
    await github.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = () => join(folder, 'alerts');

  function open(processId = '1.1.a'): AlertLog {
    if (kind === 'file') return new AlertLog({ eventLog: fileAlerts(file(), clock), sha: 'a'.repeat(40), processId });
    const token = github.token({ contents: 'read', deployments: 'write' });
    const api = openGithubApi({ env: { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/shop', GITHUB_API_URL: github.url, GITHUB_TOKEN: token }, clock })!;
    return new AlertLog({ eventLog: new GithubEventLog({ api }), sha: 'a'.repeat(40), processId });
  }

  it('the state is read as it was written, with the record', async () => {
    const alertLog = open();
    const first = await alertLog.begin('production', '');
    await alertLog.write(first, { kind: 'continued' });
    expect(await alertLog.entries(first)).toMatchObject([{ kind: 'continued', processId: '1.1.a' }]);
    const second = await alertLog.begin('production', first.id, carried());
    expect(second.carried).toEqual(carried());
    const listed = await open('2.1.b').episodes(['production']);
    expect(listed.map(({ carried: state, id }) => [id, state]).sort()).toEqual([[first.id, undefined], [second.id, carried()]].sort());
  });

  it('a run that finds the end of a record and nothing after it goes on: who ended it died', async () => {
    const alertLog = open();
    const first = await alertLog.begin('production', '');
    const firing = await alertLog.write(first, change('firing', HEALTH, ''));
    await alertLog.write(first, { kind: 'notified', of: firing, channels: [PAGER] });
    await alertLog.write(first, { kind: 'continued' });
    await clock.run(clock.sleep(300_000));

    const alerts = await alertsOf('2.1.b', ['pager', 'chat']);
    expect(alerts.of(HEALTH)).toMatchObject({ phase: 'firing', fired: { id: firing } });
    const pending = await alerts.takeUnsent(() => true);
    expect(pending).toMatchObject({ id: firing, sender: '2.1.b' });
    expect(alerts.receiversOf(pending!)).toEqual(['chat']);
    await alerts.recordSent(pending!, ['chat']);

    const [, second] = await inOrder(open('3.1.c'));
    expect(second).toMatchObject({ after: first.id, processId: '2.1.b' });
    expect((await open().entries(second!)).map(({ kind: word }) => word)).toEqual(['taken', 'notified']);
    expect(await (await alertsOf('3.1.c', ['pager', 'chat'])).takeUnsent(() => true)).toBeUndefined();
  });

  it('what is written by one that has not seen the end is written again where it counts', async () => {
    const alertLog = open();
    const first = await alertLog.begin('production', '');
    const firing = await alertLog.write(first, change('firing', HEALTH, ''));
    const late = await alertsOf('2.1.b', ['pager']);
    const [pending] = courseOf(await alertLog.entries(first)).pendingNotifications;
    await alertLog.write(first, { kind: 'continued' });
    await late.recordSent(pending!, ['pager']);
    const [, second] = await inOrder(alertLog);
    expect((await alertLog.entries(second!)).map(({ kind: word }) => word)).toEqual(['notified']);
    expect(courseOf(await alertLog.entries(second!), second!.carried).pendingNotifications).toMatchObject([{ id: firing, sentTo: new Set([PAGER]) }]);
  });

  async function alertsOf(processId: string, channels: readonly string[]): Promise<EnvironmentAlerts> {
    const alertLog = open(processId);
    const episodes = await alertLog.episodes(['production']);
    return EnvironmentAlerts.open({
      alertLog, environment: 'production', episodes, processId, clock, remembersRollbackMs: 0, channelsOf: () => channels, isAlive: async () => false,
    });
  }

  async function inOrder(alertLog: AlertLog): Promise<Episode[]> {
    return (await alertLog.episodesOf('production')).sort((a, b) => Number(a.id) - Number(b.id));
  }

  if (kind === 'file') {
    it('what others wrote in place of a state is no state', async () => {
      const alertLog = open();
      await alertLog.begin('production', '', carried());
      writeFileSync(file(), readFileSync(file(), 'utf8').replace(/"carried": "[^"]*"/, '"carried": "no state"'));
      await expect(alertLog.episodes(['production'])).rejects.toThrow('is damaged: record 1 is invalid. Restore it from a backup, or move it away: people are then notified once more of what fires.');
    });

    it('keeps the newest record of each environment, however many another one takes', async () => {
      const alertLog = open();
      const quiet = await alertLog.begin('staging', '');
      const content = JSON.parse(readFileSync(file(), 'utf8')) as { lastId: number; streams: object[] };
      for (let id = 2; id < 210; id++) {
        const record = { after: String(id - 1), processId: '1.1.a' };
        content.streams.push({ ...content.streams[0], id: String(id), key: String(id), environment: 'production', record, events: [] });
      }
      writeFileSync(file(), JSON.stringify({ ...content, lastId: 210 }));
      await alertLog.begin('production', '209');
      const kept = await alertLog.episodes([]);
      expect(kept).toHaveLength(201);
      expect(await alertLog.entries(quiet)).toEqual([]);
    });
  } else {
    it('a record with an unreadable state does not count', async () => {
      github.addDeployment({ task: 'delivery-alert', environment: 'production', ref: 'a'.repeat(40), payload: { schema: 1, key: 'k', record: { after: '', processId: '1.1.a', carried: 'no state' } } });
      expect(await open().episodes([])).toEqual([]);
    });

    it('the newest record of an environment must be understood: a newer version may have notified people', async () => {
      await open().begin('production', '');
      github.addDeployment({ task: 'delivery-alert', environment: 'production', ref: 'a'.repeat(40), payload: { schema: 2, writtenBy: '1.4.0' } });
      const rejection = /^the newest record of the alerts of production \(\d+\) was written by projen-delivery 1\.4\.0 \(schema 2, which/;
      await expect(open().episodes([])).rejects.toThrow(rejection);
      await expect(open().episodesOf('production')).rejects.toThrow(rejection);
      expect(await open().episodesOf('staging')).toEqual([]);
      await open().begin('production', '1');
      expect(await open().episodes([])).toHaveLength(2);
    });
  }
});

it('a long record that is closed is not continued: due notifications are written there', async () => {
  const filler = Array.from({ length: 90 }, () => ({ kind: 'taken', of: '0', takenFrom: '' }) as const);
  const all = entries(change('firing', HEALTH, ''), change('resolved', HEALTH, '1'), ...filler, { kind: 'closed' });
  const episode: Episode = { id: '1000', key: 'k', environment: 'production', processId: '1.1.a', after: '' };
  const alertLog: Pick<AlertLog, 'begin' | 'entries' | 'episodesOf' | 'write'> = {
    episodesOf: async () => [episode],
    entries: async () => [...all],
    begin: () => Promise.reject(new Error('nothing is to begin')),
    write: async (_, entry) => {
      all.push({ ...entry, id: String(all.length + 1), processId: '9.1.z', at: all[0]!.at });
      return String(all.length);
    },
  };
  const clock = new VirtualClock(Date.parse(all[0]!.at));
  const alerts = await EnvironmentAlerts.open({
    alertLog, environment: 'production', episodes: [episode], processId: '9.1.z', clock, remembersRollbackMs: 0, channelsOf: () => ['pager'], isAlive: async () => false,
  });
  const pending = await alerts.takeUnsent(() => true);
  await alerts.recordSent(pending!, ['pager']);
  expect(all.slice(93).map(({ kind: word }) => word)).toEqual(['taken', 'notified']);
});

/** All that `AlertState` holds is spelled. */
const ALL: Record<keyof AlertState, true> = { alerts: true, notifiedChannels: true, rollbacks: true, pendingNotifications: true };
it('nothing of a state is left out', () => {
  expect(Object.keys(encodeCarried(carried())).sort()).toEqual(Object.keys(ALL).sort());
});
