import { hasExpression } from '../ci/ci-rules';
import { invalid, show } from '../validation/validation-error';

/** Returns the paths for tar. Rejects paths outside the project, and patterns. */
export function artifactPaths(paths: string[], option = 'artifact.paths'): string[] {
  if (!Array.isArray(paths) || paths.length === 0) {
    invalid(option, `${show(paths)} names no file`, 'Name what the deploy commands need, for example [\'dist\']');
  }
  return paths.map((path) => {
    const plain = typeof path === 'string' ? path.replace(/^(\.\/)+/, '').replace(/\/+$/, '') : '';
    if (plain === '' || plain === '.' || plain.startsWith('/') || plain.split('/').includes('..')) {
      invalid(option, `${show(path)} is not a file or folder inside the project`, 'Name one relative to its directory, for example dist');
    }
    if (/[*?[\]{}'\\\p{Cc}\p{Cs}\p{Bidi_Control}]/u.test(plain) || plain.startsWith('-') || hasExpression(plain)) {
      invalid(option, `${show(path)} is a pattern`, 'Name the folder that holds the files');
    }
    if (/^\.(git|projen|github)(\/|$)/.test(plain)) {
      invalid(option, `${show(path)} is not built`, 'Name what the build makes');
    }
    return plain;
  });
}
