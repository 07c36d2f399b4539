import { checkEnvironmentName } from './environment-names';
import { TriggerManifest } from '../contract/manifest';
import { RELEASE_NAME } from '../contract/release-name';
import { listOf, OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options that restrict which tags deploy.
 */
export interface TagTriggerOptions {
  /**
   * A pattern of tags that do not deploy although they match, with at most one `*`: `*-rc`.
   *
   * @default - every matching tag deploys
   */
  readonly except?: string;

  /**
   * The name of an environment on which the tag's commit must already be verified (Stable). If the delivery has an artifact, the files
   * that were verified there are deployed unchanged; nothing is built again.
   *
   * @default - any commit can be tagged and deployed
   */
  readonly requires?: string;
}

const TAG_OPTIONS: OptionNames<TagTriggerOptions> = { except: true, requires: true };

/**
 * Options that restrict which of the project's releases deploy.
 */
export interface ReleaseTriggerOptions {
  /**
   * The release branches whose releases deploy. The release workflows of other branches stay unchanged. A branch from which the project
   * is not released is an error.
   *
   * @see https://projen.io/docs/publishing/releases/
   * @default - the only release branch; required if the project has several
   */
  readonly branches?: string[];

  /**
   * Whether prereleases are deployed too: versions such as `1.2.3-beta.0`, and branches with a `prerelease`.
   *
   * @default false - such a branch is an error, and the plan rejects such a version
   */
  readonly prereleases?: boolean;
}

const RELEASE_OPTIONS: OptionNames<ReleaseTriggerOptions> = { branches: true, prereleases: 'boolean' };

/**
 * Defines what starts the deployment of a release to an environment.
 */
export class Trigger {
  /**
   * Deploys on every push to a branch.
   *
   * @param name the exact name of the branch; patterns are not supported
   */
  public static branch(name: string): Trigger {
    if (typeof name !== 'string' || !isRef(name) || name.includes('*')) {
      invalid('Trigger.branch name', `${show(name)} is not a valid branch name`, 'Write one exact name, for example main: patterns are for Trigger.tag');
    }
    return new Trigger({ kind: 'branch', branch: name });
  }

  /**
   * Deploys on every tag that matches a pattern. A tag that a workflow pushes with its own GITHUB_TOKEN starts no workflow. projen's
   * release workflow does that, so a pattern that matches its tags is an error: use `Trigger.release()` instead.
   *
   * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow
   * @param pattern with at most one `*`, which matches anything except a slash: `v*`
   * @param options further conditions on the tag
   */
  public static tag(pattern: string, options: TagTriggerOptions = {}): Trigger {
    tagPattern('Trigger.tag pattern', pattern);
    releasable('Trigger.tag pattern', pattern);
    const { except, requires } = optionsOf('Trigger.tag', options, TAG_OPTIONS, '{ requires: \'staging\' }');
    if (except !== undefined) tagPattern('Trigger.tag except', except);
    if (requires !== undefined) checkEnvironmentName('Trigger.tag requires', requires);
    return new Trigger({ kind: 'tag', pattern, except, requires });
  }

  /**
   * Deploys only when a person starts the workflow by hand and chooses the environment.
   */
  public static manual(): Trigger {
    return new Trigger({ kind: 'manual' });
  }

  /**
   * Promotes a release to this environment after it was verified on another one, in the same run.
   *
   * @param environment the name of the other environment
   */
  public static after(environment: string): Trigger {
    checkEnvironmentName('Trigger.after environment', environment);
    return new Trigger({ kind: 'after', environment });
  }

  /**
   * Deploys every release of the project's release workflow, in the same run, after the release was published everywhere. A dry run and a
   * version that already exists do not deploy. The deployed version is the tag of the release, and its files are the released files.
   * Requires `workflow: Workflow.ofRelease()`.
   *
   * @see https://projen.io/docs/publishing/releases/
   * @param options the release branches
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
  if (listOf(option, branches, '\'main\'').length === 0) invalid(option, 'it is empty, so nothing would be deployed', 'Add a branch, or remove the option');
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
    invalid(option, `${show(pattern)} has ${stars} *, but a job's condition can compare only a prefix and a suffix`, 'Use at most one *, for example v*');
  }
  if (typeof pattern !== 'string' || !isRef(pattern.replace('*', 'x'))) {
    invalid(option, `${show(pattern)} is not the name or pattern of a tag`, 'Write a name, or one with a single *, for example v*');
  }
}

/** The tag is the name of the release, and not each name of a tag is one. */
function releasable(option: string, pattern: string): void {
  if (RELEASE_NAME.test(pattern.replace('*', 'x'))) return;
  invalid(option, `${show(pattern)} matches only tags that cannot be the name of a release, so none of them could be deployed`,
    'A name has letters, digits and . _ + / @ -, and begins with a letter, a digit or @: write for example v*');
}

/**
 * Accepts the names that git allows, except those with a special meaning in a workflow's filter or expression, and those that look like
 * another name.
 */
function isRef(name: string): boolean {
  return name.length > 0 && name.length <= 200
    && !/[\s\p{Cc}\p{Cs}\p{Bidi_Control}~^:?*[\]\\{}!]|\.\.|\/\/|@\{|^[-/.]|[/.]$|\/\.|\.lock$|^@$|^refs\//u.test(name);
}
