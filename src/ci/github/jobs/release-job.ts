import { github } from 'projen';
import { keep, pack } from './build-job';
import { releasedCondition } from './conditions';
import { outputsOf, runsOn } from './job-settings';
import { ARTIFACT_ID, DIGEST, RELEASE as RELEASE_OUTPUT } from '../../../contract/outputs';
import { pinned } from '../pins';
import { WorkflowContext } from './steps';
import { fileIn, linesIn } from '../toolchains/toolchain';

/** The ids of projen's jobs in a release workflow: the build, and the publisher that tags the release after all others. */
export const RELEASE = 'release';
export const LAST_PUBLISHER = 'release_github';

/** projen's files next to the released files: the tag, and the permissions. */
const TAG_FILE = 'releasetag.txt';
const PERMISSIONS_FILE = 'permissions-backup.acl';

export interface ReleaseJobOptions {
  /** The folder with the released files. */
  readonly folder: string;
  /** The files to deploy. */
  readonly paths: string[];
  readonly runsOn?: string[];
}

/** Downloads the files that this run released, and keeps them as a tar whose name is its digest. */
export function releaseJob(workflowContext: WorkflowContext, { folder, paths, ...options }: ReleaseJobOptions): github.workflows.Job {
  return {
    name: 'keep the release',
    needs: [RELEASE, LAST_PUBLISHER],
    if: releasedCondition(RELEASE, LAST_PUBLISHER),
    ...runsOn(workflowContext, options),
    timeoutMinutes: 10,
    permissions: { contents: github.workflows.JobPermission.READ },
    outputs: {
      ...outputsOf('pack', [RELEASE_OUTPUT, DIGEST]),
      ...outputsOf('upload', [ARTIFACT_ID]),
    },
    steps: [
      {
        id: 'download',
        name: 'download what was released',
        uses: pinned('actions/download-artifact'),
        with: { 'artifact-ids': `\${{ needs.${RELEASE}.outputs.artifact_id }}`, 'path': fileIn(workflowContext.scope.directory, folder), 'merge-multiple': true },
      },
      ...linesIn(workflowContext.scope.directory, [
        // an artifact does not keep permissions; projen's publishers restore them in the same way
        {
          id: 'permissions',
          name: 'restore the permissions of the files',
          continueOnError: true,
          run: `cd '${folder}' && setfacl --restore=${PERMISSIONS_FILE}`,
        },
        {
          id: 'pack',
          name: 'pack the release',
          shell: 'bash',
          run: [pack(paths), `release="$(head -n 1 '${folder}/${TAG_FILE}')"`, `echo "${RELEASE_OUTPUT}=$release" >> "$GITHUB_OUTPUT"`].join('\n'),
        },
      ]),
      keep(workflowContext),
    ],
  };
}
