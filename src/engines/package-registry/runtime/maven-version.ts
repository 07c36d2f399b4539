/** One part of a version, and what stands in front of it: a change between digits and letters is a hyphen. */
interface Token {
  readonly isAfterHyphen: boolean;
  readonly value: bigint | string;
}

/** Lowest first; the empty one is the version itself. */
const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const ALIASES: Readonly<Record<string, string>> = { cr: 'rc', final: '', ga: '', release: '' };
/** In front of a digit: `1.0-b2`. */
const SHORT: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' };
const PRERELEASES = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', 'pre', 'preview', 'dev', 'ea', 'pr'];

/** @see https://maven.apache.org/pom.html#version-order-specification */
function tokensOf(version: string): Token[] {
  const tokens: Token[] = [];
  for (const [, separator, word] of `-${version.toLowerCase()}`.matchAll(/([.-]?)(\d+|[^\d.-]+|(?=[.-]|$))/g)) {
    if (word === '' && separator === '') continue;
    tokens.push({ isAfterHyphen: separator !== '.', value: word === '' ? 0n : /^\d/.test(word!) ? BigInt(word!) : word! });
  }
  return withoutNulls(tokens.map((token, i) => ({ ...token, value: qualifier(token.value, tokens[i + 1]) })));
}

/** Only letters that are followed by a number at once are short. */
function qualifier(value: bigint | string, next: Token | undefined): bigint | string {
  if (typeof value === 'bigint') return value;
  const long = next?.isAfterHyphen && typeof next.value === 'bigint' ? SHORT[value] : undefined;
  return long ?? ALIASES[value] ?? value;
}

/** `1.0.0-rc.0` is `1-rc`: nothing that counts as null stands at the end, or in front of a hyphen. */
function withoutNulls(tokens: readonly Token[]): Token[] {
  const kept: Token[] = [];
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i]!;
    const isEnd = kept.length === 0 || kept[0]!.isAfterHyphen;
    if (!(isEnd && isNull(token.value))) kept.unshift(token);
  }
  return kept;
}

function isNull(value: bigint | string): boolean {
  return value === 0n || value === '';
}

/** Negative if the first is lower; 0 also for `1.2` and `1.2.0`. */
export function compareMavenVersions(one: string, other: string): number {
  const [a, b] = [tokensOf(one), tokensOf(other)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = compareTokens(a[i] ?? nullFor(b[i]!), b[i] ?? nullFor(a[i]!));
    if (difference !== 0) return difference;
  }
  return 0;
}

function nullFor({ isAfterHyphen, value }: Token): Token {
  return { isAfterHyphen, value: typeof value === 'bigint' ? 0n : '' };
}

/** A qualifier comes before a number after a hyphen, and that before one after a dot. */
function compareTokens(one: Token, other: Token): number {
  const { value } = one;
  if (typeof value === 'string' || typeof other.value === 'string') {
    return typeof value === typeof other.value ? compareQualifiers(value as string, other.value as string) : typeof value === 'string' ? -1 : 1;
  }
  if (one.isAfterHyphen !== other.isAfterHyphen) return one.isAfterHyphen ? -1 : 1;
  return value < other.value ? -1 : Number(value > other.value);
}

/** Words that have no meaning come after those that have one. */
function compareQualifiers(one: string, other: string): number {
  const [a, b] = [one, other].map((word) => (QUALIFIERS.includes(word) ? QUALIFIERS.indexOf(word) : QUALIFIERS.length));
  if (a !== b) return a! - b!;
  return one < other ? -1 : Number(one > other);
}

export function isMavenPrerelease(version: string): boolean {
  return tokensOf(version).some(({ value }) => typeof value === 'string' && PRERELEASES.includes(value));
}

/** Maven's name of a release's version; undefined if it is none. A snapshot is not final. */
export function mavenVersion(name: string): string | undefined {
  return /^\d[0-9A-Za-z._+-]*$/.test(name) && !/-SNAPSHOT$/i.test(name) ? name : undefined;
}
