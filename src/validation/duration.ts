import { invalid, show } from './validation-error';
import { formatDuration } from '../contract/duration-text';

type UnitName = 'days' | 'hours' | 'minutes' | 'seconds' | 'millis';

interface Unit {
  readonly size: number;
  /** Its abbreviations after a number. */
  readonly suffix: RegExp;
  /** The largest number without a unit that is read in this unit. */
  readonly most: number;
}

const UNITS: Record<UnitName, Unit> = {
  days: { size: 86_400_000, suffix: /^d(ays?)?$/i, most: 366 },
  hours: { size: 3_600_000, suffix: /^h((ou)?rs?)?$/i, most: 48 },
  minutes: { size: 60_000, suffix: /^m(in(ute)?s?)?$/i, most: 60 },
  seconds: { size: 1000, suffix: /^s(ec(ond)?s?)?$/i, most: 999 },
  millis: { size: 1, suffix: /^m(illi)?s(ec(ond)?s?)?$/i, most: Number.POSITIVE_INFINITY },
};

/**
 * A length of time.
 *
 * @example Duration.seconds(2)
 */
export class Duration {
  /**
   * @param amount milliseconds, a whole number
   */
  public static millis(amount: number): Duration {
    return new Duration(amount, 'millis');
  }

  /**
   * @param amount seconds, fractions allowed
   */
  public static seconds(amount: number): Duration {
    return new Duration(amount, 'seconds');
  }

  /**
   * @param amount minutes, fractions allowed
   */
  public static minutes(amount: number): Duration {
    return new Duration(amount, 'minutes');
  }

  /**
   * @param amount hours, fractions allowed
   */
  public static hours(amount: number): Duration {
    return new Duration(amount, 'hours');
  }

  /**
   * @param amount days of 24 hours, fractions allowed
   */
  public static days(amount: number): Duration {
    return new Duration(amount, 'days');
  }

  /** @internal The unit in which it was created. */
  public readonly _unit: UnitName;

  private readonly millis: number;

  private constructor(amount: number, unit: UnitName) {
    if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0) {
      invalid(`Duration.${unit}`, `${show(amount)} is not a length of time`, `Write a number of ${unit}, 0 or more`);
    }
    this.millis = Math.round(amount * UNITS[unit].size);
    this._unit = unit;
  }

  /** Returns this length of time in milliseconds. */
  public toMilliseconds(): number {
    return this.millis;
  }

  /** Returns this length of time in seconds. */
  public toSeconds(): number {
    return this.millis / 1000;
  }

  /** Formats this length of time for messages: `1 min 30 s`. */
  public toString(): string {
    return formatDuration(this.millis, 'exact');
  }
}

/** Returns the milliseconds of an optional option. Plain JavaScript may pass any value. */
export function millisecondsOf(option: string, value: Duration | undefined, fallback: Duration): number {
  return millisecondsOfGiven(option, value ?? fallback, fallback);
}

/**
 * Returns the milliseconds of a required option.
 *
 * @param example a typical value, in the unit that users would choose
 */
export function millisecondsOfGiven(option: string, value: Duration, example: Duration): number {
  if (isDuration(value)) return value.toMilliseconds();
  invalid(option, `${show(value)} is not a Duration`, `Write ${guess(value, example)}`);
}

/** Returns the milliseconds of an option that must be more than 0. */
export function positiveMilliseconds(option: string, value: Duration, example: Duration): number {
  const millis = millisecondsOfGiven(option, value, example);
  if (millis < 1) invalid(option, `${formatDuration(millis, 'exact')} is not a positive duration`, `Set more than 0, for example Duration.${example._unit}(1)`);
  return millis;
}

/** Returns the milliseconds of an interval of probes, which is at least 1 second. */
export function probeInterval(option: string, value: Duration | undefined, fallback: Duration): number {
  const millis = millisecondsOf(option, value, fallback);
  if (millis < 1000) invalid(option, `${formatDuration(millis, 'exact')} is shorter than 1 second`, 'Set Duration.seconds(1) or more');
  return millis;
}

/** Guesses the Duration that a value such as '5m' or 5 means. */
function guess(value: unknown, example: Duration): string {
  const { _unit: unit } = example;
  const [, digits = '0', suffix = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(String(value)) ?? [];
  const amount = Number(digits);
  const [named] = Object.entries(UNITS).find(([, one]) => one.suffix.test(suffix)) ?? [];
  if (amount > 0 && named !== undefined) return `Duration.${named}(${amount})`;
  // 3600 is an hour in seconds; as milliseconds it would be far from the example
  if (amount >= 1000 && suffix === '') return `Duration.${isNearer('seconds', 'millis', amount, example) ? 'seconds' : 'millis'}(${amount})`;
  const isBare = amount > 0 && suffix === '' && amount <= UNITS[unit].most;
  return `Duration.${unit}(${isBare ? amount : example.toMilliseconds() / UNITS[unit].size})`;
}

/** Whether an amount is closer to the example in one unit than in another, as a ratio. */
function isNearer(one: UnitName, other: UnitName, amount: number, example: Duration): boolean {
  const distance = (unit: UnitName) => Math.abs(Math.log((amount * UNITS[unit].size) / Math.max(1, example.toMilliseconds())));
  return distance(one) < distance(other);
}

// not instanceof: the value may come from another copy of this package
function isDuration(value: unknown): value is Duration {
  return typeof value === 'object' && value !== null && typeof (value as Duration).toMilliseconds === 'function';
}
