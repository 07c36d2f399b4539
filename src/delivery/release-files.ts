import { isDeepStrictEqual } from 'node:util';
import { Project, Task } from 'projen';
import { Artifact, ArtifactOptions, releasedPaths } from './artifact';
import { artifactPaths } from './artifact-paths';
import type { Environment } from './environment';
import { ImageArtifact } from './image-artifact';
import { JobStep } from '../ci/github-types';
import { taskLine } from '../targets/commands';
import { invalid, show } from '../validation/validation-error';

interface Source {
  /** The option in messages. */
  readonly option: string;
  readonly artifact: ArtifactOptions | Artifact;
}

/** How a job of the delivery builds the files, or what the image contains. */
export interface ReleaseBuild {
  /** The shell line that builds them; undefined if they are in the repository. */
  readonly make?: string;
  /** The artifact's set-up steps, as the job runs them. */
  readonly setupSteps: JobStep[];
}

export interface ReleaseFilesOptions {
  readonly project: Project;
  /** Whether the project's release workflow builds the files. */
  readonly isReleased: boolean;
  /** Checks and completes the set-up steps of an artifact. */
  readonly setup: (option: string, steps: JobStep[]) => JobStep[];
}

/**
 * What is built once and deployed many times: files, an image, or both. The delivery's options or its targets define it; what targets define is
 * known with the first environments, before any job is written.
 */
export class ReleaseFiles {
  /** The files, if there are any. */
  public paths?: string[];
  /** The image, if there is one. */
  public image?: ImageArtifact;
  /** How the files are built, if a job of the delivery builds them. */
  public build?: ReleaseBuild;
  /** How what the image contains is built. */
  public imageBuild?: ReleaseBuild;
  /** The artifact of the delivery's options, or the only one. */
  private source?: Source;
  /** The files that targets add to the image of the delivery's options. */
  private added?: Source;

  constructor(private readonly options: ReleaseFilesOptions) {}

  /** Takes the artifact of the delivery's options. */
  public define(artifact: ArtifactOptions | Artifact | undefined): void {
    this.source = artifact === undefined ? undefined : { option: 'artifact', artifact };
    if (this.source) this.use(this.source);
    // a release workflow builds files without an artifact
    else this.useFiles('artifact', undefined);
  }

  /** The tasks that build the image and the files, and the options that name them. */
  public get buildTasks(): { readonly option: string; readonly task: string | Task }[] {
    return [this.source, this.added].flatMap((source) => {
      const task = source && buildTaskOf(source.artifact);
      return task === undefined ? [] : [{ option: `${source!.option}.buildTask`, task }];
    });
  }

  /**
   * Takes the artifact of the environments' targets.
   *
   * @param added the new environments
   * @param before the environments that have jobs
   */
  public add(added: readonly TargetArtifact[], before: readonly TargetArtifact[]): void {
    for (const { name, target } of added) {
      if (target.artifact) this.takeFrom({ option: `environment ${show(name)} target artifact`, artifact: target.artifact }, before);
    }
  }

  private takeFrom(from: Source, before: readonly TargetArtifact[]): void {
    const { option, artifact } = from;
    const addsFiles = this.source?.option === 'artifact' && this.source.artifact instanceof Artifact && !(artifact instanceof Artifact);
    const source = addsFiles ? this.added : this.source;
    if (source && source.option === 'artifact') {
      invalid(option, `the delivery's options define an artifact, too (${shown(source.artifact)}), and a delivery has one`,
        'Leave artifact out of the delivery\'s options, or use a target without one');
    }
    if (source && !isDeepStrictEqual(plain(source.artifact), plain(artifact))) {
      invalid(option, `it is ${shown(artifact)}, which is not what ${source.option} says (${shown(source.artifact)}), and a delivery has one artifact`,
        'Use the same artifact in the targets of all environments');
    }
    if (source) return;
    if (before.length > 0) {
      invalid(option, `the jobs of ${before.map(({ name }) => show(name)).join(', ')}, which were added before, do without it`,
        addsFiles ? 'Add this environment first' : `Add this environment first, or define the artifact in the delivery's options: artifact: ${artifact instanceof Artifact ? 'Artifact.image({ ... })' : `{ paths: ${show(artifact.paths)} }`}`);
    }
    if (addsFiles) this.added = from;
    else this.source = from;
    this.use(from);
  }

  private use({ option, artifact }: Source): void {
    if (artifact instanceof Artifact) this.useImage(option, artifact._definition);
    else this.useFiles(option, artifact);
  }

  private useImage(option: string, image: ImageArtifact): void {
    const { isReleased, project, setup } = this.options;
    if (isReleased) {
      invalid(option, 'projen\'s release workflow publishes files, and no job of it builds the image', 'Use Workflow.own() with Trigger.tag(\'v*\'), or deploy the files of the release');
    }
    this.image = image;
    this.imageBuild = { make: buildLine(project, image.buildTask), setupSteps: setup(`${option}.setupSteps`, image.setupSteps) };
  }

  private useFiles(option: string, artifact: ArtifactOptions | undefined): void {
    const { isReleased, project, setup } = this.options;
    this.paths = isReleased ? releasedPaths(project, artifact, option) : artifact && artifactPaths(artifact.paths, `${option}.paths`);
    if (!artifact || isReleased) return;
    const setupSteps = setup(`${option}.setupSteps`, artifact.setupSteps ?? []);
    this.build = { make: buildLine(project, artifact.buildTask), setupSteps: setupSteps.filter((step) => !this.hasSetupStep(`${option}.setupSteps`, step)) };
  }

  /** Whether the image's build has this very step. Both run in one job. */
  private hasSetupStep(option: string, step: JobStep): boolean {
    const same = this.imageBuild?.setupSteps.find(({ id }) => id !== undefined && id === step.id);
    if (same && !isDeepStrictEqual(same, step)) invalid(option, `the id ${show(step.id)} is that of another step of Artifact.image setupSteps, and both run in the job that builds`, 'Choose another id');
    return same !== undefined;
  }
}

type TargetArtifact = Pick<Environment, 'name'> & { readonly target: Pick<Environment['target'], 'artifact'> };

function buildTaskOf(artifact: ArtifactOptions | Artifact): string | Task | undefined {
  return artifact instanceof Artifact ? artifact._definition.buildTask : artifact.buildTask;
}

/** For messages. */
function shown(artifact: ArtifactOptions | Artifact): string {
  return artifact instanceof Artifact ? `an image of ${show(artifact._definition.manifest.repository)}` : show(artifact.paths);
}

/** Replaces a task by its name, to compare artifacts. */
function plain(artifact: ArtifactOptions | Artifact): object {
  const { buildTask, ...rest } = artifact instanceof Artifact ? artifact._definition : artifact;
  return { ...rest, buildTask: typeof buildTask === 'object' ? buildTask.name : buildTask };
}

function buildLine(project: Project, buildTask: string | Task | undefined): string | undefined {
  const name = typeof buildTask === 'string' ? buildTask : buildTask?.name;
  return name === undefined ? undefined : taskLine(project, new Task(name));
}
