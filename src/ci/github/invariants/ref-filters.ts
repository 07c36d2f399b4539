/**
 * GitHub's filters of branches and tags (`on.push.branches`): the last matching filter decides, and `!` excludes.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */

/** Returns whether a name passes the filters. */
export function passes(name: string, filters: readonly string[]): boolean {
  return filters.reduce((passed, filter) => {
    const isNegative = filter.startsWith('!');
    return fits(name, isNegative ? filter.slice(1) : filter) ? !isNegative : passed;
  }, false);
}

/** Returns whether a filter matches a name. */
function fits(name: string, filter: string): boolean {
  try {
    return new RegExp(`^(?:${patternOf(filter)})$`).test(name);
  } catch {
    // GitHub starts no workflow with such a filter
    return false;
  }
}

/**
 * Returns whether all names that match a pattern with at most one `*` pass the filters; false if unknown.
 *
 * @param excepted known filters, which may exclude names
 */
export function allPass(pattern: string, filters: readonly string[], excepted: readonly string[] = []): boolean {
  const covering = filters.map((filter) => covers(filter, pattern)).lastIndexOf(true);
  return covering >= 0 && filters.slice(covering + 1).every((filter) => !filter.startsWith('!') || excepted.includes(filter) || areApart(filter.slice(1), pattern));
}

/** Returns the name that a filter without wildcards matches. */
export function unescaped(filter: string): string {
  return filter.replaceAll('\\', '');
}

/** Returns whether a filter matches one name only. */
function isLiteral(filter: string): boolean {
  return !/(^|[^\\])[*?+[\]!]/.test(filter);
}

function covers(filter: string, pattern: string): boolean {
  if (filter.startsWith('!')) return false;
  if (filter === pattern || filter === '**') return true;
  // a wildcard of the pattern may match a slash, which `*` does not
  return isLiteral(pattern) && fits(unescaped(pattern), filter);
}

/** Returns whether no name can match both, judged by their beginnings. */
export function areApart(filter: string, pattern: string): boolean {
  const [a, b] = [filter, pattern].map((one) => one.split(/[*?+[\]\\]/)[0]);
  return !a.startsWith(b) && !b.startsWith(a);
}

function patternOf(filter: string): string {
  return filter.replace(/\\(.)|\*\*|\*|\[[^\]]*\]|[?+]|[^\w/-]/g, (token, escaped?: string) => {
    if (escaped !== undefined) return literal(escaped);
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token.length > 1 || token === '?' || token === '+') return token;
    return literal(token);
  });
}

function literal(character: string): string {
  return /\w/.test(character) ? character : `\\${character}`;
}
