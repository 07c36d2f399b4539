import { Project, release, Task } from 'projen';
import { artifactPaths } from './artifact-paths';
import { ImageArtifact, imageArtifact, ImageArtifactOptions } from './image-artifact';
import { JobStep } from '../ci/github-types';
import { OptionNames, optionsOf } from '../validation/option-types';
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

const ARTIFACT_OPTIONS: OptionNames<ArtifactOptions> = { buildTask: true, paths: true, setupSteps: true };

/**
 * Defines a container image that is built once and deployed many times. For files, use `ArtifactOptions`.
 */
export class Artifact {
  /**
   * Builds a container image once, pushes it once, and deploys it by its digest everywhere. Commands find it as `DELIVERY_IMAGE`
   * (`ghcr.io/acme/shop@sha256:...`). Before anything changes, the registry must have the image that a rollback needs. If the target has files
   * of its own, for example a CDK app or a static site, their build finds `DELIVERY_IMAGE`, too, and a release is the image and the files.
   *
   * @param options the repository, and how the image is built
   * @example
   * Artifact.image({ repository: 'ghcr.io/acme/shop' })
   */
  public static image(options: ImageArtifactOptions): Artifact {
    return new Artifact(imageArtifact(options));
  }

  /** @internal */
  public readonly _definition: ImageArtifact;

  private constructor(definition: ImageArtifact) {
    this._definition = definition;
  }
}

/** Checks what is given as an artifact. Plain JavaScript may pass any value. */
export function checkArtifact(option: string, artifact: ArtifactOptions | Artifact): void {
  if (!(artifact instanceof Artifact)) optionsOf(option, artifact, ARTIFACT_OPTIONS, '{ paths: [\'dist\'] }', option);
}

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
