/** A pattern in which `*` stands for anything, and what about it is not to the letter. */
export interface GlobPattern {
  readonly glob: string;
  readonly isAnchored: boolean;
  /** It has a `.*`, which in the expression ends at the end of a line. */
  readonly crossesLines: boolean;
}

/** Plain text, and what matches anything: of the simplest expressions, which are the most frequent. */
const SIMPLE = /^(\^)?((?:[^\\^$.*+?()[\]{}|\p{Cc}]|\\[^A-Za-z0-9\p{Cc}]|\.\*|\[\\s\\S\]\*)*)(\$)?$/u;

/**
 * A regular expression as a pattern of Go's `filepath.Match`; undefined where it needs more than plain text, `.*` and anchors.
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
