import { GitPattern } from './git-pattern';

/** What decides about a path. */
export interface IgnoreVerdict {
  readonly isIgnored: boolean;
  /** The line, as it was written. */
  readonly line: string;
  /** The folder of the `.gitignore` that it stands in: empty for the root. */
  readonly folder: string;
}

/** What a `.gitignore` holds; undefined where there is none. */
export type FileOf = (folder: string) => string | undefined;

interface Rule {
  readonly line: string;
  readonly isNegated: boolean;
  readonly pattern: GitPattern;
}

/**
 * The rules of a repository's `.gitignore` files, evaluated as git does: of the lines that fit, the last one of the deepest file decides,
 * and nothing in an ignored folder can be taken out of it.
 *
 * @see https://git-scm.com/docs/gitignore
 */
export class Gitignore {
  private readonly rules = new Map<string, readonly Rule[]>();

  constructor(private readonly fileOf: FileOf) {}

  /** The rule that ignores a file; undefined for a file that git sees. */
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
      const rule = this.rulesOf(folder).find(({ pattern }) => pattern.fits(path, isFolder));
      if (rule) return { isIgnored: !rule.isNegated, line: rule.line, folder };
    }
    return undefined;
  }

  /** The last one first. */
  private rulesOf(folder: string): readonly Rule[] {
    const known = this.rules.get(folder);
    if (known) return known;
    const rules = linesOf(this.fileOf(folder) ?? '').flatMap(ruleOf).reverse();
    this.rules.set(folder, rules);
    return rules;
  }
}

function ruleOf(line: string): Rule[] {
  // a space at the end counts only behind a backslash
  const text = line.replace(/^((?:[^\\]|\\.)*?) +$/s, '$1');
  if (text === '' || text.startsWith('#')) return [];
  const isNegated = text.startsWith('!');
  return [{ line, isNegated, pattern: new GitPattern(isNegated ? text.slice(1) : text) }];
}

/** The lines of a file that git reads. */
export function linesOf(text: string): string[] {
  return text.replace(/^\ufeff/, '').split('\n').map((line) => line.replace(/\r$/, ''));
}
