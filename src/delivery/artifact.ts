import { Project, release, Task } from 'projen';
import { hasExpression } from '../ci/ci-rules';
import { JobStep } from '../ci/github-types';
import { OptionNames } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for files that are built once and deployed many times: the files that were verified on one environment are deployed unchanged
 * to the next.
 */
export interface ArtifactOptions {
  /**
   * The task that builds the files, or its name.
   *
   * @default - the files are already in the repository
   */
  readonly buildTask?: string | Task;

  /**
   * Files and folders, relative to the project's directory; patterns are not supported. The deploy commands find them unpacked at the
   * same paths.
   */
  readonly paths: string[];

  /**
   * Steps that the build needs in addition to the toolchain. They run after the toolchain steps and before `buildTask`, in the build job
   * only: without the environment's secrets and without an OIDC token. Actions are pinned and caches left out as in `toolchainSteps`.
   *
   * @default - none
   */
  readonly setupSteps?: JobStep[];
}

export const ARTIFACT_OPTIONS: OptionNames<ArtifactOptions> = { buildTask: true, paths: true, setupSteps: true };

/** Returns the released files to deploy: all of them, or a part. */
export function releasedPaths(project: Project, artifact: ArtifactOptions | undefined, option = 'artifact'): string[] | undefined {
  const folder = release.Release.of(project)?.artifactsDirectory;
  if (artifact?.buildTask !== undefined || artifact?.setupSteps !== undefined) {
    invalid(option, 'the release workflow has built what is released, and that is what is deployed', 'Leave buildTask and setupSteps out: the release\'s own task builds');
  }
  // without a release the workflow is rejected
  if (folder === undefined) return undefined;
  const paths = artifactPaths(artifact?.paths ?? [folder], `${option}.paths`);
  const outside = paths.find((path) => path !== folder && !path.startsWith(`${folder}/`));
  if (outside !== undefined) {
    invalid(`${option}.paths`, `${show(outside)} is not in ${show(folder)}, which holds what is released`, `Let the release's build put it there: ${folder}/${outside}`);
  }
  return paths;
}

/** Returns the paths for tar. Rejects paths outside the project, and patterns. */
export function artifactPaths(paths: string[], option = 'artifact.paths'): string[] {
  if (!Array.isArray(paths) || paths.length === 0) {
    invalid(option, `${show(paths)} names no file`, 'Name what the deploy commands need, for example [\'dist\']');
  }
  return paths.map((path) => {
    const plain = typeof path === 'string' ? path.replace(/^(\.\/)+/, '').replace(/\/+$/, '') : '';
    if (plain === '' || plain === '.' || plain.startsWith('/') || plain.split('/').includes('..')) {
      invalid(option, `${show(path)} is not a file or folder inside the project`, 'Name one relative to its directory, for example dist');
    }
    if (/[*?[\]{}'\\\p{Cc}\p{Cs}\p{Bidi_Control}]/u.test(plain) || plain.startsWith('-') || hasExpression(plain)) {
      invalid(option, `${show(path)} is a pattern`, 'Name the folder that holds the files');
    }
    if (/^\.(git|projen|github)(\/|$)/.test(plain)) {
      invalid(option, `${show(path)} is not built`, 'Name what the build makes');
    }
    return plain;
  });
}
