/** A number for each different text: short keys for long things. */
export class Numbers {
  private readonly known = new Map<string, number>();
  private readonly ofObjects = new WeakMap<object, number>();

  public of(text: string): number {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    this.known.set(text, this.known.size);
    return this.known.size - 1;
  }

  /** For an object that never changes: it is written out once. */
  public ofObject(value: object): number {
    const known = this.ofObjects.get(value) ?? this.of(JSON.stringify(value));
    this.ofObjects.set(value, known);
    return known;
  }
}
