import { FreezeManifest, WeeklyTime } from '../../contract/manifest';

/** An active freeze. */
export interface FreezeWindow {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  /** The end, in the freeze's time zone, for messages. */
  readonly untilText: string;
  readonly reason?: string;
}

/** The freeze that is active at `now` (milliseconds since the epoch); of several, the one that ends last. */
export function freezeAt(freezes: readonly FreezeManifest[], now: number): FreezeWindow | undefined {
  return freezes
    .flatMap((freeze) => windowsAround(freeze, now))
    .filter(({ from, until }) => from <= now && now < until)
    .sort((a, b) => b.until - a.until)[0];
}

/** The windows of a freeze that may contain `now`. */
function windowsAround(freeze: FreezeManifest, now: number): FreezeWindow[] {
  const { timeZone, reason } = freeze;
  const window = (from: string, until: string): FreezeWindow => ({
    from: instantOf(from, timeZone), until: instantOf(until, timeZone), untilText: `${until.replace('T', ' ')} ${timeZone}`, reason,
  });
  if (freeze.kind === 'between') return [window(freeze.from, freeze.until)];
  const today = wallClock(now, timeZone).slice(0, 10);
  // a window that began last week may still be active; calendar days count, so a day of 23 hours is a day
  return [-1, 0].map((week) => {
    const from = dayOnOrBefore(today, freeze.from.weekday, week);
    const length = (freeze.until.weekday - freeze.from.weekday + 7) % 7;
    const endsNextWeek = length === 0 && freeze.until.minute <= freeze.from.minute;
    return window(at(from, freeze.from), at(plusDays(from, endsNextWeek ? 7 : length), freeze.until));
  });
}

function dayOnOrBefore(day: string, weekday: number, weeks: number): string {
  const today = new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
  return plusDays(day, -((today - weekday + 7) % 7) + 7 * weeks);
}

function plusDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function at(day: string, { minute }: WeeklyTime): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day}T${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/**
 * Returns the instant of a local time. If the local time occurs twice (daylight saving time ends), returns the first; if it never occurs
 * (daylight saving time begins), returns the moment of the change.
 */
function instantOf(wall: string, timeZone: string): number {
  const asUtc = Date.parse(`${wall}:00Z`);
  const candidates = [asUtc - DAY_MS, asUtc + DAY_MS].map((moment) => asUtc - offsetAt(moment, timeZone));
  const shown = candidates.filter((moment) => wallClock(moment, timeZone) === wall);
  // it never occurs: the change lies between the two candidates
  return shown.length > 0 ? Math.min(...shown) : jumpBetween(Math.min(...candidates), Math.max(...candidates), timeZone);
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The first minute after the change. */
function jumpBetween(before: number, after: number, timeZone: string): number {
  const old = offsetAt(before, timeZone);
  let [low, high] = [before, after];
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (offsetAt(middle, timeZone) === old) low = middle;
    else high = middle;
  }
  return high;
}

/** The offset of the time zone from UTC, in milliseconds. */
function offsetAt(moment: number, timeZone: string): number {
  return Date.parse(`${wallClock(moment, timeZone)}:00Z`) - Math.floor(moment / MINUTE_MS) * MINUTE_MS;
}

/** `2026-12-24T16:00` */
function wallClock(moment: number, timeZone: string): string {
  const parts = formatOf(timeZone).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/** One per time zone: creating a format takes longer than everything else here. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', {
    timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  });
  formats.set(timeZone, format);
  return format;
}
