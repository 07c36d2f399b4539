import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder of the git repository that a project's folder lies in, if that is another one: GitHub reads workflows at the root only.
 * Undefined where the project's folder is the root, or there is no repository (yet).
 */
export function repositoryAround(outdir: string): string | undefined {
  for (let folder = outdir; ; folder = dirname(folder)) {
    // a file in a linked worktree and in a submodule
    if (existsSync(join(folder, '.git'))) return folder === outdir ? undefined : folder;
    if (dirname(folder) === folder) return undefined;
  }
}
