import { FreezeManifest } from '../../../src/contract/manifest';
import { freezeAt } from '../../../src/runtime/deployment/freeze';
import { IS_NIGHT } from '../../random';

const minute = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Friday 16:00 until Monday 07:00, where nothing else is said. */
function weekly(change: { from?: [number, string]; until?: [number, string]; timeZone?: string } = {}): FreezeManifest {
  const { from = [5, '16:00'], until = [1, '07:00'], timeZone = 'Europe/Berlin' } = change;
  return {
    kind: 'weekly', from: { weekday: from[0], minute: minute(from[1]) }, until: { weekday: until[0], minute: minute(until[1]) }, timeZone, reason: 'weekend',
  };
}

function between(from: string, until: string, timeZone = 'Europe/Berlin'): FreezeManifest {
  return { kind: 'between', from, until, timeZone };
}

/** Whether deploys are stopped at a time with its offset. */
const isFrozen = (freeze: FreezeManifest, at: string) => freezeAt([freeze], Date.parse(at)) !== undefined;

describe('a weekly freeze', () => {
  test.each([
    ['2026-11-27T15:59:59+01:00', false], // Friday
    ['2026-11-27T16:00:00+01:00', true],
    ['2026-11-28T12:00:00+01:00', true],
    ['2026-11-30T06:59:59+01:00', true], // Monday
    ['2026-11-30T07:00:00+01:00', false],
    ['2026-12-02T12:00:00+01:00', false],
  ])('from Friday afternoon until Monday morning: at %s %s', (at, expected) => {
    expect(isFrozen(weekly(), at)).toBe(expected);
  });

  test('within one day, over midnight, and over a whole week', () => {
    const lunch = weekly({ from: [3, '12:00'], until: [3, '13:00'] });
    expect(['2026-11-25T11:59:00+01:00', '2026-11-25T12:30:00+01:00', '2026-11-25T13:00:00+01:00'].map((at) => isFrozen(lunch, at))).toEqual([false, true, false]);
    const night = weekly({ from: [7, '23:00'], until: [1, '01:00'] });
    expect(['2026-11-29T22:59:00+01:00', '2026-11-29T23:30:00+01:00', '2026-11-30T00:59:00+01:00', '2026-11-30T01:00:00+01:00'].map((at) => isFrozen(night, at)))
      .toEqual([false, true, true, false]);
    const almostAlways = weekly({ from: [3, '13:00'], until: [3, '12:00'] });
    expect(['2026-11-25T11:59:00+01:00', '2026-11-25T12:30:00+01:00', '2026-11-25T13:00:00+01:00', '2026-11-29T00:00:00+01:00'].map((at) => isFrozen(almostAlways, at)))
      .toEqual([true, false, true, true]);
  });

  test('follows the clock on the wall when summer time begins and ends', () => {
    // summer time ended on Sunday 2026-10-25, and begins on Sunday 2027-03-28
    expect(isFrozen(weekly(), '2026-10-26T06:59:00+01:00')).toBe(true);
    expect(isFrozen(weekly(), '2026-10-26T07:00:00+01:00')).toBe(false);
    expect(isFrozen(weekly(), '2027-03-26T15:59:00+01:00')).toBe(false);
    expect(isFrozen(weekly(), '2027-03-29T06:59:00+02:00')).toBe(true);
    expect(isFrozen(weekly(), '2027-03-29T07:00:00+02:00')).toBe(false);
  });

  test('counts the weekday where the time zone is, not where the runner is', () => {
    const tokyo = weekly({ from: [6, '00:00'], until: [1, '00:00'], timeZone: 'Asia/Tokyo' });
    expect(isFrozen(tokyo, '2026-11-27T14:59:00Z')).toBe(false);
    expect(isFrozen(tokyo, '2026-11-27T15:00:00Z')).toBe(true);
    expect(isFrozen(tokyo, '2026-11-29T15:00:00Z')).toBe(false);
    const kiritimati = weekly({ from: [6, '00:00'], until: [1, '00:00'], timeZone: 'Pacific/Kiritimati' });
    expect(isFrozen(kiritimati, '2026-11-27T10:00:00Z')).toBe(true);
  });
});

