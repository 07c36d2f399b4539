import { Random } from '../random';

/** What one combination is drawn with, and what was drawn. */
export class Draw {
  public readonly random: Random;
  /** What is in it, for a person who looks at a failure. */
  public readonly notes: string[] = [];
  /** What it is to be refused for, if anything. */
  public rejection?: RegExp;

  constructor(public readonly seed: number) {
    // neighbours of a seed begin alike
    this.random = new Random(seed * 7919);
  }

  public chance(probability: number): boolean {
    return this.random.chance(probability);
  }

  public oneOf<T>(values: readonly T[]): T {
    return this.random.oneOf(values);
  }

  public some<T>(values: readonly T[], probability = 0.5): T[] {
    return this.random.some(values, probability);
  }

  /** At least one of them. */
  public someOf<T>(values: readonly T[]): T[] {
    const some = this.some(values);
    return some.length > 0 ? some : [this.oneOf(values)];
  }

  /** An option that is there or not: spread into the others. */
  public maybe<T extends object>(probability: number, make: () => T): Partial<T> {
    return this.chance(probability) ? make() : {};
  }

  public note(text: string): void {
    this.notes.push(text);
  }
}
