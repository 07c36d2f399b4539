import { FreezeManifest, WeeklyTime } from '../../contract/manifest';

/** A freeze that is on. */
export interface FreezeWindow {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
  /** For a person: until when, in the freeze's own time zone. */
  readonly untilText: string;
  readonly reason?: string;
}

/** The freeze that is on at `now` (milliseconds since the epoch); of several the one that ends last. */
export function freezeAt(freezes: readonly FreezeManifest[], now: number): FreezeWindow | undefined {
  return freezes
    .flatMap((freeze) => windowsAround(freeze, now))
    .filter(({ from, until }) => from <= now && now < until)
    .sort((a, b) => b.until - a.until)[0];
}

/** The windows of a freeze that may hold `now`. */
function windowsAround(freeze: FreezeManifest, now: number): FreezeWindow[] {
  const { timeZone, reason } = freeze;
  const window = (from: string, until: string): FreezeWindow => ({
    from: instantOf(from, timeZone), until: instantOf(until, timeZone), untilText: `${until.replace('T', ' ')} ${timeZone}`, reason,
  });
  if (freeze.kind === 'between') return [window(freeze.from, freeze.until)];
  const today = wallClock(now, timeZone).slice(0, 10);
  // One that began last week may still be on; days are counted on the calendar, so a day of 23 hours is a day.
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
 * When a clock on the wall of a time zone shows this time. A time that it shows twice (summer time ends) is the first of both;
 * one that it never shows (summer time begins) is the moment when it jumps over it.
 */
function instantOf(wall: string, timeZone: string): number {
  const asUtc = Date.parse(`${wall}:00Z`);
  const candidates = [asUtc - DAY_MS, asUtc + DAY_MS].map((moment) => asUtc - offsetAt(moment, timeZone));
  const shown = candidates.filter((moment) => wallClock(moment, timeZone) === wall);
  // Never shown: the later reading of it is past the jump by as much as the clock jumped.
  return shown.length > 0 ? Math.min(...shown) : jumpBetween(Math.min(...candidates), Math.max(...candidates), timeZone);
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** The first minute after the clock changed. */
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

/** How much the time zone is ahead of UTC, in milliseconds. */
function offsetAt(moment: number, timeZone: string): number {
  return Date.parse(`${wallClock(moment, timeZone)}:00Z`) - Math.floor(moment / MINUTE_MS) * MINUTE_MS;
}

/** `2026-12-24T16:00` */
function wallClock(moment: number, timeZone: string): string {
  const parts = formatOf(timeZone).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/** Made once a time zone: making one takes longer than all the rest. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', {
    timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  });
  formats.set(timeZone, format);
  return format;
}
