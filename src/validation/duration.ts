import { invalid, show } from './validation-error';

type UnitName = 'days' | 'hours' | 'minutes' | 'seconds' | 'millis';

interface Unit {
  readonly size: number;
  /** As people abbreviate it after a number. */
  readonly suffix: RegExp;
  /** Nobody means more than this by a bare number: a smaller unit then. */
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

  /**
   * The one that it was made in, in which people think of it.
   *
   * @internal
   */
  public readonly _unit: UnitName;

  private readonly millis: number;

  private constructor(amount: number, unit: UnitName) {
    if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0) {
      invalid(`Duration.${unit}`, `${show(amount)} is not a length of time`, `Give a number of ${unit}, 0 or more`);
    }
    this.millis = Math.round(amount * UNITS[unit].size);
    this._unit = unit;
  }

  /** This length of time in milliseconds. */
  public toMilliseconds(): number {
    return this.millis;
  }

  /** This length of time in seconds. */
  public toSeconds(): number {
    return this.millis / 1000;
  }

  /** For people: `1 min 30 s`. */
  public toString(): string {
    return showDuration(this.millis);
  }
}

/** The milliseconds of an option, which JavaScript users may have filled with anything. */
export function millisecondsOf(option: string, value: Duration | undefined, fallback: Duration): number {
  return millisecondsOfGiven(option, value ?? fallback, fallback);
}

/**
 * The milliseconds of an option that must be there.
 *
 * @param example what it might be, in the unit that people think of it in
 */
export function millisecondsOfGiven(option: string, value: Duration, example: Duration): number {
  if (isDuration(value)) return value.toMilliseconds();
  invalid(option, `${show(value)} is not a Duration`, `Write ${meant(value, example)}`);
}

/** What somebody means by '5m' or 5, as far as it can be guessed. */
function meant(value: unknown, example: Duration): string {
  const { _unit: unit } = example;
  const [, digits = '0', suffix = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(String(value)) ?? [];
  const amount = Number(digits);
  const [said] = Object.entries(UNITS).find(([, one]) => one.suffix.test(suffix)) ?? [];
  if (amount > 0 && said !== undefined) return `Duration.${said}(${amount})`;
  if (amount >= 1000 && suffix === '') return `Duration.millis(${amount})`;
  const isBare = amount > 0 && suffix === '' && amount <= UNITS[unit].most;
  return `Duration.${unit}(${isBare ? amount : example.toMilliseconds() / UNITS[unit].size})`;
}

// Not instanceof: two copies of this package must still understand each other.
function isDuration(value: unknown): value is Duration {
  return typeof value === 'object' && value !== null && typeof (value as Duration).toMilliseconds === 'function';
}

export function showDuration(millis: number): string {
  const units: [number, string][] = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's'], [1, 'ms']];
  const words: string[] = [];
  let rest = millis;
  for (const [size, unit] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${unit}`);
  }
  return words.join(' ') || '0 s';
}
