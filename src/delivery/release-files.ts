import { isDeepStrictEqual } from 'node:util';
import { Project, Task } from 'projen';
import { ArtifactOptions, artifactPaths, releasedPaths } from './artifact';
import type { Environment } from './environment';
import { JobStep } from '../ci/github-types';
import { taskLine } from '../targets/task-line';
import { invalid, show } from '../validation/validation-error';

interface Source {
  /** The option in messages. */
  readonly option: string;
  readonly artifact: ArtifactOptions;
}

/** How a job of the delivery builds the files. */
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
 * The files that are built once and deployed many times. The delivery's options or its targets define them; those of targets are known
 * with the first environments, before any job is written.
 */
export class ReleaseFiles {
  /** The files, if there are any. */
  public paths?: string[];
  /** How they are built, if a job of the delivery builds them. */
  public build?: ReleaseBuild;
  private source?: Source;

  constructor(private readonly options: ReleaseFilesOptions) {}

  /** Takes the artifact of the delivery's options. */
  public define(artifact: ArtifactOptions | undefined): void {
    this.use(artifact === undefined ? undefined : { option: 'artifact', artifact });
  }

  /** The task that builds the files, and the option that names it. */
  public get buildTask(): { readonly option: string; readonly task: string | Task } | undefined {
    const { source } = this;
    return source?.artifact.buildTask === undefined ? undefined : { option: `${source.option}.buildTask`, task: source.artifact.buildTask };
  }

  /**
   * Takes the artifact of the environments' targets.
   *
   * @param added the new environments
   * @param before the environments that have jobs
   */
  public add(added: readonly TargetArtifact[], before: readonly TargetArtifact[]): void {
    for (const { name, target } of added) {
      if (target.artifact) this.takeFrom(`environment ${show(name)} target artifact`, target.artifact, before);
    }
  }

  private takeFrom(option: string, artifact: ArtifactOptions, before: readonly TargetArtifact[]): void {
    const { source } = this;
    if (source && source.option === 'artifact') {
      invalid(option, `the delivery's options define an artifact, too (${show(source.artifact.paths)}), and a delivery has one`,
        'Leave artifact out of the delivery\'s options, or use a target that brings none');
    }
    if (source && !isDeepStrictEqual(plain(source.artifact), plain(artifact))) {
      invalid(option, `it is ${show(artifact.paths)}, which is not what ${source.option} says (${show(source.artifact.paths)}), and a delivery has one artifact`,
        'Let the targets of all environments bring the same artifact');
    }
    if (source) return;
    if (before.length > 0) {
      invalid(option, `the jobs of ${before.map(({ name }) => show(name)).join(', ')}, which were added before, do without it`,
        `Add this environment first, or define the artifact in the delivery's options: artifact: { paths: ${show(artifact.paths)} }`);
    }
    this.use({ option, artifact });
  }

  private use(source: Source | undefined): void {
    const { isReleased, project, setup } = this.options;
    const { artifact, option = 'artifact' } = source ?? {};
    this.paths = isReleased ? releasedPaths(project, artifact, option) : artifact && artifactPaths(artifact.paths, `${option}.paths`);
    this.build = artifact && !isReleased ? { make: buildLine(project, artifact), setupSteps: setup(`${option}.setupSteps`, artifact.setupSteps ?? []) } : undefined;
    this.source = source;
  }
}

type TargetArtifact = Pick<Environment, 'name'> & { readonly target: Pick<Environment['target'], 'artifact'> };

/** Replaces a task by its name, to compare artifacts. */
function plain({ buildTask, ...rest }: ArtifactOptions): object {
  return { ...rest, buildTask: typeof buildTask === 'object' ? buildTask.name : buildTask };
}

function buildLine(project: Project, { buildTask }: ArtifactOptions): string | undefined {
  const name = typeof buildTask === 'string' ? buildTask : buildTask?.name;
  return name === undefined ? undefined : taskLine(project, new Task(name));
}
