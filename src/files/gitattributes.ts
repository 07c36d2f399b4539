import { GitPattern } from './git-pattern';
import { FileOf, linesOf } from './gitignore';

/**
 * Returns the attributes that `.gitattributes` files set for a file: by name a value, `set` or `unset`.
 *
 * @see https://git-scm.com/docs/gitattributes
 */
export function gitattributes(path: string, fileOf: FileOf): Map<string, string> {
  const names = path.split('/');
  const attributes = new Map<string, string>();
  for (let depth = 0; depth < names.length; depth++) {
    const text = fileOf(names.slice(0, depth).join('/'));
    for (const line of text === undefined ? [] : linesOf(text)) apply(line, names.slice(depth).join('/'), attributes);
  }
  return attributes;
}

/** A pattern, which may be quoted, and its attributes. */
const LINE = /^[ \t\r]*(?:"((?:[^"\\]|\\.)*)"|([^ \t\r]+))[ \t\r]+(.*)$/s;
/** An attribute: a sign, a name and a value. */
const WORD = /^([-!]?)([A-Za-z0-9_.][-A-Za-z0-9_.]*)(?:=(.*))?$/s;

function apply(line: string, path: string, attributes: Map<string, string>): void {
  const [, quoted, plain, rest] = LINE.exec(line) ?? [];
  const glob = quoted?.replace(/\\(["\\])/g, '$1') ?? plain;
  // not a pattern: a comment, a negated pattern, which git ignores, or the definition of an attribute
  if (glob === undefined || /^[#!]|^\[attr\]/.test(glob) || !new GitPattern(glob).matches(path, false)) return;
  const words = rest.split(/[ \t\r]+/).filter((word) => word !== '').map((word) => WORD.exec(word));
  // git ignores a line with an invalid name
  if (words.includes(null)) return;
  for (const [, sign, name, value] of words as RegExpExecArray[]) {
    if (sign === '!') attributes.delete(name);
    else attributes.set(name, sign === '-' ? 'unset' : value ?? 'set');
  }
}
