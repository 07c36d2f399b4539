import { github } from 'projen';
import { anyOf, notInFork } from './conditions';
import { outputsOf, runsOn } from './job-settings';
import { pinned } from '../pins';
import { ARTIFACT_NAME, checkoutAll, WorkflowContext } from './steps';
import { BUILD_MINUTES } from './timeouts';
import { ARTIFACT_ID, DIGEST } from '../../../contract/outputs';
import { linesIn } from '../toolchains/toolchain';

/** The files of a release. */
export interface PackedFiles {
  readonly paths: string[];
  /** The shell line that builds them. */
  readonly make?: string;
}

export interface BuildJobOptions extends PackedFiles {
  readonly setupSteps: github.workflows.JobStep[];
  readonly runsOn?: string[];
}

/** Builds the release's files once, as a tar whose name is its digest. */
export function buildJob(workflowContext: WorkflowContext, options: BuildJobOptions, conditions: string[]): github.workflows.Job {
  return {
    name: 'build the release',
    if: buildCondition(conditions),
    ...runsOn(workflowContext, options),
    timeoutMinutes: BUILD_MINUTES,
    permissions: { contents: github.workflows.JobPermission.READ },
    outputs: FILES_OUTPUTS,
    steps: [
      checkoutAll(workflowContext, false),
      ...options.setupSteps,
      ...linesIn(workflowContext.scope.directory, [
        ...(options.make === undefined ? [] : [{ id: 'make', name: 'build', run: options.make }]),
        packStep(options),
      ]),
      keep(workflowContext),
    ],
  };
}

/** The outputs of a job that packs files. */
export const FILES_OUTPUTS = { ...outputsOf('pack', [DIGEST]), ...outputsOf('upload', [ARTIFACT_ID]) };

export function packStep({ paths }: PackedFiles): github.workflows.JobStep {
  return { id: 'pack', name: 'pack the release', shell: 'bash', run: pack(paths) };
}

export function buildCondition(conditions: string[]): string {
  return notInFork(anyOf(conditions));
}

/** Uploads each attempt under its own name: the artifact of an earlier attempt may be Stable, and is found by its id. */
export function keep({ scope }: WorkflowContext): github.workflows.JobStep {
  return {
    id: 'upload',
    name: 'keep the release',
    uses: pinned('actions/upload-artifact'),
    with: { 'name': `${scope.nameOf(ARTIFACT_NAME)}-\${{ github.run_attempt }}`, 'path': '${{ runner.temp }}/delivery/*.tar', 'if-no-files-found': 'error' },
  };
}

/** Packs the files into a reproducible tar. */
export function pack(paths: string[]): string {
  const quoted = paths.map((path) => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path}'`));
  return [
    'mkdir -p "$RUNNER_TEMP/delivery"',
    `tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$RUNNER_TEMP/release.tar" -- ${quoted.join(' ')}`,
    'digest="$(sha256sum "$RUNNER_TEMP/release.tar" | cut -d " " -f 1)"',
    'mv "$RUNNER_TEMP/release.tar" "$RUNNER_TEMP/delivery/$digest.tar"',
    `echo "${DIGEST}=$digest" >> "$GITHUB_OUTPUT"`,
  ].join('\n');
}
