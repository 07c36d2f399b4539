import { existsSync, lstatSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { git, Project } from './project';
import { RehearsalError } from './scenario';
import { Manifest } from '../../src/contract/manifest';

/** What installations leave behind, and git ignores. */
const INSTALLED = ['node_modules', '.venv', '.env', 'venv'];

/** The releases of the checkout on this machine, in a repository of the rehearsal's own: the commit before, and what the work tree holds. */
export class Checkout {
  /** Copies the history to `folder`, which must not exist. Throws `RehearsalError` where there is none. */
  public static copy(project: Project, folder: string, before = 'HEAD'): Checkout {
    const { root } = project;
    if (tried(() => git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${before}^{commit}`)) === undefined) {
      throw new RehearsalError(before === 'HEAD'
        ? `${root} has no commit, and the own commands of a project deploy commits. Commit it first.`
        : `--before ${before}: git knows no such commit. Name a commit or tag of this repository, for example --before HEAD~1`);
    }
    git(root, 'clone', '--quiet', '--no-checkout', '.', folder);
    // no command of a rehearsal pushes to the checkout
    git(folder, 'remote', 'remove', 'origin');
    return new Checkout(project, folder, before);
  }

  private readonly trees: { readonly before: string; readonly checkout: string };

  private constructor(private readonly project: Project, private readonly folder: string, before: string) {
    const { root } = project;
    const excluded = join(git(root, 'rev-parse', '--absolute-git-dir'), 'info', 'exclude');
    git(root, '-c', `core.excludesFile=${excluded}`, '--git-dir', join(folder, '.git'), '--work-tree', root, 'add', '--all');
    this.trees = {
      before: git(folder, 'rev-parse', `${git(root, 'rev-parse', before)}^{tree}`),
      checkout: git(folder, 'write-tree'),
    };
  }

  /** Whether a tag is free for a release. */
  public hasTag(name: string): boolean {
    return tried(() => git(this.folder, 'rev-parse', '--verify', '--quiet', `refs/tags/${name}`)) !== undefined;
  }

  /** Commits the first release, or the one that is rehearsed, with the manifest of the rehearsal; its sha. */
  public commit(release: 'before' | 'checkout', manifest: Manifest, title: string): string {
    git(this.folder, 'read-tree', '--reset', '-u', this.trees[release]);
    this.project.copyDelivery(this.folder, manifest);
    git(this.folder, 'add', '--all', '--force');
    git(this.folder, 'commit', '--quiet', '--allow-empty', '--message', title);
    return git(this.folder, 'rev-parse', 'HEAD');
  }

  /** Gives a job what is installed in the checkout. */
  public linkInstalled(workspace: string): void {
    const { manifest: { project }, root } = this.project;
    for (const folder of new Set(['', project?.directory ?? ''])) {
      for (const name of INSTALLED) {
        const [source, link] = [join(root, folder, name), join(workspace, folder, name)];
        // `.env` may also be a file with secrets
        const isFolder = existsSync(source) && lstatSync(source).isDirectory();
        if (isFolder && existsSync(join(workspace, folder)) && !existsSync(link)) symlinkSync(source, link);
      }
    }
  }
}

/** Undefined where git fails. */
function tried(run: () => string): string | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
