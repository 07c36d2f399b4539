import { checkEnvironmentName } from './environment-names';
import { TriggerManifest } from '../contract/manifest';
import { listOf, OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Which tags deploy.
 */
export interface TagTriggerOptions {
  /**
   * Tags that don't deploy although the pattern fits, with one `*` at most: `*-rc`.
   *
   * @default - every tag that fits deploys
   */
  readonly except?: string;

  /**
   * The name of an environment on which the tag's commit must be verified (Stable) already. Where the delivery has an
   * artifact, the one that was verified there is deployed, byte for byte, and nothing is built again.
   *
   * @default - any commit can be tagged and deployed
   */
  readonly requires?: string;
}

const TAG_OPTIONS: OptionNames<TagTriggerOptions> = { except: true, requires: true };

/**
 * Which of the project's releases deploy.
 */
export interface ReleaseTriggerOptions {
  /**
   * The release branches whose releases deploy. The release workflow of any other branch stays as projen writes it. A branch that the
   * project is not released from is an error.
   *
   * @see https://projen.io/docs/publishing/releases/
   * @default - the only release branch; where the project is released from several, naming none is an error
   */
  readonly branches?: string[];

  /**
   * Whether prereleases go to the environment, too: versions like `1.2.3-beta.0`, and branches with a `prerelease`.
   *
   * @default false - such a branch is an error, and such a version is refused when it is planned
   */
  readonly prereleases?: boolean;
}

const RELEASE_OPTIONS: OptionNames<ReleaseTriggerOptions> = { branches: true, prereleases: 'boolean' };

/**
 * What makes a release go to an environment.
 */
export class Trigger {
  /**
   * Every push to a branch.
   *
   * @param name the branch's exact name, no pattern
   */
  public static branch(name: string): Trigger {
    if (typeof name !== 'string' || !isRef(name) || name.includes('*')) {
      invalid('Trigger.branch name', `${show(name)} is not a valid branch name`, 'Write one exact name, for example main: patterns are for Trigger.tag');
    }
    return new Trigger({ kind: 'branch', branch: name });
  }

  /**
   * Every tag that fits a pattern. Beware: a tag that a workflow pushes with its own GITHUB_TOKEN starts no workflow. projen's release
   * workflow does that, so a pattern that fits its tags is an error: say `Trigger.release()`.
   *
   * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow
   * @param pattern with one `*` at most, which stands for anything without a slash: `v*`
   * @param options what else the tag must be
   */
  public static tag(pattern: string, options: TagTriggerOptions = {}): Trigger {
    tagPattern('Trigger.tag pattern', pattern);
    const { except, requires } = optionsOf('Trigger.tag', options, TAG_OPTIONS, '{ requires: \'staging\' }');
    if (except !== undefined) tagPattern('Trigger.tag except', except);
    if (requires !== undefined) checkEnvironmentName('Trigger.tag requires', requires);
    return new Trigger({ kind: 'tag', pattern, except, requires });
  }

  /**
   * A person, who starts the workflow by hand and chooses the environment.
   */
  public static manual(): Trigger {
    return new Trigger({ kind: 'manual' });
  }

  /**
   * A release that was verified on another environment is promoted to this one, in the same run.
   *
   * @param environment the other environment's name
   */
  public static after(environment: string): Trigger {
    checkEnvironmentName('Trigger.after environment', environment);
    return new Trigger({ kind: 'after', environment });
  }

  /**
   * Everything that the project's release workflow releases from a release branch, in the same run: after the release was
   * published everywhere, and not in a dry run, nor again for a version that is there already. What is deployed is called like the
   * release's tag, and its files are those that were released. Needs `workflow: Workflow.ofRelease()`.
   *
   * @see https://projen.io/docs/publishing/releases/
   * @param options which release branches
   */
  public static release(options: ReleaseTriggerOptions = {}): Trigger {
    const { branches, prereleases } = optionsOf('Trigger.release', options, RELEASE_OPTIONS, '{ branches: [\'main\'] }');
    return new Trigger({
      kind: 'release',
      ...(branches !== undefined && { branches: releaseBranches(branches) }),
      ...(prereleases && { prereleases }),
    });
  }

  /** @internal */
  public readonly _manifest: TriggerManifest;

  private constructor(manifest: TriggerManifest) {
    this._manifest = manifest;
  }
}

function releaseBranches(branches: string[]): string[] {
  const option = 'Trigger.release branches';
  if (listOf(option, branches, '\'main\'').length === 0) invalid(option, 'it names no branch, so nothing would ever be deployed', 'Name one, or leave it out');
  for (const branch of branches) {
    if (typeof branch !== 'string' || !isRef(branch) || branch.includes('*')) {
      invalid(option, `${show(branch)} is not a valid branch name`, 'Write the exact names of release branches, for example [\'main\']');
    }
  }
  return [...new Set(branches)];
}

function tagPattern(option: string, pattern: string): void {
  const stars = typeof pattern === 'string' ? pattern.split('*').length - 1 : 0;
  if (stars > 1) {
    invalid(option, `${show(pattern)} has ${stars} *, and a job's condition can only compare a beginning and an end`, 'Use one * at most, for example v*');
  }
  if (typeof pattern !== 'string' || !isRef(pattern.replace('*', 'x'))) {
    invalid(option, `${show(pattern)} is not the name or pattern of a tag`, 'Write a name, or one with a single *, for example v*');
  }
}

/** The names git allows, without those that mean something else in a workflow's filter or expression, or look like another name. */
function isRef(name: string): boolean {
  return name.length > 0 && name.length <= 200
    && !/[\s\p{Cc}\p{Cs}\p{Bidi_Control}~^:?*[\]\\{}!]|\.\.|\/\/|@\{|^[-/.]|[/.]$|\/\.|\.lock$|^@$|^refs\//u.test(name);
}
