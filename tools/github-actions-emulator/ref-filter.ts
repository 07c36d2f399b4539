/**
 * The filters of `branches:`, `tags:` and `paths:`.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */

/** Whether a name passes a list of patterns: the last one that matches decides, and one with `!` takes the name out again. */
export function passes(name: string, patterns: string[]): boolean {
  return patterns.reduce((passed, pattern) => {
    const excludes = pattern.startsWith('!');
    return regexOf(excludes ? pattern.slice(1) : pattern).test(name) ? !excludes : passed;
  }, false);
}

/** `?` and `+` are not the shell's: they repeat the character before them, as in a regular expression. */
function regexOf(pattern: string): RegExp {
  const source = pattern.replace(/\\(.)|\*\*|\*|\[[^\]]*\]|[?+]|[.^$(){}|\]\\/]/g, (token, escaped?: string) => {
    if (escaped !== undefined) return escaped.replace(/[^\w]/, '\\$&');
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?' || token === '+' || token.startsWith('[')) return token;
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
