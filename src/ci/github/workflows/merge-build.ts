import { github, Project } from 'projen';
import { releaseOf } from './release-workflow';
import { ReleaseFiles } from '../../../delivery/release-files';
import { WorkflowPlace } from '../../../delivery/workflow';
import { invalid } from '../../../validation/validation-error';
import { buildJob, BuildJobOptions } from '../jobs/build-job';
import { WorkflowContext } from '../jobs/steps';

/** What is known of the release's files when the first environments are added. */
export interface MergeBuildOptions {
  readonly project: Project;
  readonly place: WorkflowPlace;
  readonly files: Pick<ReleaseFiles, 'paths' | 'image' | 'build'>;
  readonly runsOn?: string[];
}

/**
 * Returns the job that builds the release of a merge, which is compared and never deployed. Throws `ValidationError` if no job of a pull request
 * can build it.
 */
export function mergeBuildJob(workflowContext: WorkflowContext, options: MergeBuildOptions, condition: string): github.workflows.Job {
  return { ...buildJob(workflowContext, filesOf(workflowContext, options), [condition]), name: 'build the merge' };
}

function filesOf({ toolchainSteps }: WorkflowContext, { files, place, project, runsOn }: MergeBuildOptions): BuildJobOptions {
  const { build, image, paths } = files;
  const option = 'Delivery pullRequests changes';
  if (image) {
    invalid(option, 'the release has an image, and no job of a pull request pushes one', 'Leave it out: the plan of the deployment shows the changes before its approval');
  }
  if (place.kind === 'release') {
    // as projen's release workflow does, without a version
    const folder = releaseOf(project, option).artifactsDirectory;
    return { paths: paths ?? [folder], make: project.runTaskCommand(project.buildTask), setupSteps: toolchainSteps, runsOn };
  }
  if (!paths || !build) invalid(option, 'the release has no files that could be compared', 'Leave it out');
  return { paths, make: build.make, setupSteps: [...toolchainSteps, ...build.setupSteps], runsOn };
}
