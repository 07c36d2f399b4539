import { refuse, show } from './refusal';

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
    return new Duration(amount, 1, 'millis');
  }

  /**
   * @param amount seconds, fractions allowed
   */
  public static seconds(amount: number): Duration {
    return new Duration(amount, 1000, 'seconds');
  }

  /**
   * @param amount minutes, fractions allowed
   */
  public static minutes(amount: number): Duration {
    return new Duration(amount, 60_000, 'minutes');
  }

  /**
   * @param amount hours, fractions allowed
   */
  public static hours(amount: number): Duration {
    return new Duration(amount, 3_600_000, 'hours');
  }

  /**
   * @param amount days of 24 hours, fractions allowed
   */
  public static days(amount: number): Duration {
    return new Duration(amount, 86_400_000, 'days');
  }

  private readonly millis: number;

  private constructor(amount: number, unit: number, name: string) {
    if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0) {
      refuse(`Duration.${name}`, `${show(amount)} is not a length of time`, `Give a number of ${name}, 0 or more`);
    }
    this.millis = Math.round(amount * unit);
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
  const given: unknown = value ?? fallback;
  if (isDuration(given)) return given.toMilliseconds();
  const amount = Number.parseFloat(String(given));
  refuse(option, `${show(given)} is not a Duration`, `Write Duration.seconds(${Number.isFinite(amount) ? amount : 5})`);
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
