/** Whether there is time for all: at night, `NIGHTLY=1`. */
export const IS_NIGHT = Boolean(process.env.NIGHTLY);

/** How many of the samples that a test takes at night it takes now: a tenth of them, in `npm test`. */
export function samples(atNight: number): number {
  return IS_NIGHT ? atNight : Math.ceil(atNight / 10);
}

/**
 * Random numbers that a seed makes again: the one generator of all tests. The same seed gives the same choices on every machine.
 *
 * @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c mulberry32: 32 bits of state, a period of 2^32
 */
export class Random {
  private state: number;

  constructor(public readonly seed: number) {
    this.state = seed;
  }

  /** From 0 up to, but not including, 1. */
  public next(): number {
    /* eslint-disable no-bitwise -- the generator is defined in bits */
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    /* eslint-enable no-bitwise */
  }

  /** An integer from 0 up to, but not including, the limit. */
  public below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  public chance(probability: number): boolean {
    return this.next() < probability;
  }

  public oneOf<T>(values: readonly T[]): T {
    if (values.length === 0) throw new Error('nothing to choose from');
    return values[this.below(values.length)];
  }

  /** Each of the values with the given probability, in their order. */
  public some<T>(values: readonly T[], probability = 0.5): T[] {
    return values.filter(() => this.chance(probability));
  }

  /** The values in another order. */
  public shuffled<T>(values: readonly T[]): T[] {
    const rest = [...values];
    return values.map(() => rest.splice(this.below(rest.length), 1)[0]);
  }

  /** What `make` gives, or nothing. */
  public perhaps<T>(probability: number, make: () => T): T | undefined {
    return this.chance(probability) ? make() : undefined;
  }
}
