/** When alerts fired, for the status page, where one goes on from record to record: one span, whatever is read first. */
import { AlertEntry, checkKey, NewAlertEntry } from '../../../src/runtime/monitoring/alert-entry';
import { courseOf } from '../../../src/runtime/monitoring/alert-lifecycle';
import { Episode } from '../../../src/runtime/monitoring/alert-log';
import { carriedFrom } from '../../../src/runtime/monitoring/carried-alerts';
import { readAlerts } from '../../../src/runtime/status-page/alert-spans';
import { NO_ENVIRONMENT_DATA, NO_DATA, StatusData, withFindings } from '../../../src/runtime/status-page/status-data';

const HEALTH = checkKey('health');
const names = new Map([[HEALTH, 'health']]);
const at = (minute: number) => Date.UTC(2026, 10, 25, 10, minute);

/** Three records: it fires in the first, goes on through the second, and is resolved in the third. */
const entries = new Map<string, AlertEntry[]>();
const episodes: Episode[] = [];

function record(id: string, ...written: readonly (readonly [id: number, entry: NewAlertEntry])[]): void {
  const before = episodes.at(-1);
  const carried = before && carriedFrom(courseOf(entries.get(before.id)!, before.carried), () => false);
  episodes.push({ id, key: id, environment: 'production', processId: '1.1.a', after: before?.id ?? '', carried });
  entries.set(id, written.map(([number, entry]) => ({ ...entry, id: String(number), processId: '1.1.a', at: new Date(at(number)).toISOString() })));
}

const change = (word: 'firing' | 'recovering' | 'resolved', after: string): NewAlertEntry => ({ kind: 'change', word, check: HEALTH, after, count: 1, note: `health: ${word}` });
record('100', [1, change('firing', '')], [2, { kind: 'continued' }]);
record('200', [3, change('recovering', '1')], [4, { kind: 'continued' }]);
record('300', [5, change('resolved', '3')], [6, { kind: 'closed' }]);

const alertLog = { entries: async ({ id }: Episode) => entries.get(id)! };
const now = at(30);

async function read(all: readonly Episode[], known: readonly string[] = [], limit = 20) {
  return readAlerts({ alertLog, episodes: all, known, limit, names });
}

it('is one span, from when it fired until it was well, and no record is read again', async () => {
  const { alerts, episodes: over } = await read(episodes);
  expect(alerts).toEqual([{ id: '1', check: 'health', since: at(1), until: at(5) }]);
  expect([...over].sort()).toEqual(['100', '200', '300']);
});

it('is open while it fires, in whatever record', async () => {
  for (const count of [1, 2]) {
    const until = entries.get(episodes[count - 1]!.id)!.pop()!;
    expect((await read(episodes.slice(0, count))).alerts).toEqual([{ id: '1', check: 'health', since: at(1) }]);
    entries.get(episodes[count - 1]!.id)!.push(until);
  }
});

it('does not open again where an older record is read after a newer one', async () => {
  let data: StatusData = NO_DATA;
  for (const limit of [1, 1, 1]) {
    const found = await read(episodes, data.environments.production?.episodes ?? [], limit);
    data = withFindings(data, 'production', { ...NO_ENVIRONMENT_DATA, ...found }, now);
    expect(data.environments.production!.alerts).toEqual([{ id: '1', check: 'health', since: at(1), until: at(5) }]);
  }
  expect(data.environments.production!.episodes).toEqual(['100', '200', '300']);
});
