import { StatusPageManifest } from '../contract/manifest';
import { invalid, show } from '../validation/validation-error';

const ARTIFACT = 'delivery-status';

/**
 * Where the watch writes its status page: one HTML file without scripts, a badge for each environment, and the measurements they are made
 * of.
 */
export class StatusPage {
  /**
   * A branch that holds nothing else, and has no history in common with others. It is made when it is not there, and is one commit, which each
   * run replaces: rules of the repository must allow force pushes to it. A branch that holds something else is never written to. What is pushed there starts no workflow. The job that writes it gets
   * `contents: write`.
   *
   * Everyone who can read the repository can read it: names of environments and checks, versions, times. What a service answered is not in
   * it.
   *
   * @param name the branch's name, for example `delivery-status`
   */
  public static branch(name: string): StatusPage {
    const short = typeof name === 'string' && name.startsWith('refs/heads/') ? name.slice('refs/heads/'.length) : '';
    if (isBranch(short)) invalid('StatusPage.branch name', `${show(name)} is a ref`, `Write the branch's name: ${show(short)}`);
    if (typeof name !== 'string' || !isBranch(name)) invalid('StatusPage.branch name', `${show(name)} is not the name of a branch`, 'Write one, for example delivery-status');
    return new StatusPage(name);
  }

  /**
   * An artifact `delivery-status` of each run of the watch, kept for three days. What was measured before comes from the run before: after
   * three days without a run it is begun anew.
   */
  public static artifact(): StatusPage {
    return new StatusPage();
  }

  /** @internal the branch's name; undefined where it is an artifact */
  public readonly _branch?: string;

  private constructor(branch?: string) {
    this._branch = branch;
  }

  /** @internal */
  public _manifest(nameOf: (base: string) => string): StatusPageManifest {
    return this._branch === undefined ? { kind: 'artifact', name: nameOf(ARTIFACT) } : { kind: 'branch', branch: this._branch };
  }
}

/**
 * What git takes for a branch, as far as it can be in one line of a command or an address.
 * @see https://git-scm.com/docs/git-check-ref-format
 */
function isBranch(name: string): boolean {
  return /^[A-Za-z0-9_][\w./-]{0,199}$/.test(name) && !/\.\.|\/\/|\/\.|\/$|\.$|\.lock(\/|$)/.test(name) && !/^[0-9a-f]{40}$/.test(name);
}
