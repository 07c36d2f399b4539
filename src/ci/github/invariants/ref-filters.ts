/**
 * GitHub's filters of branches and tags (`on.push.branches`): the last one that fits decides, and `!` takes out.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */

/** Whether a name passes the filters. */
export function passes(name: string, filters: readonly string[]): boolean {
  return filters.reduce((passed, filter) => {
    const isNegative = filter.startsWith('!');
    return fits(name, isNegative ? filter.slice(1) : filter) ? !isNegative : passed;
  }, false);
}

/** Whether one filter fits a name. */
export function fits(name: string, filter: string): boolean {
  try {
    return new RegExp(`^(?:${patternOf(filter)})$`).test(name);
  } catch {
    // GitHub does not start a workflow with such a filter either
    return false;
  }
}

/**
 * Whether everything that a pattern with at most one `*` fits passes the filters. Where that cannot be told it does not.
 *
 * @param excepted filters that are known, and may take out what they do
 */
export function allPass(pattern: string, filters: readonly string[], excepted: readonly string[] = []): boolean {
  const covering = filters.map((filter) => covers(filter, pattern)).lastIndexOf(true);
  return covering >= 0 && filters.slice(covering + 1).every((filter) => !filter.startsWith('!') || excepted.includes(filter) || areApart(filter.slice(1), pattern));
}

/** The name that a filter without wildcards stands for. */
export function unescaped(filter: string): string {
  return filter.replaceAll('\\', '');
}

/** Whether a filter stands for one name only. */
export function isLiteral(filter: string): boolean {
  return !/(^|[^\\])[*?+[\]!]/.test(filter);
}

function covers(filter: string, pattern: string): boolean {
  if (filter.startsWith('!')) return false;
  if (filter === pattern || filter === '**') return true;
  // what stands for the wildcard may hold a slash, which `*` does not fit
  return isLiteral(pattern) && fits(unescaped(pattern), filter);
}

/** Whether nothing can fit both, as far as their beginnings tell. */
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
