import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { javascript, Project } from 'projen';
import { objectIn } from '../files/projen-object';

/**
 * Adds the lock file of the workspace to the paths that a push must change, because a push may change only a dependency of the project. Leaves the
 * paths as they are if one of them names the lock file.
 */
export function withWorkspaceLock<T extends string[] | undefined>(paths: T, { root }: Project): T {
  if (!Array.isArray(paths) || paths.length === 0 || !(root instanceof javascript.NodeProject) || !isWorkspace(root)) return paths;
  const { lockFile } = root.package;
  const isNamed = paths.some((path) => typeof path === 'string' && path.replace(/^!?(\.\/)*/, '') === lockFile);
  return (isNamed ? paths : [...paths, lockFile]) as T;
}

/** In a workspace one lock file holds the dependencies of all packages. */
function isWorkspace(root: javascript.NodeProject): boolean {
  if ((root.package.manifest as { workspaces?: unknown }).workspaces !== undefined) return true;
  return root.package.packageManager === javascript.NodePackageManager.PNPM && hasPackages(root);
}

/** pnpm has a file of its own, which projen or a person writes. */
function hasPackages(root: javascript.NodeProject): boolean {
  const file = join(root.outdir, 'pnpm-workspace.yaml');
  const written = javascript.PnpmWorkspaceYaml.of(root)?.file;
  const { packages = [] } = (written && objectIn(written) as { readonly packages?: readonly string[] } | undefined) ?? {};
  return packages.length > 0 || (existsSync(file) && /^packages:/m.test(readFileSync(file, 'utf8')));
}
