import { invalid, show } from '../../../validation/validation-error';

const OPTION = 'Delivery onlyIfChanged';

/**
 * GitHub's path filters for files and folders: a folder stands for everything in it, a pattern for itself. The manifest is one of them,
 * because a changed option is a change too.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */
export function pathFilters(paths: string[], manifest: string): string[] {
  if (!Array.isArray(paths) || paths.length === 0) {
    invalid(OPTION, `${show(paths)} names nothing, so no push would ever deploy`, 'Name what the project is made of, for example [\'packages/api\'], or leave it out');
  }
  const filters = paths.flatMap(filtersOf);
  if (filters[0].startsWith('!')) invalid(OPTION, `${show(paths[0])} excludes from nothing`, 'Say first what counts: what begins with ! takes out of what stands before it');
  return [...filters, manifest];
}

function filtersOf(path: string): string[] {
  const text = typeof path === 'string' ? path : '';
  const not = text.startsWith('!') ? '!' : '';
  const plain = text.slice(not.length).replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  if (plain === '' || plain === '.' || plain.startsWith('/') || plain.split('/').some((part) => part === '..' || part === '')) {
    invalid(OPTION, `${show(path)} is not a file or folder inside the repository`, 'Name one relative to its root, for example packages/api');
  }
  if (/[\\\p{Cc}\p{Cs}\p{Bidi_Control}]/u.test(plain) || plain.startsWith('!') || plain.includes('${{') || /\[[^\]]*$/.test(plain)) {
    invalid(OPTION, `${show(path)} is no filter that GitHub reads`, 'Use forward slashes; * stands for anything without a slash, ** for anything');
  }
  if (/[*?[]/.test(plain)) return [`${not}${plain}`];
  // in a filter + repeats the character before it
  const literal = plain.replaceAll('+', '\\+');
  return [`${not}${literal}`, `${not}${literal}/**`];
}
