import { github } from 'projen';
import { isMap } from './violation';
import { isPatched, writtenWorkflow } from '../workflows/written-workflow';

/** How GitHub runs a step's lines by default. */
const SHELL = 'bash -e {0}';
const DIRECTORY = '.';

/** For jobs of ours in a workflow that says how the lines of all its jobs run: they run as they are written. */
export const RUN_DEFAULTS: github.workflows.JobDefaults = { run: { shell: SHELL, workingDirectory: DIRECTORY } };
/** As it is written. */
export const RUN_DEFAULTS_WRITTEN = { run: { 'shell': SHELL, 'working-directory': DIRECTORY } };

/** Whether `defaults` change how lines run. */
export function changesRunDefaults(defaults: unknown): boolean {
  return isMap(defaults) && defaults.run !== undefined;
}

/** Only an override or a patch can say them: projen has no word for it. */
export function workflowChangesRunDefaults({ file }: github.GithubWorkflow): boolean {
  return file !== undefined && isPatched(file) && changesRunDefaults(writtenWorkflow(file).defaults);
}
