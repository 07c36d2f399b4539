import { invalid, show } from '../../validation/validation-error';

/** The characters of JavaScript's `\s`. RE2's `\s` has only five of them. */
const SPACE = '\\t\\n\\v\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const NOT_SPACE = '\\x00-\\x08\\x0e-\\x1f!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}'
  + '\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}';
const NOT_LINE_END = '[^\\n\\r\\x{2028}\\x{2029}]';

const SET = '\\\\[dDwWsS]';
const ESCAPED = '\\\\[tnrfv]|\\\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|\\\\x[0-9a-fA-F]{2}|\\\\[!-/:-@[-`{-~ ]';
const IN_CLASS = `(?:${ESCAPED}|[^\\\\[\\]\\ud800-\\udfff-])`;
const CLASS = `\\[(?!\\^?\\])\\^?-?(?:${SET}|${IN_CLASS}-${IN_CLASS}|${IN_CLASS})*-?\\]`;
const COUNT = '(?:[*+?]|\\{\\d+(?:,\\d*)?\\})\\??';
/** Matches one portable construct. */
const TOKEN = new RegExp(`${SET}|\\\\[bB]|${ESCAPED}|${CLASS}|\\(\\?:|\\((?!\\?)|[)|^$.]|${COUNT}|[^\\\\^$.*+?()[\\]{}|\\ud800-\\udfff]`, 'y');

/** Constructs that are not portable, and their fixes. */
const OTHERS: [RegExp, string, string][] = [
  [/^\(\?<?[=!]/, 'look-around', 'Write a pattern without it, or use two conditions'],
  [/^\(\?</, 'a named group', 'Write (...)'],
  [/^\(\?/, 'modifiers in a group', 'Write (?:...)'],
  [/^\\[1-9k]/, 'a back-reference', 'Repeat the text'],
  [/^[\ud800-\udfff]|^\\u[dD]/, 'a character beyond U+FFFF', 'Write . in its place, or leave it out'],
  [/^[{}\]]/, 'a bracket that is not escaped', 'Write a backslash before it'],
  [/^\[/, 'a character class outside of the portable subset', 'In brackets use characters, ranges, \\d, \\w and \\s; escape brackets, and put a hyphen first or last'],
  [/^\\/, 'an escape outside of the portable subset', 'Write the character itself'],
];

/** RE2's limit for a count; nested counts are multiplied. */
const MOST_REPEATS = 1000;

/**
 * Translates a regular expression from JavaScript to RE2, which Go programs use: `.` and `\s` are expanded. Rejects constructs outside
 * the portable subset.
 *
 * @param engine the program that uses the pattern, for the message
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function portablePattern(option: string, source: string, engine: string): string {
  const tokens: string[] = [];
  for (let at = 0; at < source.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const [token] = TOKEN.exec(source) ?? reject(option, source, source.slice(at), engine);
    tokens.push(token);
  }
  if (mostRepeats(tokens) > MOST_REPEATS) {
    invalid(option, `${show(source)} repeats a part more than ${MOST_REPEATS} times, which RE2 does not support, and ${engine} uses RE2`, 'Use smaller counts');
  }
  return tokens.map(forRe2).join('');
}

function reject(option: string, source: string, rest: string, engine: string): never {
  const [, construct, fix] = OTHERS.find(([pattern]) => pattern.test(rest))!;
  return invalid(option, `${show(source)} has ${construct} (${show(rest.slice(0, 6))}), which RE2 does not interpret as JavaScript does, and ${engine} uses RE2`, fix);
}

function forRe2(token: string): string {
  if (token === '.') return NOT_LINE_END;
  if (token === '\\s' || token === '\\S') return `[${expanded(token)}]`;
  return token.startsWith('[') || token.startsWith('\\u') ? token.replace(/\\(?:u[0-9a-fA-F]{4}|[\s\S])/g, expanded) : token;
}

function expanded(escape: string): string {
  if (escape === '\\s') return SPACE;
  if (escape === '\\S') return NOT_SPACE;
  return escape.startsWith('\\u') ? `\\x{${escape.slice(2)}}` : escape;
}

/** Returns the largest product of nested counts. */
function mostRepeats(tokens: readonly string[]): number {
  const open = [1];
  let last = 1;
  for (const token of tokens) {
    const [, least, most] = /^\{(\d+)(?:,(\d*))?\}/.exec(token) ?? [];
    if (least !== undefined) last *= Math.max(Number(least), Number(most || 0), 1);
    else if (/^[*+?]/.test(token)) continue;
    else if (token.startsWith('(')) open.push(last = 1);
    else last = token === ')' ? open.pop()! : 1;
    open.push(Math.max(open.pop()!, last));
  }
  return open[0];
}
