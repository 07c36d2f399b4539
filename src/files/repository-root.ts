import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Returns the root of the git repository if the project is in a subfolder of it, because GitHub reads workflows only at the root. Returns
 * undefined if the project's folder is the root, or if there is no repository yet.
 */
export function repositoryAround(outdir: string): string | undefined {
  for (let folder = outdir; ; folder = dirname(folder)) {
    // .git is a file in a linked worktree and in a submodule
    if (existsSync(join(folder, '.git'))) return folder === outdir ? undefined : folder;
    if (dirname(folder) === folder) return undefined;
  }
}
