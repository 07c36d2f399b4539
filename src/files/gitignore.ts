import { GitPattern } from './git-pattern';

/** The rule that decides about a path. */
interface IgnoreVerdict {
  readonly isIgnored: boolean;
  /** The line as it is written. */
  readonly line: string;
  /** The folder of the `.gitignore`; empty for the root. */
  readonly folder: string;
}

/** Returns the content of the file in a folder; undefined if there is none. */
export type FileOf = (folder: string) => string | undefined;

interface Rule {
  readonly line: string;
  readonly isNegated: boolean;
  readonly pattern: GitPattern;
}

/**
 * Evaluates the `.gitignore` files of a repository as git does: the last matching line of the deepest file decides, and a file in an
 * ignored folder cannot be included again.
 *
 * @see https://git-scm.com/docs/gitignore
 */
export class Gitignore {
  private readonly rules = new Map<string, readonly Rule[]>();

  constructor(private readonly fileOf: FileOf) {}

  /** Returns the rule that ignores a file; undefined if git does not ignore it. */
  public ignoring(path: string): IgnoreVerdict | undefined {
    const names = path.split('/');
    for (let count = 1; count <= names.length; count++) {
      const verdict = this.verdictOn(names.slice(0, count), count < names.length);
      if (verdict?.isIgnored) return verdict;
    }
    return undefined;
  }

  private verdictOn(names: string[], isFolder: boolean): IgnoreVerdict | undefined {
    for (let depth = names.length - 1; depth >= 0; depth--) {
      const [folder, path] = [names.slice(0, depth).join('/'), names.slice(depth).join('/')];
      const rule = this.rulesOf(folder).find(({ pattern }) => pattern.matches(path, isFolder));
      if (rule) return { isIgnored: !rule.isNegated, line: rule.line, folder };
    }
    return undefined;
  }

  /** Returns the rules of a folder, the last one first. */
  private rulesOf(folder: string): readonly Rule[] {
    const known = this.rules.get(folder);
    if (known) return known;
    const rules = linesOf(this.fileOf(folder) ?? '').flatMap(ruleOf).reverse();
    this.rules.set(folder, rules);
    return rules;
  }
}

function ruleOf(line: string): Rule[] {
  // a space at the end counts only after a backslash
  const text = line.replace(/^((?:[^\\]|\\.)*?) +$/s, '$1');
  if (text === '' || text.startsWith('#')) return [];
  const isNegated = text.startsWith('!');
  return [{ line, isNegated, pattern: new GitPattern(isNegated ? text.slice(1) : text) }];
}

/** Splits a file as git does. */
export function linesOf(text: string): string[] {
  return text.replace(/^\ufeff/, '').split('\n').map((line) => line.replace(/\r$/, ''));
}
