import { WeeklyTime } from '../contract/manifest';
import { didYouMean, invalid, show } from '../validation/validation-error';

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** Parses a weekday, short or full, and a local time: `Fri 16:00`. */
export function weeklyTime(option: string, text: unknown): WeeklyTime {
  const [, day, hours, minutes] = /^([a-z]{3,9}) ([01]\d|2[0-3]):([0-5]\d)$/i.exec(String(text)) ?? [];
  const weekday = day === undefined ? -1 : WEEKDAYS.findIndex((name) => name === day.toLowerCase() || name.slice(0, 3) === day.toLowerCase());
  if (typeof text !== 'string' || weekday < 0) {
    invalid(option, `${show(text)} is not a time of the week`, 'Write a weekday and a time from 00:00 to 23:59, for example \'Fri 16:00\'');
  }
  return { weekday: weekday + 1, minute: Number(hours) * 60 + Number(minutes) };
}

/** Parses a date and a local time, `2026-12-24 00:00`, into the form of the manifest. */
export function localTime(option: string, text: unknown): string {
  const [, date, time] = /^(\d{4}-\d\d-\d\d)[ T]((?:[01]\d|2[0-3]):[0-5]\d)$/.exec(String(text)) ?? [];
  if (typeof text !== 'string' || date === undefined || !isDate(date)) {
    invalid(option, `${show(text)} is not a date with a time`, 'Write both, for example \'2026-12-24 00:00\'; the place on earth is said by timeZone');
  }
  return `${date}T${time}`;
}

/** Checks a name of the IANA time zone database. */
export function timeZoneName(option: string, name: unknown): string {
  if (typeof name === 'string' && isTimeZone(name)) return name;
  invalid(option, `${show(name)} is not a time zone`, didYouMean(String(name), Intl.supportedValuesOf('timeZone')) ?? 'Write its name in the IANA database, for example \'Europe/Berlin\'');
}

/** `Date` accepts the 30th of February and moves it into March. */
function isDate(date: string): boolean {
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
}

function isTimeZone(name: string): boolean {
  // newer versions of Node also accept offsets, but the runner's may not
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
