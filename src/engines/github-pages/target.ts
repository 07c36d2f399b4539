import { Task } from 'projen';
import { GithubPagesDriverManifest } from './manifest';
import { JobPermission } from '../../ci/github-types';
import { artifactPaths } from '../../delivery/artifact-paths';
import { HealthCheck } from '../../health-checks/health-check';
import { ReleaseIdentity } from '../../health-checks/release-identity';
import { TargetBinding, TargetCapability, TargetContext } from '../../targets/target-binding';
import { TargetCommand } from '../../targets/target-command';
import { isBranch } from '../../validation/branch-name';
import { Duration } from '../../validation/duration';
import { OptionNames, optionsOf, wholeNumber } from '../../validation/option-types';
import { needsOutputs } from '../../validation/url';
import { invalid, show } from '../../validation/validation-error';

/**
 * Options for a target that publishes a folder of files to GitHub Pages. The runtime calls git, which must be installed where the deployment
 * runs. GitHub Pages must be set to deploy from the branch.
 *
 * Each release is a commit that the repository keeps. The branch that GitHub Pages serves says which release is live.
 */
export interface GithubPagesTargetOptions {
  /**
   * The folder with the site's files, relative to the project's directory. It is the delivery's artifact: it is built once and published
   * unchanged.
   */
  readonly directory: string;

  /**
   * The task that builds `directory`, or its name.
   *
   * @default - the folder is already there: the release's own build makes it
   */
  readonly buildTask?: string | Task;

  /**
   * The branch that GitHub Pages serves. It has one commit, which each release replaces with all its files, so the rules of the repository must
   * allow force pushes to it. A branch of source code is rejected: one that triggers deployments, or from which projen releases.
   *
   * @default 'gh-pages'
   */
  readonly branch?: string;

  /**
   * How many releases stay in the repository, 2 to 1000. Each deployment deletes a few of the oldest beyond it, but never the live release or
   * the rollback point.
   *
   * @default 10
   */
  readonly keep?: number;

  /**
   * The name of the file that the target adds to each release. It holds the commit, so that a health check can identify the release that responds.
   *
   * @default 'delivery-release.json'
   */
  readonly releaseFile?: string;

  /**
   * Whether the environment gets a health check of `releaseFile` below its URL. Set it to false if the site is not public.
   *
   * @default true
   */
  readonly releaseCheck?: boolean;
}

const OPTIONS: OptionNames<GithubPagesTargetOptions> = {
  directory: true, buildTask: true, branch: true, keep: true, releaseFile: true, releaseCheck: 'boolean',
};
/** The name that GitHub gives its own environment, which only the branch of the site may deploy to. */
const OF_GITHUB = 'github-pages';
/** The CDN may serve an old response for 10 minutes. */
const PROPAGATION = Duration.minutes(11);

/** A site of GitHub Pages. Its health check depends on the environment. */
export function githubPagesTarget(options: GithubPagesTargetOptions): (context: TargetContext) => TargetBinding {
  optionsOf('Target.githubPages', options, OPTIONS, '{ directory: \'dist\', buildTask: \'bundle\' }');
  const { branch = 'gh-pages', buildTask, releaseCheck = true, releaseFile = 'delivery-release.json' } = options;
  if (typeof branch !== 'string' || !isBranch(branch) || branch.startsWith('refs/')) {
    invalid('Target.githubPages branch', `${show(branch)} is not a valid branch name`, 'Write the name alone, for example \'gh-pages\'');
  }
  if (typeof releaseFile !== 'string' || !/^[\w-][\w.-]*$/.test(releaseFile)) {
    invalid('Target.githubPages releaseFile', `${show(releaseFile)} is not the name of a file in the site's root`, 'Write a name without folders, for example \'delivery-release.json\'');
  }
  if (['CNAME', 'index.html'].includes(releaseFile)) {
    invalid('Target.githubPages releaseFile', `${show(releaseFile)} has a meaning of its own on GitHub Pages`, 'Write another name, for example \'delivery-release.json\'');
  }
  const [directory] = artifactPaths([options.directory], 'Target.githubPages directory');
  const driver: GithubPagesDriverManifest = {
    kind: 'githubPages', directory, branch, keep: wholeNumber('Target.githubPages keep', options.keep ?? 10, 2, 1000), releaseFile,
  };
  return ({ environment, url }) => {
    if (environment.toLowerCase() === OF_GITHUB) {
      invalid('Target.githubPages environment', `${show(environment)} is the environment that GitHub Pages makes for itself, and only the branch of the site may deploy to it`,
        'Choose another name, for example \'docs\'');
    }
    const command = (call: 'deploy' | 'promote' | 'rollback') => TargetCommand._ofDriver(call, driver);
    return {
      commands: { deploy: command('deploy'), promote: command('promote'), rollback: command('rollback') },
      capabilities: [TargetCapability.SLOTS],
      artifact: { paths: [directory], buildTask },
      permissions: { contents: JobPermission.WRITE, pages: JobPermission.WRITE },
      commandTimeout: Duration.minutes(15),
      // a URL that only a deployment knows needs outputs, which this target does not have: the environment rejects it
      healthChecks: releaseCheck && !needsOutputs(url) ? [releaseCheckAt(url, releaseFile)] : [],
    };
  };
}

/** The site of a project is below a path of its owner's host. */
function releaseCheckAt(url: string, releaseFile: string): HealthCheck {
  const { origin, pathname } = new URL(url);
  return HealthCheck.http(new URL(releaseFile, `${origin}${pathname.replace(/\/*$/, '/')}`).href, {
    name: 'release-file', release: ReleaseIdentity.json('sha', { propagation: PROPAGATION }), deadline: Duration.minutes(13), interval: Duration.seconds(5),
  });
}
