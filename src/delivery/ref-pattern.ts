/**
 * One name of a branch or tag, or all names with a prefix and a suffix (`v*`). Ignores letter case, like a job's `if`.
 */
export class RefPattern {
  public readonly wildcard: boolean;
  public readonly prefix: string;
  public readonly suffix: string;

  constructor(public readonly text: string) {
    const star = text.indexOf('*');
    this.wildcard = star >= 0;
    this.prefix = this.wildcard ? text.slice(0, star) : text;
    this.suffix = this.wildcard ? text.slice(star + 1) : '';
  }

  /** Returns whether it matches all names that `other` matches. */
  public covers(other: RefPattern): boolean {
    const [prefix, suffix] = [this.prefix.toLowerCase(), this.suffix.toLowerCase()];
    const [begin, end] = [other.prefix.toLowerCase(), other.suffix.toLowerCase()];
    if (!this.wildcard) return !other.wildcard && begin === prefix;
    if (other.wildcard) return begin.startsWith(prefix) && end.endsWith(suffix);
    return begin.startsWith(prefix) && begin.endsWith(suffix);
  }

  /** Returns the names that both match; undefined if there are none. */
  public intersection(other: RefPattern): RefPattern | undefined {
    if (!this.wildcard) return other.covers(this) ? this : undefined;
    if (!other.wildcard) return this.covers(other) ? other : undefined;
    const prefix = longer(this.prefix, other.prefix, (long, short) => long.startsWith(short));
    const suffix = longer(this.suffix, other.suffix, (long, short) => long.endsWith(short));
    return prefix === undefined || suffix === undefined ? undefined : new RefPattern(`${prefix}*${suffix}`);
  }

  /** Returns a matching name, for messages. */
  public example(): string {
    return this.wildcard ? `${this.prefix}1${this.suffix}` : this.text;
  }
}

function longer(a: string, b: string, fits: (long: string, short: string) => boolean): string | undefined {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return fits(long.toLowerCase(), short.toLowerCase()) ? long : undefined;
}
