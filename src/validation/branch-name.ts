/**
 * Restricts the branch names that git allows to those that are safe in a command line or URL.
 * @see https://git-scm.com/docs/git-check-ref-format
 */
export function isBranch(name: string): boolean {
  return /^[A-Za-z0-9_][\w./-]{0,199}$/.test(name) && !/\.\.|\/\/|\/\.|\/$|\.$|\.lock(\/|$)/.test(name) && !/^[0-9a-f]{40}$/.test(name);
}
