import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { javascript, Project } from 'projen';

/**
 * Returns what a push must change to deploy, with the lock file of a workspace: a dependency of the project that only it moved is a change, too. What
 * the paths say of this file counts.
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
  const { obj } = (javascript.PnpmWorkspaceYaml.of(root)?.file ?? {}) as unknown as ProjensFile;
  if (((typeof obj === 'function' ? obj() : obj)?.packages ?? []).length > 0) return true;
  return existsSync(file) && /^packages:/m.test(readFileSync(file, 'utf8'));
}

interface Workspace {
  readonly packages?: readonly string[];
}

/** A private part of projen's file. */
interface ProjensFile {
  readonly obj?: Workspace | (() => Workspace);
}
