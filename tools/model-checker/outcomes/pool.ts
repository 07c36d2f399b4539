/** Equal things become one thing with a number, so that states are compared by numbers. */
export class Pool<T extends object> {
  private readonly byText = new Map<string, T>();
  private readonly numbers = new Map<T, number>();

  public keep(value: T): T {
    if (this.numbers.has(value)) return value;
    const text = JSON.stringify(value);
    const known = this.byText.get(text);
    if (known) return known;
    if (this.numbers.size > GREATEST) throw new Error(`a key has no numbers above ${GREATEST}`);
    this.byText.set(text, value);
    this.numbers.set(value, this.numbers.size);
    return value;
  }

  /** Of a thing that was kept. */
  public numberOf(value: T): number {
    return this.numbers.get(value)!;
  }
}

const GREATEST = 0xffff;

/** A text for numbers of pools, a UTF-16 code unit for each: short, and in one piece, so that it is quickly found in a map. */
export function keyFrom(numbers: readonly number[]): string {
  return String.fromCharCode(...numbers);
}
