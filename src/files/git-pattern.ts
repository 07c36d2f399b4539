/**
 * A pattern of `.gitignore` or `.gitattributes`.
 *
 * @see https://git-scm.com/docs/gitignore#_pattern_format and git's own wildmatch.c
 */
export class GitPattern {
  private readonly isForFolders: boolean;
  /** Whether it matches names in any folder. */
  private readonly isForNames: boolean;
  private readonly text: string;
  /** For patterns with wildcards; null if the pattern matches nothing. */
  private expression?: RegExp | null;

  constructor(text: string) {
    this.isForFolders = text.endsWith('/');
    const path = this.isForFolders ? text.slice(0, -1) : text;
    this.isForNames = !path.includes('/');
    this.text = path.startsWith('/') ? path.slice(1) : path;
  }

  /** @param path relative to the folder of the file that contains the pattern */
  public matches(path: string, isFolder: boolean): boolean {
    if (this.isForFolders && !isFolder) return false;
    const name = this.isForNames ? path.slice(path.lastIndexOf('/') + 1) : path;
    // fast path: most patterns are plain text
    if (!/[*?[\\]/.test(this.text)) return name === this.text;
    this.expression ??= expressionOf(this.text);
    return this.expression?.test(name) ?? false;
  }
}

function expressionOf(pattern: string): RegExp | null {
  const source = sourceOf(pattern);
  return source === undefined ? null : new RegExp(`^${source}$`, 'su');
}

/** A part of a pattern as a regular expression, and the index of the next part. */
interface Part {
  readonly source: string;
  readonly end: number;
}

function sourceOf(pattern: string): string | undefined {
  let source = '';
  for (let at = 0; at < pattern.length;) {
    const part = partAt(pattern, at);
    if (!part) return undefined;
    source += part.source;
    at = part.end;
  }
  return source;
}

function partAt(pattern: string, at: number): Part | undefined {
  const char = pattern[at];
  if (char === '*') return starsAt(pattern, at);
  if (char === '[') return setAt(pattern, at);
  if (char === '?') return { source: '[^/]', end: at + 1 };
  if (char !== '\\') return { source: literal(char), end: at + 1 };
  return at + 1 < pattern.length ? { source: literal(pattern[at + 1]), end: at + 2 } : undefined;
}

/** Two or more stars between slashes match any number of folders. */
function starsAt(pattern: string, at: number): Part {
  let end = at;
  while (pattern[end] === '*') end += 1;
  const isWhole = end - at > 1 && (at === 0 || pattern[at - 1] === '/') && (end === pattern.length || /^\\?\//.test(pattern.slice(end)));
  if (isWhole && pattern[end] === '/') return { source: '(?:.*/)?', end: end + 1 };
  return { source: isWhole ? '.*' : '[^/]*', end };
}

const CLASSES: Record<string, string> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e',
  space: '\\t-\\r ',
  upper: 'A-Z',
  xdigit: 'A-Fa-f0-9',
};

/** Parses `[abc]`, `[a-c]`, `[!abc]`, `[[:alpha:]]`. Returns undefined if it is not closed or names an unknown class. */
function setAt(pattern: string, begin: number): Part | undefined {
  const isNegated = /[!^]/.test(pattern[begin + 1] ?? '');
  let at = begin + (isNegated ? 2 : 1);
  let items = '';
  /** The character at which a range may begin. */
  let before: string | undefined;
  do {
    const [, name] = /^\[:([^\]]*):\]/.exec(pattern.slice(at)) ?? [];
    const isRange = before !== undefined && pattern[at] === '-' && at + 1 < pattern.length && pattern[at + 1] !== ']';
    if (isRange) at += 1;
    if (name !== undefined && !isRange) {
      if (!Object.hasOwn(CLASSES, name)) return undefined;
      items += CLASSES[name];
      at += name.length + 4;
      before = undefined;
      continue;
    }
    if (pattern[at] === '\\') at += 1;
    if (at >= pattern.length) return undefined;
    if (isRange && before! <= pattern[at]) items += `${literal(before!)}-${literal(pattern[at])}`;
    if (!isRange) items += literal(pattern[at]);
    before = isRange ? undefined : pattern[at];
    at += 1;
  } while (pattern[at] !== ']');
  return { source: `(?!/)[${isNegated ? '^' : ''}${items}]`, end: at + 1 };
}

function literal(char: string): string {
  return /\w/.test(char) ? char : `\\u{${char.codePointAt(0)!.toString(16)}}`;
}
