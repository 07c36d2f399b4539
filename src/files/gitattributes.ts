import { GitPattern } from './git-pattern';
import { FileOf, linesOf } from './gitignore';

/**
 * What the `.gitattributes` files of a repository say of a file: a value, `set` or `unset` by name.
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

/** A pattern, which may stand in quotes, and what it says. */
const LINE = /^[ \t\r]*(?:"((?:[^"\\]|\\.)*)"|([^ \t\r]+))[ \t\r]+(.*)$/s;
/** A sign, a name and a value. */
const WORD = /^([-!]?)([A-Za-z0-9_.][-A-Za-z0-9_.]*)(?:=(.*))?$/s;

function apply(line: string, path: string, attributes: Map<string, string>): void {
  const [, quoted, plain, rest] = LINE.exec(line) ?? [];
  const glob = quoted?.replace(/\\(["\\])/g, '$1') ?? plain;
  // a definition of an attribute is no pattern, and a negated pattern is none that git reads
  if (glob === undefined || /^[#!]|^\[attr\]/.test(glob) || !new GitPattern(glob).fits(path, false)) return;
  const words = rest.split(/[ \t\r]+/).filter((word) => word !== '').map((word) => WORD.exec(word));
  // git reads nothing of a line that has a name it does not know how to read
  if (words.includes(null)) return;
  for (const [, sign, name, value] of words as RegExpExecArray[]) {
    if (sign === '!') attributes.delete(name);
    else attributes.set(name, sign === '-' ? 'unset' : value ?? 'set');
  }
}
