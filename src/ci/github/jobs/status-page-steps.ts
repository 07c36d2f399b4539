import { github } from 'projen';
import { expression } from './conditions';
import { StatusPageManifest } from '../../../contract/manifest';
import { pinned } from '../pins';
import { runtime } from './steps';

type Step = github.workflows.JobStep;

const BEFORE = '${{ runner.temp }}/delivery-status-before';
const FOLDER = '${{ runner.temp }}/delivery-status';

/** What of the watch's outputs the page is made of. */
export const PAGE_OUTPUTS = ['measured', 'page_run', 'page_artifact'];

export interface StatusPageStepsOptions {
  readonly page: StatusPageManifest;
  /** Where the outputs of the watch are: `steps.watch.outputs`, or those of each job that watches. */
  readonly outputs: string[];
  /** For the command, with a space before it. */
  readonly words: string;
}

/** Whatever the watch found, unless the run was cancelled. */
const ALWAYS = '!cancelled()';

/** Writes the status page. */
export function statusPageSteps({ outputs, page, words }: StatusPageStepsOptions): Step[] {
  const measured = { DELIVERY_MEASURED: outputs.map((place) => expression(`${place}.measured`)).join('\n') };
  if (page.kind === 'branch') return [{ ...runtime('page', 'write the status page', `page${words}`, measured, {}), if: expression(ALWAYS) }];
  return [
    {
      id: 'page-before',
      name: 'fetch the status page of the run before',
      if: expression(`${ALWAYS} && ${outputs[0]}.page_run != ''`),
      uses: pinned('actions/download-artifact'),
      with: {
        'artifact-ids': expression(`${outputs[0]}.page_artifact`),
        'run-id': expression(`${outputs[0]}.page_run`),
        'github-token': '${{ github.token }}',
        'path': BEFORE,
      },
      // without it the page is begun anew
      continueOnError: true,
    },
    {
      ...runtime('page', 'write the status page', `page --out "$RUNNER_TEMP/delivery-status" --from "$RUNNER_TEMP/delivery-status-before"${words}`, measured, {}),
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
