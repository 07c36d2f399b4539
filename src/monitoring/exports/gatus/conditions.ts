import { Difference } from '../engine';

/** A condition of Gatus, its difference from the condition of the health check, or both. */
export interface Condition {
  readonly text?: string;
  readonly difference?: Difference;
}

/** A condition that Gatus does not support. */
export function unsupported(condition: string, why: string): Condition {
  return { difference: { condition, why } };
}

/**
 * Requires that a regular expression matches anywhere in the response.
 *
 * @param condition the option of the health check
 * @param remarks other differences
 * @see https://github.com/TwiN/gatus#functions
 */
export function textCondition(condition: string, source: string, remarks: string[] = []): Condition {
  const found = globPattern(source);
  if (!found) return unsupported(condition, 'Gatus has no regular expressions, only * and ?');
  if (source.includes(' == ')) return unsupported(condition, 'Gatus would read the == in it as an operator');
  const why = [
    ...remarks,
    ...(found.crossesLines ? ['.* also matches line breaks'] : []),
    ...(found.isAnchored ? ['white space around the response is ignored'] : []),
    ...(source.includes('/') ? ['slashes are ignored'] : []),
  ].join('; ');
  return { text: `[BODY] == pat(${found.glob})`, difference: why === '' ? undefined : { condition, why, isRemark: true } };
}

/** A pattern in which `*` matches any text, and its differences from the regular expression. */
interface GlobPattern {
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
