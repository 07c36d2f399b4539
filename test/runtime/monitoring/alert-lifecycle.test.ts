/** The life of one alert, from its entries: when it fires, when people are reminded, and how long a failing channel is tried again. */
import { AlertEntry, checkKey, NewAlertEntry } from '../../../src/runtime/monitoring/alert-entry';
import {
  Alert, AlertRules, courseOf, decide, isDueAgain, isEnough, isGivenUp, PendingNotification, QUIET, rowOf, seen,
} from '../../../src/runtime/monitoring/alert-lifecycle';
import { Outcome } from '../../../src/runtime/probing/observation';

const HEALTH = checkKey('health');
const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];
const FIRED_AT = Date.UTC(2026, 10, 25);
const RULES: AlertRules = { retries: 3, firesAfter: 3, resolvesAfter: 2, remindEveryMs: HOUR };

type Said = NewAlertEntry & { readonly processId: string; readonly atMs: number };

function entries(...all: Said[]): AlertEntry[] {
  return all.map(({ atMs, ...entry }, index) => ({ ...entry, id: String(index + 1), at: new Date(FIRED_AT + atMs).toISOString() }));
}

const FIRES: Said = { kind: 'change', word: 'firing', check: HEALTH, after: '', count: 3, note: 'health: 500', processId: '1.1.a', atMs: 0 };
/** A process has tried every channel, and reached none. */
const reachedNone = (processId: string, atMs: number): Said => ({ kind: 'notified', of: '1', channels: [], processId, atMs });
const taken = (processId: string, takenFrom: string, atMs: number): Said => ({ kind: 'taken', of: '1', takenFrom, processId, atMs });

/** The notification after so many tries, the last of them at this time. */
function after(tries: number, lastMs = 0): PendingNotification {
  const all: Said[] = [FIRES, reachedNone('1.1.a', 0)];
  for (let n = 2; n <= tries; n++) all.push(taken(`${n}.1.a`, `${n - 1}.1.a`, lastMs), reachedNone(`${n}.1.a`, lastMs));
  return courseOf(entries(...all)).pendingNotifications[0]!;
}

describe('a channel that fails', () => {
  it.each([[1, MINUTE], [2, 2 * MINUTE], [3, 4 * MINUTE], [6, 32 * MINUTE], [7, HOUR], [8, HOUR], [20, HOUR]])(
    'is tried again, after %d tries in %d ms: twice the time before, and at most an hour', (tries, waitMs) => {
      const pending = after(tries, 10 * SECOND);
      const triedAt = Date.parse(pending.triedAt);
      expect([waitMs - 1, waitMs].map((ms) => isDueAgain(pending, triedAt + ms))).toEqual([false, true]);
    },
  );

  it('is tried for a day, and no longer, if the alert is over', () => {
    const pending = after(30, 23 * HOUR);
    const times = [24 * HOUR, 24 * HOUR + 1].map((ms) => FIRED_AT + ms);
    expect(times.map((now) => [isDueAgain(pending, now), isGivenUp(pending, now)])).toEqual([[true, false], [false, true]]);
  });

  it('is tried as long as the alert fires', () => {
    const { alerts, pendingNotifications: [pending] } = courseOf(entries(FIRES, reachedNone('1.1.a', 0)));
    const alert = [...alerts.values()][0];
    const now = FIRED_AT + 30 * 24 * HOUR;
    expect([isDueAgain(pending!, now, alert), isGivenUp(pending!, now, alert)]).toEqual([true, false]);
  });

  it('is due at once if its sender is gone: how far it came is not known', () => {
    const [pending] = courseOf(entries(FIRES)).pendingNotifications;
    expect(isDueAgain(pending!, FIRED_AT)).toBe(true);
  });
});

it('of two processes that take a notification over, the first one has it', () => {
  const [pending] = courseOf(entries(FIRES, reachedNone('1.1.a', 0), taken('2.1.b', '1.1.a', MINUTE), taken('3.1.c', '1.1.a', MINUTE))).pendingNotifications;
  expect(pending).toMatchObject({ sender: '2.1.b', tries: 2 });
});

describe('the probes of one run', () => {
  /** How many probes a check gets that responds so, and again and again as at last. */
  function probesOf(alert: Alert, ...outcomes: Outcome[]): number {
    let row = rowOf(alert);
    for (let index = 0; ; index++) {
      row = seen(row, outcomes[Math.min(index, outcomes.length - 1)]!);
      if (isEnough(row, alert, RULES)) return row.probes;
    }
  }
  const firing: Alert = { ...QUIET, phase: 'firing' };

  it.each<[string, Alert, Outcome[], number]>([
    ['one healthy result is enough', QUIET, ['healthy'], 1],
    ['bad results are repeated until the alert fires', QUIET, ['unhealthy'], 3],
    ['those of earlier runs count', { ...QUIET, phase: 'pending', bad: 2 }, ['unhealthy'], 1],
    ['a healthy result ends the row', QUIET, ['unhealthy', 'unhealthy', 'healthy'], 3],
    ['a blind result is repeated, as often as a check is probed again', QUIET, ['blind'], 4],
    ['a blind result neither ends a row nor extends it', QUIET, ['unhealthy', 'blind', 'unhealthy', 'unhealthy'], 4],
    ['while it fires, one bad result is enough', firing, ['unhealthy'], 1],
    ['while it fires, healthy results are repeated until it is resolved', firing, ['healthy'], 2],
  ])('%s', (_, alert, outcomes, probes) => {
    expect(probesOf(alert, ...outcomes)).toBe(probes);
  });
});

describe('what follows from the results of a run', () => {
  const bad = (count: number) => ({ probes: 1, bad: count, healthy: 0, last: 'bad' as const });
  const healthy = (count: number) => ({ probes: 1, bad: 0, healthy: count, last: 'healthy' as const });
  const pending: Alert = { ...QUIET, phase: 'pending', bad: 2 };
  const firing: Alert = { ...QUIET, phase: 'firing', sentAt: new Date(FIRED_AT).toISOString() };

  it.each([
    ['too few bad results', QUIET, bad(2), { word: 'pending', count: 2 }],
    ['enough of them', pending, bad(3), { word: 'firing', count: 3 }],
    ['a healthy one before that', pending, healthy(1), { word: 'cleared', count: 0 }],
    ['a healthy one, as always', QUIET, healthy(1), undefined],
    ['nothing but blind ones', firing, { probes: 4, bad: 0, healthy: 0 }, undefined],
    ['too few healthy ones while it fires', firing, healthy(1), { word: 'recovering', count: 1 }],
    ['enough of them while it fires', firing, healthy(2), { word: 'resolved', count: 2 }],
    ['a bad one again after healthy ones', { ...firing, healthy: 1 }, bad(1), { word: 'recovering', count: 0 }],
    ['a bad one, as before', firing, bad(1), undefined],
  ])('%s', (_, alert, row, expected) => {
    expect(decide(alert, row, RULES, FIRED_AT + MINUTE)).toEqual(expected);
  });

  it('a reminder is due after its time, if there are reminders', () => {
    const decided = (rules: AlertRules, ms: number) => decide(firing, bad(1), rules, FIRED_AT + ms)?.word;
    expect([decided(RULES, HOUR - 1), decided(RULES, HOUR), decided({ ...RULES, remindEveryMs: undefined }, 9 * HOUR)]).toEqual([undefined, 'reminder', undefined]);
  });
});
