import { github } from 'projen';
import { expression } from './conditions';
import { runtime } from './steps';
import { CommandWords, commandWords, OPTION } from '../../../contract/command-line';
import { JOB_VARIABLE } from '../../../contract/environment-variables';
import { StatusPageManifest } from '../../../contract/manifest';
import { MEASURED, PAGE_ARTIFACT, PAGE_RUN } from '../../../contract/outputs';
import { pinned } from '../pins';

type Step = github.workflows.JobStep;

const BEFORE = '${{ runner.temp }}/delivery-status-before';
const FOLDER = '${{ runner.temp }}/delivery-status';

/** The outputs of the watch that the page uses. */
export const PAGE_OUTPUTS = [MEASURED, PAGE_RUN, PAGE_ARTIFACT];

export interface StatusPageStepsOptions {
  readonly page: StatusPageManifest;
  /** The paths of the watch's outputs: `steps.watch.outputs`, or one for each job that watches. */
  readonly outputs: string[];
  /** The command's option for a subproject. */
  readonly project: CommandWords['options'];
}

/** With any result of the watch, unless the run is cancelled. */
const ALWAYS = '!cancelled()';

/** Writes the status page. */
export function statusPageSteps({ outputs, page, project }: StatusPageStepsOptions): Step[] {
  const measured = { [JOB_VARIABLE.MEASURED]: outputs.map((place) => expression(`${place}.${MEASURED}`)).join('\n') };
  if (page.kind === 'branch') return [{ ...runtime('page', 'write the status page', commandWords('page', { options: project }), measured, {}), if: expression(ALWAYS) }];
  return [
    {
      id: 'page-before',
      name: 'fetch the status page of the run before',
      if: expression(`${ALWAYS} && ${outputs[0]}.${PAGE_RUN} != ''`),
      uses: pinned('actions/download-artifact'),
      with: {
        'artifact-ids': expression(`${outputs[0]}.${PAGE_ARTIFACT}`),
        'run-id': expression(`${outputs[0]}.${PAGE_RUN}`),
        'github-token': '${{ github.token }}',
        'path': BEFORE,
      },
      // without it the page starts again
      continueOnError: true,
    },
    {
      ...runtime('page', 'write the status page', commandWords('page', { options: { [OPTION.OUT]: '"$RUNNER_TEMP/delivery-status"', [OPTION.FROM]: '"$RUNNER_TEMP/delivery-status-before"', ...project } }), measured, {}),
      if: expression(ALWAYS),
    },
    {
      id: 'page-keep',
      name: 'keep the status page',
      if: expression(`${ALWAYS} && steps.page.outcome == 'success'`),
      uses: pinned('actions/upload-artifact'),
      with: { 'name': page.name, 'path': FOLDER, 'retention-days': 3, 'overwrite': true },
    },
  ];
}
