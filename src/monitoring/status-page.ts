import { StatusPageManifest } from '../contract/manifest';
import { isBranch } from '../validation/branch-name';
import { invalid, show } from '../validation/validation-error';

const ARTIFACT = 'delivery-status';

/**
 * The place to which the watch publishes its status page: one HTML file without scripts, a badge for each environment, and the underlying
 * measurements.
 */
export class StatusPage {
  /**
   * Publishes the page on a branch of its own, with no history in common with other branches. The branch is created if it does not exist.
   * It has one commit, which each run replaces, so the rules of the repository must allow force pushes to it. A branch with other content
   * is never overwritten. The pushes start no workflow. The job that writes the page gets `contents: write`.
   *
   * Everyone who can read the repository can read the page: names of environments and checks, versions and times. Responses of the
   * service are not part of it.
   *
   * @param name the name of the branch, for example `delivery-status`
   */
  public static branch(name: string): StatusPage {
    const short = typeof name === 'string' && name.startsWith('refs/heads/') ? name.slice('refs/heads/'.length) : '';
    if (isBranch(short)) invalid('StatusPage.branch name', `${show(name)} is a ref`, `Write the name of the branch: ${show(short)}`);
    if (typeof name !== 'string' || !isBranch(name)) invalid('StatusPage.branch name', `${show(name)} is not a valid branch name`, 'Write a name such as delivery-status');
    return new StatusPage(name);
  }

  /**
   * Publishes the page as an artifact `delivery-status` of each run of the watch, which is kept for three days. Each run continues the
   * measurements of the run before. After three days without a run, the measurements start again.
   */
  public static artifact(): StatusPage {
    return new StatusPage();
  }

  /** @internal The name of the branch; undefined for an artifact. */
  public readonly _branch?: string;

  private constructor(branch?: string) {
    this._branch = branch;
  }

  /** @internal */
  public _manifest(nameOf: (base: string) => string): StatusPageManifest {
    return this._branch === undefined ? { kind: 'artifact', name: nameOf(ARTIFACT) } : { kind: 'branch', branch: this._branch };
  }
}
