import { weeklyTime } from './wall-clock';
import { CI_RULES } from '../ci/ci-rules';
import { formatDuration } from '../contract/duration-text';
import { invalid, show } from '../validation/validation-error';

/** The fields of a cron expression. */
const FIELDS = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of the month', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: ['', 'JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] },
  { name: 'day of the week', least: 0, most: 6, words: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
];

/**
 * A recurring time, in UTC. GitHub starts scheduled workflows late when it is busy, especially at the full hour: choose another minute.
 * In a public repository GitHub disables the schedule after 60 days without activity.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
 */
export class Schedule {
  /**
   * Repeats once a week: `Schedule.weekly('Tue 03:17')`.
   *
   * @param time weekday and time, 24 hours, UTC
   */
  public static weekly(time: string): Schedule {
    const { weekday, minute } = weeklyTime('Schedule.weekly time', time);
    return new Schedule(`${minute % 60} ${Math.floor(minute / 60)} * * ${weekday % 7}`);
  }

  /**
   * Repeats according to a cron expression: `Schedule.cron('17 3 * * TUE')`.
   *
   * @param expression minute, hour, day of the month, month, day of the week; at least 5 minutes apart; UTC
   */
  public static cron(expression: string): Schedule {
    const option = 'Schedule.cron expression';
    const fields = typeof expression === 'string' ? expression.trim().split(/\s+/) : [];
    if (fields.length !== FIELDS.length) {
      invalid(option, `${show(expression)} has ${fields.length} fields`, 'Write five: minute, hour, day of the month, month, day of the week, for example \'17 3 * * 2\'');
    }
    const [minutes] = fields.map((field, i) => values(option, field, FIELDS[i]));
    const { limits: { scheduleMinutes: least }, system } = CI_RULES;
    const close = minutes.find((minute, i) => (minutes[i + 1] ?? minute + 60) - minute < least);
    if (close !== undefined) {
      invalid(option, `${show(expression)} repeats within ${formatDuration(least * 60_000)}, and ${system} starts no workflow more often`, `Leave at least ${formatDuration(least * 60_000)} between two times`);
    }
    return new Schedule(fields.join(' '));
  }

  /** @internal */
  public readonly _cron: string;

  private constructor(cron: string) {
    this._cron = cron;
  }

  /**
   * Whether it includes minute 0, when the CI system is busiest.
   *
   * @internal
   */
  public get _isAtFullHour(): boolean {
    return values('', this._cron.split(' ')[0], FIELDS[0]).includes(0);
  }
}

/** Returns the sorted numbers of a field. */
function values(option: string, field: string, { name, least, most, words }: typeof FIELDS[number]): number[] {
  const wrong = () => invalid(option, `${show(field)} is no ${name}`, `Write numbers from ${least} to ${most}, *, or ranges, lists and steps of them, such as */15`);
  const number = (text: string) => {
    const word = text === '' ? -1 : words.indexOf(text.toUpperCase());
    const value = word >= 0 ? word : /^\d{1,2}$/.test(text) ? Number(text) : -1;
    return value >= least && value <= most ? value : wrong();
  };
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [, begin, end, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d{1,2}))?$/.exec(part) ?? wrong();
    if (step === '0' || (begin === '*' && end !== undefined)) wrong();
    const first = begin === '*' ? least : number(begin);
    const last = end !== undefined ? number(end) : begin === '*' || step !== undefined ? most : first;
    if (last < first) wrong();
    for (let value = first; value <= last; value += Number(step ?? 1)) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}
