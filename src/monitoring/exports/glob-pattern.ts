/** A pattern in which `*` matches any text, and its differences from the regular expression. */
export interface GlobPattern {
  readonly glob: string;
  readonly isAnchored: boolean;
  /** It contains a `.*`, which in the expression stops at the end of a line. */
  readonly crossesLines: boolean;
}

/** Matches the most frequent expressions: plain text, `.*` and anchors. */
const SIMPLE = /^(\^)?((?:[^\\^$.*+?()[\]{}|\p{Cc}]|\\[^A-Za-z0-9\p{Cc}]|\.\*|\[\\s\\S\]\*)*)(\$)?$/u;

/**
 * Translates a regular expression to a pattern of Go's `filepath.Match`. Returns undefined if it needs more than plain text, `.*` and
 * anchors.
 *
 * @see https://pkg.go.dev/path/filepath#Match
 */
export function globPattern(source: string): GlobPattern | undefined {
  const [all, begin, middle, end] = SIMPLE.exec(source) ?? [];
  if (all === undefined) return undefined;
  const parts: string[] = middle.match(/\\.|\.\*|\[\\s\\S\]\*|./gsu) ?? [];
  const isAny = (part: string) => part === '.*' || part === '[\\s\\S]*';
  const glob = [
    ...(begin ? [] : ['*']),
    ...parts.map((part) => (isAny(part) ? '*' : literal(part.length > 1 && part.startsWith('\\') ? part.slice(1) : part))),
    ...(end ? [] : ['*']),
  ].join('').replace(/\*{2,}/g, '*');
  return { glob, isAnchored: begin !== undefined || end !== undefined, crossesLines: parts.includes('.*') };
}

function literal(char: string): string {
  return /[*?[\]\\-]/.test(char) ? `\\${char}` : char;
}