describe('a freeze between two times', () => {
  test('begins and ends on the minute', () => {
    const freeze = between('2026-12-24T00:00', '2027-01-02T00:00');
    expect(['2026-12-23T23:59:59+01:00', '2026-12-24T00:00:00+01:00', '2027-01-01T23:59:59+01:00', '2027-01-02T00:00:00+01:00'].map((at) => isFrozen(freeze, at)))
      .toEqual([false, true, true, false]);
  });

  test('that begins at a time which summer time jumps over begins at the jump', () => {
    const freeze = between('2027-03-28T02:30', '2027-03-28T12:00');
    expect(isFrozen(freeze, '2027-03-28T01:59:59+01:00')).toBe(false);
    expect(isFrozen(freeze, '2027-03-28T03:00:00+02:00')).toBe(true);
  });

  test('that begins at a time which comes twice begins with the first', () => {
    const freeze = between('2026-10-25T02:30', '2026-10-25T12:00');
    expect(isFrozen(freeze, '2026-10-25T02:29:59+02:00')).toBe(false);
    expect(isFrozen(freeze, '2026-10-25T02:30:00+02:00')).toBe(true);
    expect(isFrozen(freeze, '2026-10-25T02:10:00+01:00')).toBe(true);
  });

  test('holds in zones with odd offsets, and on the other side of the year', () => {
    expect(isFrozen(between('2026-07-01T00:00', '2026-07-02T00:00', 'Asia/Kathmandu'), '2026-06-30T18:15:00Z')).toBe(true);
    expect(isFrozen(between('2026-07-01T00:00', '2026-07-02T00:00', 'Asia/Kathmandu'), '2026-06-30T18:14:00Z')).toBe(false);
    // summer time of half an hour: it begins on 2026-10-04
    expect(isFrozen(between('2026-10-04T02:15', '2026-10-05T00:00', 'Australia/Lord_Howe'), '2026-10-03T15:29:00Z')).toBe(false);
    expect(isFrozen(between('2026-10-04T02:15', '2026-10-05T00:00', 'Australia/Lord_Howe'), '2026-10-03T15:30:00Z')).toBe(true);
  });
});

test('of several freezes that are on, the one that ends last counts', () => {
  const window = freezeAt([between('2026-11-27T00:00', '2026-11-29T00:00'), weekly()], Date.parse('2026-11-28T12:00:00+01:00'));
  expect(window).toMatchObject({ untilText: '2026-11-30 07:00 Europe/Berlin', reason: 'weekend' });
  expect(window?.until).toBe(Date.parse('2026-11-30T07:00:00+01:00'));
});

/** A step of eleven hours comes by every hour of the week. */
const STEP_HOURS = IS_NIGHT ? 1 : 11;

test('at hours of two years (with NIGHTLY=1: at every one), a weekly freeze says what a calendar says', () => {
  const freeze = weekly();
  const wall = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const wrong: string[] = [];
  for (let at = Date.parse('2026-01-01T00:30:00Z'); at < Date.parse('2028-01-01T00:00:00Z'); at += STEP_HOURS * 3_600_000) {
    const parts = Object.fromEntries(wall.formatToParts(at).map(({ type, value }) => [type, value]));
    const hour = Number(parts.hour);
    const expected = ['Sat', 'Sun'].includes(parts.weekday) || (parts.weekday === 'Fri' && hour >= 16) || (parts.weekday === 'Mon' && hour < 7);
    if ((freezeAt([freeze], at) !== undefined) !== expected) wrong.push(new Date(at).toISOString());
  }
  expect(wrong).toEqual([]);
});
